import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { MAX_FILE_BYTES } from './limits.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';

const STORED = 0;
const DEFLATED = 8;

/**
 * The bytes of an entry of a zip file; null when it says that there are more than `limit`. An entry that lies about that is
 * cut off while it unpacks, after as many bytes as it declares.
 *
 * @throws {Refusal} for damaged data, and for data that are not what the table of contents says.
 */
export async function readZipEntry(
  zip: ZipFile,
  archive: Buffer,
  entry: Entry,
  path: string,
  limit = MAX_FILE_BYTES,
): Promise<Uint8Array | null> {
  if (entry.uncompressedSize > limit) return null;
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw new Refusal(
      `The entry ${quote(path)} is compressed by method ${entry.compressionMethod}; zip it again with ordinary compression (deflate).`,
    );
  }
  const data = await dataOf(zip, archive, entry, path);
  const bytes =
    entry.compressionMethod === STORED ? data : await unpack(data, entry.uncompressedSize, path);
  // yauzl leaves the checksum to its callers.
  if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) {
    throw damaged(path, 'its size or checksum is wrong');
  }
  return bytes;
}

async function dataOf(zip: ZipFile, archive: Buffer, entry: Entry, path: string): Promise<Buffer> {
  const header = await zip.readLocalFileHeaderPromise(entry).catch((error: unknown) => {
    throw damaged(path, error instanceof Error ? error.message : String(error));
  });
  // Programs that go by the local name would unpack another file than the one graded.
  if (!header.fileName.equals(entry.fileNameRaw)) {
    throw damaged(path, `it is called ${quote(header.fileName.toString())} where its data are`);
  }
  return archive.subarray(header.fileDataStart, header.fileDataStart + entry.compressedSize);
}

async function unpack(data: Buffer, declared: number, path: string): Promise<Buffer> {
  try {
    return await promisify(inflateRaw)(data, { maxOutputLength: Math.max(1, declared) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw damaged(
      path,
      code === 'ERR_BUFFER_TOO_LARGE' ? 'it unpacks to more than it says' : message,
    );
  }
}

function damaged(path: string, detail: string): Refusal {
  return new Refusal(
    `The entry ${quote(path)} is damaged (${detail}); zip the folder again.`,
    true,
  );
}
