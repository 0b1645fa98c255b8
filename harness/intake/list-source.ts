import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { onDisk, readRegularFile, refuseSpecial } from './disk.ts';
import { count, MAX_ARCHIVE_BYTES } from './limits.ts';
import { listFolder } from './list-folder.ts';
import type { ListedFile } from './listed-file.ts';
import { listZip } from './list-zip.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';

/**
 * The files of a folder or zip file, by path, litter left out.
 *
 * @throws {Refusal} when it is neither, or holds what no submission may hold.
 */
export async function listSource(source: string): Promise<ListedFile[]> {
  if (source === '') throw new Refusal('The path is empty; give a folder or a zip file.');
  if (source.includes('\0')) {
    throw new Refusal(`${quote(source)} is not a path, it has a null character; check the path.`);
  }
  // Without a trailing slash, which would make lstat follow a link.
  const path = resolve(source);
  const stats = await onDisk(source, () => lstat(path));
  refuseSpecial(stats, source);
  return stats.isDirectory() ? listFolder(path, source) : listZipFile(path, source);
}

async function listZipFile(path: string, source: string): Promise<ListedFile[]> {
  if (/\.[cm]?[jt]sx?$/i.test(path)) {
    throw new Refusal(`${quote(source)} is a single file; give the folder it lies in.`);
  }
  const bytes = await readRegularFile(path, source, MAX_ARCHIVE_BYTES);
  if (bytes === null) {
    throw new Refusal(
      `${quote(source)} is larger than ${count(MAX_ARCHIVE_BYTES / 1024 / 1024)} MiB; zip only the code, without node_modules.`,
    );
  }
  return listZip(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), source);
}
