import { Transform } from 'node:stream';
import { type ArchiveLimits, count } from './limits.ts';
import { quote } from './quote.ts';
import { Refusal } from './refusal.ts';
import { BLOCK, isBlank } from './tar-header.ts';

const EMPTY = Buffer.alloc(0);
/** Bytes of one record about the entry after it: a path of 4 KiB in every alphabet, and what programs add. */
const MAX_RECORD = 64 * 1024;
/** Records about one entry: pax, a long name, the long name of what it links to. */
const RECORDS_OF_ENTRY = 3;
/** Bytes of records for each entry that an archive may have. */
const BYTES_OF_ENTRY = 1024;

/** Types of blocks (POSIX pax, "ustar Interchange Format"; GNU tar). */
const GLOBAL = 'g';
const PAX = 'x';
const RECORDS = [GLOBAL, PAX, 'L', 'N', 'K'];
const FOLDER = '5';
const FILE = ['0', '\0'];
/** The name of the archive itself, which GNU tar writes for `--label`. */
const LABEL = 'V';
/** What no program says of all entries at once: readers differ in what they make of it. */
const OF_ONE_ENTRY = ['path', 'linkpath', 'size'];
const SPARSE = 'GNU.sparse.';

/** A tar file that is not as programs write them. */
class MalformedTar extends Error {
  override readonly name = 'MalformedTar';
}

/**
 * Passes a tar file on to tar-stream, block by block, and bounds what that would do without a word: it keeps whatever a record says of the
 * entry after it, up to 4 MiB, and merges what a global one says into each. Global records are left out here, which say nothing of files; all
 * are counted. Where tar-stream would read the end of an entry elsewhere than this does, the file is malformed. What other programs would unpack
 * differently, or not at all, is refused: who looks at a submission must see the code that is graded.
 */
export class TarRecords extends Transform {
  readonly #source: string;
  readonly #limits: ArchiveLimits;
  #trouble: Error | null = null;
  #records = 0;
  #bytes = 0;
  /** The header that is being gathered. */
  #header: Buffer[] = [];
  #headerLeft = BLOCK;
  /** Bytes of data to come, padding included, and what is done with them. */
  #left = 0;
  #isLeftOut = false;
  #pax: { readonly parts: Buffer[]; readonly size: number; readonly isGlobal: boolean } | null =
    null;
  /** The size that pax declares of the next entry. */
  #paxSize: number | null = null;
  /** Whether the mark of the archive's end has come: a block of zeros. */
  #hasEnded = false;
  /** Whether a record may give the next entry another name. */
  #isRenamed = false;

  constructor(source: string, limits: ArchiveLimits) {
    super();
    this.#source = source;
    this.#limits = limits;
  }

  /** What is wrong with what has come; then nothing more was passed on, so that what came before can still be taken. */
  get trouble(): Error | null {
    if (this.#trouble !== null) return this.#trouble;
    const isWhole = this.#left === 0 && this.#headerLeft === BLOCK;
    return isWhole ? null : new MalformedTar('Unexpected end of data');
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    done(null, this.#trouble === null ? this.#passed(chunk) : EMPTY);
  }

  #passed(chunk: Buffer): Buffer {
    const passed: Buffer[] = [];
    try {
      this.#pass(chunk, passed);
    } catch (error) {
      this.#trouble = error as Error;
    }
    return Buffer.concat(passed);
  }

  #pass(chunk: Buffer, passed: Buffer[]): void {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + (this.#left > 0 ? this.#left : this.#headerLeft));
      at += part.length;
      if (this.#left > 0) {
        this.#left -= part.length;
        this.#pax?.parts.push(part);
        if (!this.#isLeftOut) passed.push(part);
        if (this.#left === 0) this.#endOfData();
        continue;
      }
      this.#header.push(part);
      this.#headerLeft -= part.length;
      if (this.#headerLeft > 0) continue;
      const header = Buffer.concat(this.#header);
      this.#header = [];
      this.#headerLeft = BLOCK;
      if (this.#admit(header)) passed.push(header);
    }
  }

  /** Whether a header is passed on; says how many bytes of data follow. */
  #admit(header: Buffer): boolean {
    if (isBlank(header)) {
      this.#hasEnded = true;
      return true;
    }
    if (this.#hasEnded) throw this.#refusal('goes on behind its end, where other programs stop');
    const type = header.toString('latin1', 156, 157);
    const size = sizeIn(header);
    const isRecord = RECORDS.includes(type);
    this.#isLeftOut = type === LABEL && size === 0;
    if (isRecord) {
      this.#count(size);
      // tar-stream takes the data of the next entry for those of an empty record.
      this.#isLeftOut = type === GLOBAL || size === 0;
      if ((type === PAX || type === GLOBAL) && size > 0)
        this.#pax = { parts: [], size, isGlobal: type === GLOBAL };
    } else if (!this.#isLeftOut) {
      if (this.#paxSize !== null && this.#paxSize !== size)
        throw new MalformedTar('Two sizes of one entry');
      this.#paxSize = null;
      if (size > 0 && endsInSlash(type, header) && this.#isRenamed) respell(header);
      // tar-stream waits for its data for ever.
      else if (size > 0 && (type === FOLDER || endsInSlash(type, header)))
        throw new MalformedTar('A folder with a size');
    }
    this.#isRenamed = isRecord;
    this.#left = Math.ceil(size / BLOCK) * BLOCK;
    return !this.#isLeftOut;
  }

  #endOfData(): void {
    if (this.#pax === null) return;
    const { parts, size, isGlobal } = this.#pax;
    this.#pax = null;
    const records = [...paxRecords(Buffer.concat(parts).subarray(0, size))];
    if (records.some(([key]) => key.startsWith(SPARSE)))
      throw this.#refusal('leaves holes in files out ("sparse" ones)');
    if (!isGlobal) this.#paxSize = sizeOf(records);
    else if (records.some(([key]) => OF_ONE_ENTRY.includes(key)))
      throw this.#refusal('gives all its entries one name or size');
  }

  #refusal(trouble: string): Refusal {
    return new Refusal(`${quote(this.#source)} ${trouble}; pack it anew, with plain tar or zip.`);
  }

  #count(size: number): void {
    const { entries } = this.#limits;
    this.#records++;
    this.#bytes += size;
    const trouble =
      size > MAX_RECORD
        ? `has an entry with more than ${count(MAX_RECORD / 1024)} KiB of names and attributes`
        : this.#records > RECORDS_OF_ENTRY * entries
          ? `has more than ${count(RECORDS_OF_ENTRY * entries)} records of names and attributes`
          : this.#bytes > BYTES_OF_ENTRY * entries
            ? `has more than ${count((BYTES_OF_ENTRY * entries) / 1024)} KiB of names and attributes`
            : null;
    if (trouble !== null)
      throw new Refusal(`${quote(this.#source)} ${trouble}; pack only the code.`);
  }
}

/** Octal, between spaces and zeros. Numbers in other notations are larger than any archive may be. */
function sizeIn(header: Buffer): number {
  const digits = /^ *\0*([0-7]*)[ \0]*$/u.exec(header.toString('latin1', 124, 136))?.[1];
  if (digits === undefined) throw new MalformedTar('Invalid size in a header');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Old programs write folders as files whose names end in a slash; a long name that was cut off may, too. */
function endsInSlash(type: string, header: Buffer): boolean {
  const name = nameIn(header);
  return FILE.includes(type) && (name.endsWith('/') || (name === '' && header[345] !== 0));
}

function nameIn(header: Buffer): string {
  return header.toString('latin1', 0, 100).split('\0', 1)[0]!;
}

/** Another name in place of one that ends in a slash, with the checksum of that; a wrong one stays wrong. */
function respell(header: Buffer): void {
  const at = Math.max(0, nameIn(header).length - 1);
  const sum = Number.parseInt(header.toString('latin1', 148, 156).replace(/^[ \0]+/u, ''), 8);
  const other = '_'.charCodeAt(0);
  const changed = sum + other - header[at]!;
  header[at] = other;
  header.write(`${changed.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}

/** Keys and values of records `length key=value\n`, read as tar-stream reads them, which stops at what it does not understand. */
function* paxRecords(records: Buffer): Generator<readonly [key: string, value: string]> {
  for (let rest = records; rest.length > 0;) {
    const space = rest.indexOf(' ');
    const at = space === -1 ? rest.length : space;
    const length = Number.parseInt(rest.toString('utf8', 0, at), 10);
    if (!length) return;
    const record = rest.subarray(at + 1, length - 1).toString('utf8');
    const equals = record.indexOf('=');
    if (equals === -1) return;
    yield [record.slice(0, equals), record.slice(equals + 1)];
    rest = rest.subarray(length);
  }
}

/** The size that records declare of an entry: the last one, unless that is empty, which tar-stream passes over. */
function sizeOf(records: readonly (readonly [key: string, value: string])[]): number | null {
  const last = records.findLast(([key]) => key === 'size');
  return last === undefined || last[1] === '' ? null : Number.parseInt(last[1], 10);
}
