import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { plainPath, pathTrouble } from './inner-path.ts';
import { count, MAX_ENTRIES } from './limits.ts';
import type { ListedFile } from './listed-file.ts';
import { isLitter } from './litter.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import { readZipEntry } from './read-zip-entry.ts';
import { entryKind, entryName } from './zip-entry.ts';

const CENTRAL_HEADER = 0x02014b50;

/**
 * The files in a zip file, in the order of their paths. Nothing is unpacked before it is asked for, and never to disk.
 *
 * The archive is held in memory: yauzl's reader of files throws, where nobody can catch it, when a hostile zip64 record sends it to
 * an offset no file can have; its reader of buffers answers every offset.
 *
 * @throws {Refusal} for anything but an ordinary archive of files and folders whose paths stay inside it.
 */
export async function listZip(archive: Buffer, source: string): Promise<ListedFile[]> {
  const zip = await open(archive, source);
  const entries = await readEntries(zip, archive, source);

  const files = new Map<string, ListedFile>();
  const folders = new Set<string>();
  for (const entry of entries) {
    const name = entryName(entry);
    const trouble = pathTrouble(name);
    if (trouble !== undefined) {
      throw new Refusal(`The entry ${quote(name)} ${trouble}; zip the plain folder again.`);
    }
    const path = plainPath(name);
    if (path === '' || path.split('/').some(isLitter)) continue;

    const kind = entryKind(entry);
    for (const folder of foldersOf(path)) folders.add(folder);
    if (kind === 'folder') folders.add(path);
    else if (kind === 'file')
      addFile(files, { path, read: () => readZipEntry(zip, archive, entry, path) });
    else {
      throw new Refusal(`The entry ${quote(path)} is ${kind}; put the file itself in its place.`);
    }
    if (entry.isEncrypted()) throw encrypted(path);
  }

  for (const folder of folders) {
    if (files.has(folder)) {
      throw new Refusal(`The entry ${quote(folder)} is both a file and a folder; zip it again.`);
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function addFile(files: Map<string, ListedFile>, file: ListedFile): void {
  if (files.has(file.path)) {
    throw new Refusal(`The entry ${quote(file.path)} occurs twice; zip the folder again.`);
  }
  files.set(file.path, file);
}

async function open(archive: Buffer, source: string): Promise<ZipFile> {
  try {
    return await yauzl.fromBufferPromise(archive, { decodeStrings: false });
  } catch (error) {
    // An archive begins with an entry ("PK\3\4"); its table of contents is at the end.
    if (archive.indexOf('PK\u0003\u0004') === 0) throw damaged(source, error);
    throw new Refusal(`${quote(source)} is not a zip file; give a folder or a zip file.`);
  }
}

async function readEntries(zip: ZipFile, archive: Buffer, source: string): Promise<Entry[]> {
  if (zip.entryCount > MAX_ENTRIES) {
    throw new Refusal(
      `${quote(source)} has ${count(zip.entryCount)} entries, at most ${count(MAX_ENTRIES)} are read; zip only the code, without node_modules.`,
    );
  }
  const entries: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    if (String(error).includes('strong encryption')) throw encrypted(source);
    throw damaged(source, error);
  }
  // The types call it a boolean; it is the offset after the last entry read.
  const end = Number(zip.readEntryCursor);
  if (end + 4 <= archive.length && archive.readUInt32LE(end) === CENTRAL_HEADER) {
    throw damaged(source, new Error('it holds more entries than it counts'));
  }
  return entries;
}

function foldersOf(path: string): string[] {
  const steps = path.split('/').slice(0, -1);
  return steps.map((_, i) => steps.slice(0, i + 1).join('/'));
}

function encrypted(path: string): Refusal {
  return new Refusal(`${quote(path)} is encrypted; zip it again without a password.`);
}

function damaged(source: string, error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  // yauzl explains at length; its first sentence says what is wrong.
  const detail = message.split('. ')[0]!;
  return new Refusal(
    `${quote(source)} is a damaged or incomplete zip file (${detail}); zip or download it again.`,
  );
}
