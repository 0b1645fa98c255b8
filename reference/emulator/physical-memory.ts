/**
 * Bytes of physical memory. Sparse: a chunk of 16 frames exists from the first write into it; everything else reads as zero.
 *
 * Stores go through `DataView` because on Node 20 a typed-array element store is an order of magnitude slower once
 * `Object.prototype` is frozen.
 */
import { ENTRIES_PER_TABLE, LO, PAGE_SIZE } from '../x86/page-table-entry.ts';

const CHUNK_BYTES = 16 * PAGE_SIZE;

const CHUNK_FRAMES = CHUNK_BYTES / PAGE_SIZE;

interface Chunk {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Present entries of each frame, read as a paging structure; `undefined` once the frame was written. */
  readonly entries: (readonly PresentEntry[] | undefined)[];
}

/** An entry with P set in a frame that is read as a paging structure. */
export interface PresentEntry {
  readonly index: number;
  readonly lo: number;
  readonly hi: number;
}

const NO_ENTRIES: readonly PresentEntry[] = [];

export class PhysicalMemory {
  readonly #chunks = new Map<number, Chunk>();
  #lastNumber = -1;
  #last: Chunk | undefined;

  #find(pa: number): Chunk | undefined {
    const number = Math.floor(pa / CHUNK_BYTES);
    if (number === this.#lastNumber) return this.#last;
    const chunk = this.#chunks.get(number);
    if (chunk !== undefined) {
      this.#lastNumber = number;
      this.#last = chunk;
    }
    return chunk;
  }

  #make(pa: number): Chunk {
    const found = this.#find(pa);
    if (found !== undefined) return found;
    const buffer = new ArrayBuffer(CHUNK_BYTES);
    const chunk = {
      view: new DataView(buffer),
      bytes: new Uint8Array(buffer),
      entries: new Array<undefined>(CHUNK_FRAMES),
    };
    this.#chunks.set(Math.floor(pa / CHUNK_BYTES), chunk);
    return chunk;
  }

  /** The chunk of `pa`, about to be written. */
  #writable(pa: number): Chunk {
    const chunk = this.#make(pa);
    chunk.entries[Math.floor((pa % CHUNK_BYTES) / PAGE_SIZE)] = undefined;
    return chunk;
  }

  /**
   * The present entries of the paging structure at `pa`. Remembered until the frame is written, so that looking at a whole address space again
   * costs what changed and not what is mapped.
   */
  presentEntries(pa: number): readonly PresentEntry[] {
    const chunk = this.#find(pa);
    if (chunk === undefined) return NO_ENTRIES;
    const start = pa % CHUNK_BYTES;
    const known = chunk.entries[start / PAGE_SIZE];
    if (known !== undefined) return known;
    const found: PresentEntry[] = [];
    for (let index = 0; index < ENTRIES_PER_TABLE; index++) {
      const lo = chunk.view.getUint32(start + index * 8, true);
      if ((lo & LO.PRESENT) !== 0)
        found.push({ index, lo, hi: chunk.view.getUint32(start + index * 8 + 4, true) });
    }
    chunk.entries[start / PAGE_SIZE] = found;
    return found;
  }

  /** The 32-bit little-endian word at `pa` (a multiple of 4). */
  readU32(pa: number): number {
    return this.#find(pa)?.view.getUint32(pa % CHUNK_BYTES, true) ?? 0;
  }

  /** Stores a 32-bit little-endian word at `pa` (a multiple of 4). */
  writeU32(pa: number, value: number): void {
    this.#writable(pa).view.setUint32(pa % CHUNK_BYTES, value, true);
  }

  /** The byte at `pa`. */
  readU8(pa: number): number {
    return this.#find(pa)?.view.getUint8(pa % CHUNK_BYTES) ?? 0;
  }

  /** Stores a byte at `pa`. */
  writeU8(pa: number, value: number): void {
    this.#writable(pa).view.setUint8(pa % CHUNK_BYTES, value);
  }

  /** The 64-bit little-endian word at `pa`, which lies within one frame. */
  readU64(pa: number): bigint {
    return this.#find(pa)?.view.getBigUint64(pa % CHUNK_BYTES, true) ?? 0n;
  }

  /** Stores a 64-bit little-endian word at `pa`, within one frame. */
  writeU64(pa: number, value: bigint): void {
    this.#writable(pa).view.setBigUint64(pa % CHUNK_BYTES, value, true);
  }

  /** The 4096 bytes of the frame that starts at `pa`, to be read or written at once: do not keep them. Never handed to student code. */
  frameBytes(pa: number): Uint8Array {
    const at = pa % CHUNK_BYTES;
    return this.#writable(pa).bytes.subarray(at, at + PAGE_SIZE);
  }
}
