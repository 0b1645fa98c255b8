/** Bytes as they are told to the grader: runs of equal ones. */

/** A byte, and how many times it comes. */
export type ByteRun = [byte: number, count: number];

/** Adds one more byte to the end. */
export function addByte(runs: ByteRun[], byte: number): void {
  const last = runs[runs.length - 1];
  if (last?.[0] === byte) last[1]++;
  else runs.push([byte, 1]);
}
