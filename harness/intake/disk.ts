import { constants, type Dirent, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { quote } from './quote.ts';
import { Refusal, SourceTrouble } from './refusal.ts';

const TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the path',
  ENOTDIR: 'does not exist, part of its path is a file; check the path',
  EACCES: 'may not be read; grant read permission to it and to the folders it lies in',
  EPERM: 'may not be read; grant read permission to it and to the folders it lies in',
  ELOOP: 'leads through a symbolic link; put the file itself in its place',
  ENAMETOOLONG: 'has too long a path; shorten it',
};

/** Windows has neither flag, and neither trap. */
const READ_ONLY_NO_TRAPS =
  constants.O_RDONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** Runs a file system operation on what people know as `shown`; what the system refuses becomes a {@link Refusal}. */
export async function onDisk<T>(shown: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const trouble = TROUBLE[code];
    // What is no valid text cannot be asked for again under the name that was read.
    if (code === 'ENOENT' && shown.includes('\uFFFD'))
      throw new Refusal(`${quote(shown)} has an invalid character in its name; rename it.`);
    if (trouble !== undefined) throw new Refusal(`${quote(shown)} ${trouble}.`);
    throw new SourceTrouble(
      `${quote(shown)} cannot be read (${code}); look after the disk and try again.`,
    );
  }
}

/** @throws {Refusal} for anything but regular files and folders: a link may lead anywhere, and reading a pipe may never end. */
export function refuseSpecial(entry: Dirent | Stats, shown: string): void {
  if (entry.isFile() || entry.isDirectory()) return;
  if (entry.isSymbolicLink()) {
    throw new Refusal(
      `${quote(shown)} is a symbolic link, which is never followed; put what it points to in its place.`,
    );
  }
  const kind = entry.isFIFO() ? 'a named pipe' : entry.isSocket() ? 'a socket' : 'a device';
  throw new Refusal(`${quote(shown)} is ${kind}, not a file or folder; remove it.`);
}

/**
 * The bytes of a regular file, or null when there are more than `limit`. Neither follows a link nor waits for the other end of a
 * pipe, even where one has just taken the file's place.
 */
export function readRegularFile(
  path: string,
  shown: string,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return onDisk(shown, async () => {
    const handle = await open(path, READ_ONLY_NO_TRAPS);
    try {
      const stats = await handle.stat();
      refuseSpecial(stats, shown);
      if (stats.size > limit) return null;

      // One byte more than there should be, to notice that there are more.
      const bytes = new Uint8Array(stats.size + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
        length += bytesRead;
        if (bytesRead === 0) return bytes.subarray(0, length);
        if (length === bytes.length) {
          throw new Refusal(`${quote(shown)} changes while it is read; copy it and try again.`);
        }
      }
    } finally {
      await handle.close();
    }
  });
}
