/** What ends the command early: each has a sentence for the user, and an exit code. */

/** The command line makes no sense. The message says what, and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Results could not be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** Writes what is at `path`, by `body`. Throws an {@link OutputError} that names it. */
export async function writing(path: string, body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    throw new OutputError(`Cannot write ${path}: ${systemReason(error)}.`);
  }
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file is in the way',
  EISDIR: 'a folder is in the way',
  ENOENT: 'it is not there',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files',
  EIO: 'the disk reports an error',
};

/** Why a call of the operating system failed, without its code and its path. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : SYSTEM_WORDS[code]) ?? error.message;
}
