/** What is told by the header of a tar file (POSIX pax, "ustar Interchange Format"). */

/** Bytes of a header; data and the end of an archive are filled up to as many. */
export const BLOCK = 512;
/** Where it has `ustar`; GNU tar has it, too. */
const MAGIC_AT = 257;
/** Its checksum, which is summed as if it were spaces. */
const CHECKSUM = { from: 148, to: 156 } as const;
const SPACE = 0x20;

/** Whether `archive` begins with a header: of today, or of a program older than `ustar`, where the checksum is all that tells. */
export function beginsWithHeader(archive: Buffer): boolean {
  const header = archive.subarray(0, BLOCK);
  if (header.toString('latin1').startsWith('ustar', MAGIC_AT)) return true;
  if (header.length < BLOCK) return false;
  const said = header.toString('latin1', CHECKSUM.from, CHECKSUM.to).replace(/[ \0]+/gu, '');
  return /^[0-7]+$/u.test(said) && Number.parseInt(said, 8) === checksum(header);
}

/** Whether a header has nothing but zeros, apart from the checksum: this is what ends an archive. */
export function isBlank(header: Buffer): boolean {
  return header.every((byte, at) => byte === 0 || isInChecksum(at));
}

function checksum(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (isInChecksum(at) ? SPACE : byte), 0);
}

function isInChecksum(at: number): boolean {
  return at >= CHECKSUM.from && at < CHECKSUM.to;
}
