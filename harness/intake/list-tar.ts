import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type ExtractEvents, type Header } from 'tar-stream';
import { isArchiveName } from './archive-name.ts';
import { METADATA_NAME } from './gradescope-metadata.ts';
import {
  type ArchiveLimits,
  BOMB_BYTES,
  BOMB_RATIO,
  count,
  MAX_ARCHIVE_BYTES,
  MAX_FILE_BYTES,
  MAX_METADATA_BYTES,
  mebibytes,
} from './limits.ts';
import type { Listing } from './listing.ts';
import { ListingBuilder } from './listing-builder.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import { BLOCK } from './tar-header.ts';
import { TarRecords } from './tar-records.ts';

type Data = ExtractEvents['entry'][1];

/** Archives are handed over in pieces of this many bytes, so that limits are noticed early. */
const PIECE = 64 * 1024;

/** Old programs say nothing of the format. (tar-stream's types do not know of this.) */
const EVERY_FORMAT: object = { allowUnknownFormat: true };

const SPECIAL: Readonly<Record<string, string>> = {
  symlink: 'a symbolic link',
  link: 'a hard link',
};

/**
 * The files in a tar file. It is read once, from front to end: code, archives and platforms' lists are kept in memory, all else is
 * passed by. What comes before a damage is listed.
 *
 * @throws {Refusal} when it does not begin like a tar file.
 */
export async function listTar(
  archive: Buffer,
  source: string,
  limits: ArchiveLimits,
  isCompressed: boolean,
): Promise<Listing> {
  const builder = new ListingBuilder(source, limits, 'pack');
  const meter = new Meter(archive.length, source, limits, isCompressed);
  const records = new TarRecords(source, limits);
  const entries = new Entries(builder, source, limits);
  let incomplete: Refusal | null = null;
  try {
    const parts = [
      Readable.from(pieces(archive)),
      ...(isCompressed ? [createGunzip()] : []),
      meter,
      records,
      entries.sink(),
    ];
    await pipeline(parts as unknown as [Readable, NodeJS.WritableStream]);
    if (records.trouble !== null) incomplete = refusalOf(records.trouble, source);
    else if (!meter.endsInZeros) incomplete = damaged(source, 'its end is missing');
  } catch (error) {
    incomplete = refusalOf(error instanceof Refusal ? error : (records.trouble ?? error), source);
  }
  if (incomplete !== null && entries.count === 0) throw incomplete;
  return builder.finish(incomplete);
}

function* pieces(archive: Buffer): Generator<Buffer> {
  for (let at = 0; at < archive.length; at += PIECE) yield archive.subarray(at, at + PIECE);
}

/** Counts what comes out of the decompressor, and stops it. */
class Meter extends Transform {
  #bytes = 0;
  #zeros = 0;
  readonly #packed: number;
  readonly #source: string;
  readonly #limits: ArchiveLimits;
  readonly #isCompressed: boolean;

  constructor(packed: number, source: string, limits: ArchiveLimits, isCompressed: boolean) {
    super();
    this.#packed = packed;
    this.#source = source;
    this.#limits = limits;
    this.#isCompressed = isCompressed;
  }

  get endsInZeros(): boolean {
    return this.#zeros >= BLOCK;
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    this.#bytes += chunk.length;
    let zeros = 0;
    const most = Math.min(chunk.length, BLOCK);
    while (zeros < most && chunk[chunk.length - 1 - zeros] === 0) zeros++;
    this.#zeros = zeros === chunk.length ? this.#zeros + zeros : zeros;
    const trouble = this.#trouble();
    if (trouble === null) done(null, chunk);
    else done(new Refusal(`${quote(this.#source)} ${trouble}; pack only the code.`));
  }

  #trouble(): string | null {
    if (!this.#isCompressed) return null;
    if (this.#bytes > this.#limits.unpacked)
      return `unpacks to more than ${mebibytes(this.#limits.unpacked)}`;
    if (this.#bytes > BOMB_BYTES && this.#bytes > this.#packed * BOMB_RATIO)
      return `unpacks to more than ${BOMB_RATIO} times its size`;
    return null;
  }
}

/** Takes the entries one by one. */
class Entries {
  count = 0;
  #kept = 0;
  readonly #builder: ListingBuilder;
  readonly #source: string;
  readonly #limits: ArchiveLimits;

  constructor(builder: ListingBuilder, source: string, limits: ArchiveLimits) {
    this.#builder = builder;
    this.#source = source;
    this.#limits = limits;
  }

  sink(): NodeJS.WritableStream {
    const sink = extract(EVERY_FORMAT);
    sink.on('entry', (header, data, next) => {
      this.#entry(header, data).then(() => next(), next);
    });
    return sink;
  }

  async #entry(header: Header, data: Data): Promise<void> {
    if (++this.count > this.#limits.entries) {
      throw new Refusal(
        `${quote(this.#source)} has more than ${count(this.#limits.entries)} entries; pack only the code, without node_modules.`,
      );
    }
    const path = this.#builder.admit(header.name);
    const isFile = header.type === 'file' || header.type === 'contiguous-file';
    const limit = path !== null && isFile ? keptBytes(path) : 0;
    const bytes = await this.#read(data, limit >= header.size ? limit : 0);
    if (path === null) return;
    if (isFile) {
      this.#builder.file(path, (most = MAX_FILE_BYTES) =>
        Promise.resolve(bytes !== null && bytes.length <= most ? bytes : null),
      );
    } else if (header.type === 'directory') this.#builder.folder(path);
    else this.#builder.special(path, SPECIAL[header.type] ?? 'a special file');
  }

  /** All of an entry has to be taken from the stream, kept or not; null if it was not kept. */
  async #read(data: Data, limit: number): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    for await (const chunk of data as AsyncIterable<Buffer>) {
      if (limit === 0) continue;
      this.#kept += chunk.length;
      if (this.#kept > this.#limits.kept) {
        throw new Refusal(
          `${quote(this.#source)} has more than ${mebibytes(this.#limits.kept)} of code and archives; pack only the code.`,
        );
      }
      // A copy: the chunk is a view of a larger buffer.
      chunks.push(Buffer.from(chunk));
    }
    return limit === 0 ? null : Buffer.concat(chunks);
  }
}

/** The size up to which a file is kept; 0: never. */
function keptBytes(path: string): number {
  if (path.endsWith('.ts')) return MAX_FILE_BYTES;
  if (isArchiveName(path)) return MAX_ARCHIVE_BYTES;
  return METADATA_NAME.test(path.slice(path.lastIndexOf('/') + 1)) ? MAX_METADATA_BYTES : 0;
}

function refusalOf(error: unknown, source: string): Refusal {
  return error instanceof Refusal ? error : damaged(source, wordsOf(error));
}

function damaged(source: string, detail: string): Refusal {
  return new Refusal(
    `${quote(source)} is a damaged or incomplete tar file (${detail}); pack or download it again.`,
    true,
  );
}

function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // tar-stream guesses at length; its first sentence says what is wrong.
  return message.split('. ')[0]!.replace(/\.$/u, '');
}
