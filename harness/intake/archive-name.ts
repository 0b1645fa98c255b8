const ENDING = /\.(zip|tar|tar\.gz|tgz)$/i;
const FOREIGN = /\.(rar|7z|tar\.(xz|bz2|zst|lz|lzma|z)|txz|tbz2?|tzst|xz|bz2|zst|gz|cab|iso)$/i;

/** True for the name of an archive, by its ending: of a kind that is read, or of one that is only recognised. */
export function isArchiveName(name: string): boolean {
  return ENDING.test(name) || FOREIGN.test(name);
}

/** The name without the ending of an archive. */
export function withoutArchiveEnding(name: string): string {
  return name.replace(ENDING, '').replace(FOREIGN, '');
}
