/**
 * Bytes of physical memory. Sparse: a chunk of 16 frames exists from the first write into it; everything else reads as zero.
 *
 * Stores go through `DataView` because on Node 20 a typed-array element store is an order of magnitude slower once
 * `Object.prototype` is frozen.
 */
import { ENTRIES_PER_TABLE, LO, PAGE_SIZE } from '../x86/page-table-entry.ts';

const CHUNK_FRAMES = 16;
const CHUNK_BYTES = CHUNK_FRAMES * PAGE_SIZE;
/** Physical addresses below have their chunks in an array, and are handled as 32-bit integers: nearly all there are. */
const LOW_BYTES = 2 ** 32;
const CHUNK_SHIFT = 16;
const CHUNK_MASK = CHUNK_BYTES - 1;
/** Where an address lies in what {@link PhysicalMemory.around} gives. */
export const AROUND_MASK = CHUNK_MASK;
const NOTHING = new DataView(new ArrayBuffer(CHUNK_BYTES));

interface Chunk {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Present entries of each frame, read as a paging structure; `null` once the frame was written, `undefined` if it was never read so. */
  readonly entries: (readonly PresentEntry[] | null | undefined)[];
}

/** An entry with P set in a frame that is read as a paging structure. */
export interface PresentEntry {
  readonly index: number;
  readonly lo: number;
  readonly hi: number;
}

export class PhysicalMemory {
  /**
   * Frames (physical addresses) that {@link presentEntries} has read at any time and that were written, with the indices of the entries; `null`: any of
   * them. Whoever follows them clears it.
   */
  readonly changedStructures = new Map<number, Set<number> | null>();
  readonly #low: (Chunk | undefined)[] = [];
  readonly #high = new Map<number, Chunk>();

  #find(pa: number): Chunk | undefined {
    return pa < LOW_BYTES
      ? this.#low[pa >>> CHUNK_SHIFT]
      : this.#high.get(Math.floor(pa / CHUNK_BYTES));
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
    if (pa >= LOW_BYTES) this.#high.set(Math.floor(pa / CHUNK_BYTES), chunk);
    else {
      // No holes: an array with holes looks further up for what it does not have.
      while (this.#low.length < pa >>> CHUNK_SHIFT) this.#low.push(undefined);
      this.#low[pa >>> CHUNK_SHIFT] = chunk;
    }
    return chunk;
  }

  /** The chunk of `pa`, where a word or a byte is about to be written. */
  #writable(pa: number): Chunk {
    const chunk = this.#make(pa);
    if (this.#forget(chunk, pa)) {
      const offset = pa & (PAGE_SIZE - 1);
      const changed = this.changedStructures.get(pa - offset);
      if (changed === undefined) this.changedStructures.set(pa - offset, new Set([offset >>> 3]));
      else changed?.add(offset >>> 3);
    }
    return chunk;
  }

  /** Forgets the entries of the frame of `pa`, which is about to be written. Whether it was ever read as a paging structure. */
  #forget({ entries }: Chunk, pa: number): boolean {
    const frame = (pa & CHUNK_MASK) >>> 12;
    if (entries[frame] === undefined) return false;
    entries[frame] = null;
    return true;
  }

  /**
   * The present entries of the paging structure at `pa`. Remembered until the frame is written, so that looking at a whole address space again
   * costs what changed and not what is mapped.
   */
  presentEntries(pa: number): readonly PresentEntry[] {
    // Made if need be, so that the first write into an empty structure is noticed.
    const chunk = this.#make(pa);
    const start = pa & CHUNK_MASK;
    const known = chunk.entries[start / PAGE_SIZE];
    if (known) return known;
    const found: PresentEntry[] = [];
    for (let index = 0; index < ENTRIES_PER_TABLE; index++) {
      const lo = chunk.view.getUint32(start + index * 8, true);
      if ((lo & LO.PRESENT) !== 0)
        found.push({ index, lo, hi: chunk.view.getUint32(start + index * 8 + 4, true) });
    }
    chunk.entries[start / PAGE_SIZE] = found;
    return found;
  }

  /** The entry at `index` (0 to 511) of the paging structure at `pa`, if it is present. */
  presentEntry(pa: number, index: number): PresentEntry | undefined {
    const lo = this.readU32(pa + index * 8);
    return (lo & LO.PRESENT) === 0
      ? undefined
      : { index, lo, hi: this.readU32(pa + index * 8 + 4) };
  }

  /** The bytes around `pa`, which lies at `pa & AROUND_MASK` in them: for several reads close together. To be read at once, and never written. */
  around(pa: number): DataView {
    return this.#find(pa)?.view ?? NOTHING;
  }

  /** The 32-bit little-endian word at `pa` (a multiple of 4). */
  readU32(pa: number): number {
    return this.#find(pa)?.view.getUint32(pa & CHUNK_MASK, true) ?? 0;
  }

  /** Stores a 32-bit little-endian word at `pa` (a multiple of 4). */
  writeU32(pa: number, value: number): void {
    this.#writable(pa).view.setUint32(pa & CHUNK_MASK, value, true);
  }

  /** The byte at `pa`. */
  readU8(pa: number): number {
    return this.#find(pa)?.view.getUint8(pa & CHUNK_MASK) ?? 0;
  }

  /** Stores a byte at `pa`. */
  writeU8(pa: number, value: number): void {
    this.#writable(pa).view.setUint8(pa & CHUNK_MASK, value);
  }

  /** The 64-bit little-endian word at `pa`, which lies within one frame. */
  readU64(pa: number): bigint {
    return this.#find(pa)?.view.getBigUint64(pa & CHUNK_MASK, true) ?? 0n;
  }

  /** Stores a 64-bit little-endian word at `pa`, within one frame. */
  writeU64(pa: number, value: bigint): void {
    this.#writable(pa).view.setBigUint64(pa & CHUNK_MASK, value, true);
  }

  /** The 4096 bytes of the frame that starts at `pa`, to be read or written at once: do not keep them. Never handed to student code. */
  frameBytes(pa: number): Uint8Array {
    const chunk = this.#make(pa);
    if (this.#forget(chunk, pa)) this.changedStructures.set(pa, null);
    const at = pa & CHUNK_MASK;
    return chunk.bytes.subarray(at, at + PAGE_SIZE);
  }
}
