import { isUtf8 } from 'node:buffer';
import yauzl, { type Entry } from 'yauzl';

/** File types in the upper half of the external attributes, as in `st_mode` (POSIX, "<sys/stat.h>"). */
const TYPE = 0o170000;
const FOLDER = 0o040000;
const REGULAR = 0o100000;
const LINK = 0o120000;
/** MS-DOS: the entry is a folder, even where its name has no slash at the end. */
const DOS_FOLDER = 0x10;

const UTF8_FLAG = 0x800;

/** Systems, in the upper byte of "version made by", whose paths have backslashes (APPNOTE.TXT, section 4.4.2): MS-DOS, NTFS, VFAT. */
const WINDOWS = new Set([0, 10, 14]);

/**
 * The path of an entry, as stored. Not every program that writes UTF-8 says so (the Finder does not), hence bytes that are UTF-8 are
 * read as such; others are in code page 437 (APPNOTE.TXT, appendix D). Invalid bytes give U+FFFD, backslashes stay.
 */
export function entryName(entry: Entry): string {
  const flags = entry.generalPurposeBitFlag | (isUtf8(entry.fileNameRaw) ? UTF8_FLAG : 0);
  return yauzl.getFileNameLowLevel(flags, entry.fileNameRaw, entry.extraFields, true);
}

/** What an entry stands for, whichever system it says it comes from; neither link nor device may come in by lying about that. */
export function entryKind(
  entry: Entry,
  isWindows = false,
): 'file' | 'folder' | 'a symbolic link' | 'a special file' {
  const type = (entry.externalFileAttributes >>> 16) & TYPE;
  if (type === LINK) return 'a symbolic link';
  if (type !== 0 && type !== FOLDER && type !== REGULAR) return 'a special file';
  const isFolder =
    type === FOLDER ||
    entryName(entry).endsWith(isWindows ? '\\' : '/') ||
    (type === 0 && (entry.externalFileAttributes & DOS_FOLDER) !== 0);
  return isFolder ? 'folder' : 'file';
}

/**
 * True for an archive whose paths have backslashes where slashes belong, as old programs for Windows write them. Where there are
 * slashes, too, or another system wrote the archive, a backslash is part of a name.
 */
export function hasWindowsPaths(entries: readonly Entry[]): boolean {
  const names = entries.map(entryName);
  return (
    entries.every((entry) => WINDOWS.has(entry.versionMadeBy >>> 8)) &&
    names.some((name) => name.includes('\\')) &&
    !names.some((name) => name.includes('/'))
  );
}
