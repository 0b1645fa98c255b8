/** Page tables written into memory by hand, entry by entry. */
import { SPAN, tableIndex } from '../../x86/address.ts';
import { type Level, LO, PAGE_SIZE } from '../../x86/page-table-entry.ts';
import type { PhysicalMemory } from '../physical-memory.ts';

/** Flags of a whole entry. */
export const FLAG = {
  P: 0x001n,
  RW: 0x002n,
  US: 0x004n,
  A: 0x020n,
  D: 0x040n,
  PS: 0x080n,
  G: 0x100n,
  XD: 1n << 63n,
} as const;

/** Flags with which an entry forbids nothing. */
export const OPEN = FLAG.P | FLAG.RW | FLAG.US;

export class PagingStructures {
  readonly root: number;
  readonly #memory: PhysicalMemory;
  readonly #takeFrame: () => number;

  /** `takeFrame` gives the physical address of a zeroed frame for each new structure. */
  constructor(memory: PhysicalMemory, takeFrame: () => number, root = takeFrame()) {
    this.#memory = memory;
    this.#takeFrame = takeFrame;
    this.root = root;
  }

  /** Physical address of the entry of `level` for `linear`; structures missing on the way to it are made, forbidding nothing. */
  entry(linear: number, level: Level = 1): number {
    let table = this.root;
    for (let at: Level = 4; at > level; at = (at - 1) as Level) {
      const pa = table + tableIndex(linear, at) * 8;
      if ((this.#memory.readU32(pa) & LO.PRESENT) === 0) {
        this.#memory.writeU64(pa, BigInt(this.#takeFrame()) | OPEN);
      }
      table = Number(this.#memory.readU64(pa) & 0x000f_ffff_ffff_f000n);
    }
    return table + tableIndex(linear, level) * 8;
  }

  word(linear: number, level: Level = 1): bigint {
    return this.#memory.readU64(this.entry(linear, level));
  }

  set(linear: number, word: bigint, level: Level = 1): void {
    this.#memory.writeU64(this.entry(linear, level), word);
  }

  /** Maps the 4 KiB page of `linear` to the frame at `pa`. */
  map(linear: number, pa: number, flags: bigint = OPEN): void {
    this.set(linear, BigInt(pa) | flags);
  }
}

/** Physical addresses of frames, every `step`th from number `first`. */
export function framesFrom(first: number, step = 1): () => number {
  let number = first - step;
  return () => (number += step) * PAGE_SIZE;
}

/** A signed linear address from its four indices. */
export function linearOf(pml4: number, pdpt = 0, pd = 0, pt = 0): number {
  const low = pml4 * SPAN[4] + pdpt * SPAN[3] + pd * SPAN[2] + pt * SPAN[1];
  return pml4 < 256 ? low : low - 2 ** 48;
}
