/** Reads files of vectors: JSON lines, packed with gzip or not. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { PassThrough } from 'node:stream';
import { type Difference, replay } from './replay.ts';
import type { Vector } from './vector.ts';

/** How a file came out. */
export interface FileResult {
  readonly passed: number;
  readonly failures: readonly Difference[];
}

/** Replays every vector of a file. Rejects if the file cannot be read; a line that is no vector is a failure. */
export async function replayFile(path: string): Promise<FileResult> {
  const packed = await isPacked(path);
  const lines = new PassThrough();
  const file = createReadStream(path);
  const reading = packed ? pipeline(file, createGunzip(), lines) : pipeline(file, lines);
  // Told by the loop below, which ends early when the file breaks off.
  reading.catch(() => undefined);
  const failures: Difference[] = [];
  let passed = 0;
  let number = 0;
  for await (const line of createInterface({ input: lines, crlfDelay: Infinity })) {
    number++;
    if (line.trim() === '') continue;
    const failure = replayLine(line, number);
    if (failure === null) passed++;
    else failures.push(failure);
  }
  await reading;
  return { passed, failures };
}

/** Whether a file begins as gzip does, whatever it is called. Rejects if it cannot be read. */
async function isPacked(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
  } finally {
    await file.close();
  }
}

function replayLine(line: string, number: number): Difference | null {
  let id = `line ${String(number)}`;
  try {
    const vector = JSON.parse(line) as Vector;
    ({ id = id } = vector);
    return replay(vector);
  } catch (error) {
    return { id, expected: 'a vector', got: String(error) };
  }
}
