/** Bytes in one file of code. A model pager has about 20 KiB. */
export const MAX_FILE_BYTES = 256 * 1024;

/** Files of code in one submission. */
export const MAX_FILES = 200;

/** Bytes in all files of code of one submission. */
export const MAX_TOTAL_BYTES = 1024 * 1024;

/** Files and folders looked at, of every kind, in one submission. */
export const MAX_ENTRIES = 2000;

/** Bytes in the archive of one submission, which is held in memory while it is read. */
export const MAX_ARCHIVE_BYTES = 32 * 1024 * 1024;

/** Characters in one path inside a submission. */
export const MAX_PATH_LENGTH = 512;

/** Folders in folders on the way to a file, those of a class included. */
export const MAX_DEPTH = 32;

/** Bytes in the list of submissions that a platform exports. */
export const MAX_METADATA_BYTES = 32 * 1024 * 1024;

/** How much of an archive is read. */
export interface ArchiveLimits {
  /** Bytes of the archive. */
  readonly packed: number;
  /** Files, folders and whatever else it lists; folders on the way to files, too, as many. */
  readonly entries: number;
  /** Bytes of a compressed stream, unpacked; most are only passed by. */
  readonly unpacked: number;
  /** Bytes of a stream that are kept, since it cannot be read twice. */
  readonly kept: number;
}

/** Of an archive that is a submission. */
export const SUBMISSION_LIMITS: ArchiveLimits = {
  packed: MAX_ARCHIVE_BYTES,
  entries: MAX_ENTRIES,
  unpacked: 256 * 1024 * 1024,
  kept: 64 * 1024 * 1024,
};

/** Of an archive that holds the submissions of a class. */
export const CLASS_LIMITS: ArchiveLimits = {
  packed: 512 * 1024 * 1024,
  entries: 100_000,
  unpacked: 4 * 1024 * 1024 * 1024,
  kept: 512 * 1024 * 1024,
};

/** A stream that unpacks to more than this many times its size is a bomb, once it has unpacked `BOMB_BYTES`. Code packs 3 to 10 times. */
export const BOMB_RATIO = 200;
export const BOMB_BYTES = 64 * 1024 * 1024;

/** Members of a class in one folder. */
export const MAX_MEMBERS = 20_000;

/** A number with its thousands apart: `2,000`. The same in every locale. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** A number of bytes, as whole MiB. */
export function mebibytes(bytes: number): string {
  return `${count(bytes / 1024 / 1024)} MiB`;
}
