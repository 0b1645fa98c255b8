/**
 * The confined side of a pipe: whole messages, read and written without ever giving control to the event loop. As long as it does not turn,
 * no timer, promise or rejection of the code in this process can run.
 */
import { readSync, writeSync } from 'node:fs';

/** Where the parent writes, and where it reads. */
const REQUESTS = 3;
const REPLIES = 4;

/** Longest length that fits the header; says "too long" to a parent, whatever its limit. */
const TOO_LONG = 0xffff_ffff;

// Taken before anything is deleted from the global object.
const { parse, stringify } = JSON;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const { wait } = Atomics;

/** The next request, or `undefined` once the parent has closed the pipe. */
export function receive(): unknown {
  const header = readExactly(4);
  if (header === undefined) return undefined;
  const body = readExactly(header.readUInt32LE(0));
  return body === undefined ? undefined : (parse(body.toString('utf8')) as unknown);
}

/** Writes one message. A value too long for a string is announced as such, and the parent gives up on this process. */
export function send(message: unknown): void {
  const header = Buffer.alloc(4);
  let body: Buffer;
  try {
    body = Buffer.from(stringify(message), 'utf8');
    header.writeUInt32LE(body.length);
  } catch {
    header.writeUInt32LE(TOO_LONG);
    writeAll(header);
    return;
  }
  writeAll(header);
  writeAll(body);
}

function readExactly(length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const count = patiently(() => readSync(REQUESTS, bytes, at, length - at, null));
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

function writeAll(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;)
    at += patiently(() => writeSync(REPLIES, bytes, at, bytes.length - at));
}

/** A pipe that does not block answers `EAGAIN`, a closed one ends on some systems with `EOF`. */
function patiently(transfer: () => number): number {
  for (;;) {
    try {
      return transfer();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      wait(sleeper, 0, 0, 1);
    }
  }
}
