import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { type ArchiveLimits, count } from './limits.ts';
import type { Listing } from './listing.ts';
import { ListingBuilder } from './listing-builder.ts';
import { overlapping } from './overlapping-entries.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import { readZipEntry } from './read-zip-entry.ts';
import { entryKind, entryName, hasWindowsPaths } from './zip-entry.ts';

const CENTRAL_HEADER = 0x02014b50;

/**
 * The files in a zip file, in the order of their paths. Nothing is unpacked before it is asked for, and never to disk.
 *
 * The archive is held in memory: yauzl's reader of files throws, where nobody can catch it, when a hostile zip64 record sends it to
 * an offset no file can have; its reader of buffers answers every offset.
 *
 * @throws {Refusal} for what is no zip file, and when nothing of it can be read.
 */
export async function listZip(
  archive: Buffer,
  source: string,
  limits: ArchiveLimits,
): Promise<Listing> {
  const zip = await open(archive, source);
  const { entries, incomplete } = await readEntries(zip, archive, source, limits);

  const builder = new ListingBuilder(source, limits, 'zip');
  const isWindows = hasWindowsPaths(entries);
  const overlaps = overlapping(entries);
  for (const entry of entries) {
    const stored = entryName(entry);
    const path = builder.admit(isWindows ? stored.replaceAll('\\', '/') : stored);
    if (path === null) continue;

    const kind = entryKind(entry, isWindows);
    if (kind === 'folder') builder.folder(path);
    else if (kind === 'file') {
      builder.file(path, (limit) => readZipEntry(zip, archive, entry, path, limit));
    } else builder.special(path, kind);
    if (entry.isEncrypted()) builder.refuse(path, encrypted(path));
    if (overlaps.has(entry)) {
      builder.refuse(
        path,
        new Refusal(
          `The entry ${quote(path)} shares its bytes with another entry; zip the folder again.`,
        ),
      );
    }
  }
  return builder.finish(incomplete);
}

async function open(archive: Buffer, source: string): Promise<ZipFile> {
  try {
    return await yauzl.fromBufferPromise(archive, { decodeStrings: false });
  } catch (error) {
    // An archive begins with an entry ("PK\3\4"); its table of contents is at the end.
    if (archive.indexOf('PK\u0003\u0004') === 0) throw damaged(source, error);
    throw new Refusal(
      `${quote(source)} is not a zip file, nor a tar or tar.gz; give a folder or an archive.`,
    );
  }
}

/** The entries up to where the table of contents is damaged. */
async function readEntries(
  zip: ZipFile,
  archive: Buffer,
  source: string,
  limits: ArchiveLimits,
): Promise<{ entries: Entry[]; incomplete: Refusal | null }> {
  if (zip.entryCount > limits.entries) {
    throw new Refusal(
      `${quote(source)} has ${count(zip.entryCount)} entries, at most ${count(limits.entries)} are read; zip only the code, without node_modules.`,
    );
  }
  const entries: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    const incomplete = String(error).includes('strong encryption')
      ? encrypted(source)
      : damaged(source, error);
    if (entries.length === 0) throw incomplete;
    return { entries, incomplete };
  }
  // The types call it a boolean; it is the offset after the last entry read.
  const end = Number(zip.readEntryCursor);
  const hasMore = end + 4 <= archive.length && archive.readUInt32LE(end) === CENTRAL_HEADER;
  return {
    entries,
    incomplete: hasMore ? damaged(source, new Error('it holds more entries than it counts')) : null,
  };
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
    true,
  );
}
