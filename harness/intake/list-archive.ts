import type { ArchiveLimits } from './limits.ts';
import { mebibytes } from './limits.ts';
import type { Listing } from './listing.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import { beginsWithHeader } from './tar-header.ts';

/** How files of other kinds begin, in Latin-1. */
const FOREIGN: readonly (readonly [kind: string, start: string])[] = [
  ['a RAR archive', 'Rar!\x1a\x07'],
  ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
  ['an xz file', '\xfd7zXZ\x00'],
  ['a bzip2 file', 'BZh'],
  ['a Zstandard file', '\x28\xb5\x2f\xfd'],
];
const GZIP = '\x1f\x8b';

/**
 * What an archive holds: zip, tar, or tar compressed with gzip. What it is, its first bytes say, not its name. Nothing is written
 * to disk.
 *
 * @throws {Refusal} when it is none of these, or nothing of it can be read.
 */
export async function listArchive(
  archive: Buffer,
  source: string,
  limits: ArchiveLimits,
): Promise<Listing> {
  const start = archive.toString('latin1', 0, 16);
  const foreign = FOREIGN.find(([, bytes]) => start.startsWith(bytes));
  if (foreign !== undefined) {
    throw new Refusal(
      `${quote(source)} is ${foreign[0]}, which is not read; pack it as zip or tar.gz.`,
    );
  }
  const isCompressed = start.startsWith(GZIP);
  // Most submissions are no archives: what reads them is loaded for those that are.
  if (isCompressed || beginsWithHeader(archive)) {
    const { listTar } = await import('./list-tar.ts');
    return listTar(archive, source, limits, isCompressed);
  }
  const { listZip } = await import('./list-zip.ts');
  return listZip(archive, source, limits);
}

/** An archive of more bytes than are read. */
export function tooLarge(source: string, limit: number): Refusal {
  return new Refusal(
    `${quote(source)} is larger than ${mebibytes(limit)}; pack only the code, without node_modules.`,
  );
}
