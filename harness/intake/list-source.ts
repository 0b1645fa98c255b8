import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { onDisk, readRegularFile, refuseSpecial } from './disk.ts';
import { SUBMISSION_LIMITS } from './limits.ts';
import { listArchive, tooLarge } from './list-archive.ts';
import { listFolder } from './list-folder.ts';
import { soundFiles } from './listing.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import type { Contents } from './source.ts';

/**
 * The files of a folder or an archive that is one submission, litter left out.
 *
 * @throws {Refusal} when it is neither, or holds what no submission may hold.
 */
export async function listSource(source: string): Promise<Contents> {
  if (source === '') throw new Refusal('The path is empty; give a folder or an archive.');
  if (source.includes('\0')) {
    throw new Refusal(`${quote(source)} is not a path, it has a null character; check the path.`);
  }
  // Without a trailing slash, which would make lstat follow a link.
  const path = resolve(source);
  const stats = await onDisk(source, () => lstat(path));
  refuseSpecial(stats, source);
  if (stats.isDirectory()) {
    const files = soundFiles(await listFolder(path, source));
    return { files, isUnpacked: false, notes: [] };
  }
  if (/\.[cm]?[jt]sx?$/i.test(path)) {
    throw new Refusal(`${quote(source)} is a single file; give the folder it lies in.`);
  }
  const bytes = await readRegularFile(path, source, SUBMISSION_LIMITS.packed);
  if (bytes === null) {
    const { message } = tooLarge(source, SUBMISSION_LIMITS.packed);
    throw new Refusal(`${message} If it holds a class, unpack it and give the folder.`);
  }
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const files = soundFiles(await listArchive(archive, source, SUBMISSION_LIMITS));
  return { files, isUnpacked: true, notes: [] };
}
