/**
 * Bytes of physical memory. Sparse: a chunk of 16 frames exists from the first write into it; everything else reads as zero.
 *
 * Stores go through `DataView` because on Node 20 a typed-array element store is an order of magnitude slower once
 * `Object.prototype` is frozen.
 */
import { PAGE_SIZE } from '../x86/page-table-entry.ts';

const CHUNK_BYTES = 16 * PAGE_SIZE;

interface Chunk {
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

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
    const chunk = { view: new DataView(buffer), bytes: new Uint8Array(buffer) };
    this.#chunks.set(Math.floor(pa / CHUNK_BYTES), chunk);
    return chunk;
  }

  /** The 32-bit little-endian word at `pa` (a multiple of 4). */
  readU32(pa: number): number {
    return this.#find(pa)?.view.getUint32(pa % CHUNK_BYTES, true) ?? 0;
  }

  /** Stores a 32-bit little-endian word at `pa` (a multiple of 4). */
  writeU32(pa: number, value: number): void {
    this.#make(pa).view.setUint32(pa % CHUNK_BYTES, value, true);
  }

  /** The byte at `pa`. */
  readU8(pa: number): number {
    return this.#find(pa)?.view.getUint8(pa % CHUNK_BYTES) ?? 0;
  }

  /** Stores a byte at `pa`. */
  writeU8(pa: number, value: number): void {
    this.#make(pa).view.setUint8(pa % CHUNK_BYTES, value);
  }

  /** The 64-bit little-endian word at `pa`, which may straddle nothing larger than a chunk. */
  readU64(pa: number): bigint {
    return this.#find(pa)?.view.getBigUint64(pa % CHUNK_BYTES, true) ?? 0n;
  }

  /** Stores a 64-bit little-endian word at `pa`. */
  writeU64(pa: number, value: bigint): void {
    this.#make(pa).view.setBigUint64(pa % CHUNK_BYTES, value, true);
  }

  /** The 4096 bytes of the frame that starts at `pa`: live, for copies inside the machine. Never handed to student code. */
  frameBytes(pa: number): Uint8Array {
    const at = pa % CHUNK_BYTES;
    return this.#make(pa).bytes.subarray(at, at + PAGE_SIZE);
  }
}
