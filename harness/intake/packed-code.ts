import { posix } from 'node:path';
import { isArchiveName } from './archive-name.ts';
import { isCode, probablyMeant } from './code-files.ts';
import { SUBMISSION_LIMITS } from './limits.ts';
import { listArchive, tooLarge } from './list-archive.ts';
import type { ListedFile } from './listed-file.ts';
import { soundFiles } from './listing.ts';
import { quote, quoteSome } from './quote.ts';
import { Refusal } from './refusal.ts';
import type { Contents } from './source.ts';

/**
 * The files of a submission; those of the archive in it, if it has no code but one archive.
 *
 * @throws {Refusal} when there is no telling which archive, or it is one too many.
 */
export async function withoutWrapping(contents: Contents): Promise<Contents> {
  const { files, isUnpacked, notes } = contents;
  if (files.some(({ path }) => looksLikeCode(path))) return contents;
  const archives = files.filter(({ path }) => isArchiveName(path));
  const [archive, second] = archives;
  if (archive === undefined) return contents;
  if (isUnpacked) {
    throw new Refusal(
      `There is no code in it but perhaps in ${quote(archive.path)}, and an archive within an archive is not opened; pack the plain folder.`,
    );
  }
  if (second !== undefined) {
    throw new Refusal(
      `There are ${archives.length} archives and no code beside them (${quoteSome(archives.map(({ path }) => path))}); keep the one to be graded.`,
    );
  }
  return withoutWrapping({ files: await unpacked(archive), isUnpacked: true, notes });
}

async function unpacked(file: ListedFile): Promise<ListedFile[]> {
  const { path } = file;
  const bytes = await file.read(SUBMISSION_LIMITS.packed);
  if (bytes === null) throw tooLarge(path, SUBMISSION_LIMITS.packed);
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const files = soundFiles(await listArchive(archive, path, SUBMISSION_LIMITS));
  if (files.length > 0) return files;
  throw new Refusal(`${quote(path)} is empty; hand in the TypeScript files of the assignment.`);
}

function looksLikeCode(path: string): boolean {
  return isCode(path) || probablyMeant(posix.basename(path)) !== undefined;
}
