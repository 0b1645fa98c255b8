/** Bytes in one file of code. A model pager has about 20 KiB. */
export const MAX_FILE_BYTES = 256 * 1024;

/** Files of code in one submission. */
export const MAX_FILES = 200;

/** Bytes in all files of code of one submission. */
export const MAX_TOTAL_BYTES = 4 * 1024 * 1024;

/** Files and folders looked at, of every kind, in one folder or zip. */
export const MAX_ENTRIES = 2000;

/** Bytes in one zip file, which is held in memory while it is read. */
export const MAX_ARCHIVE_BYTES = 32 * 1024 * 1024;

/** Characters in one path inside a submission. */
export const MAX_PATH_LENGTH = 512;

/** A number with its thousands apart: `2,000`. The same in every locale. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}
