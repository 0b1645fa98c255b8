import { createHash } from 'node:crypto';

/** SHA-256, in hexadecimal, of files by path: independent of the order they come in, and of what they came in. */
export function digestOf(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].sort()) {
    const bytes = files.get(path)!;
    // Lengths first: no two sets of files run together into the same bytes.
    hash.update(`${Buffer.byteLength(path)}:${path}${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex');
}
