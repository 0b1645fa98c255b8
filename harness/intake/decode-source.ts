import { isUtf8 } from 'node:buffer';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';

/**
 * The text of a file of code, without a byte order mark.
 *
 * @throws {Refusal} when the bytes are not UTF-8; they are not guessed at, since what is graded must be what the student wrote.
 */
export function decodeSource(bytes: Uint8Array, path: string): string {
  if (isUtf16(bytes)) {
    throw new Refusal(`${quote(path)} is saved as UTF-16; save it as UTF-8.`);
  }
  if (!isUtf8(bytes)) {
    throw new Refusal(
      `${quote(path)} is not valid UTF-8 in line ${firstBadLine(bytes)}; save it as UTF-8.`,
    );
  }
  return new TextDecoder().decode(bytes);
}

/** By its byte order mark, which never begins valid UTF-8. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** No sequence of UTF-8 contains a line feed, so that lines can be judged one by one. */
function firstBadLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}
