/** How much memory and processor time a process and its children have taken, as Linux tells. */
import { readFileSync } from 'node:fs';

/** Processes between the one that was started and the one that does the work: what isolates it. */
const MOST_DEPTH = 3;
/** Linux counts processor time in hundredths of a second, on every machine (USER_HZ). Source: proc_pid_stat(5). */
const TICK_MS = 10;

/** MiB of a process and all it has started; 0 where nobody knows. */
export function residentMib(pid: number): number {
  return sumOver(pid, MOST_DEPTH, (folder) => {
    const [, kib = 0] = /VmRSS:\s+(\d+)/.exec(textOf(`${folder}/status`)) ?? [];
    return Number(kib) / 1024;
  });
}

/** Milliseconds of processor time that a process and all it has started have used, in all threads together; `null` where nobody knows. */
export function processorMs(pid: number): number | null {
  if (textOf(`/proc/${String(pid)}/stat`) === '') return null;
  return sumOver(pid, MOST_DEPTH, (folder) => {
    // The name of the program, in brackets, may hold anything. After it come the state and ten numbers, then user and system time.
    const fields = textOf(`${folder}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
  });
}

function sumOver(pid: number, depth: number, of: (folder: string) => number): number {
  const folder = `/proc/${String(pid)}`;
  if (depth === 0) return of(folder);
  const children = textOf(`${folder}/task/${String(pid)}/children`)
    .split(' ')
    .filter(Boolean);
  return children.reduce((sum, child) => sum + sumOver(Number(child), depth - 1, of), of(folder));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It is gone, or /proc is not there.
    return '';
  }
}
