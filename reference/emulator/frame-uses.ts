/** What frames are used for, told by the page tables that lead to them. Reads memory only. */
import type { FrameUse } from '../contract/frame-use.ts';
import { SPAN } from '../x86/address.ts';
import { entryAddress, type Level, LO, PAGE_SIZE } from '../x86/page-table-entry.ts';
import { KERNEL_BASE_SLOT, type Machine } from './machine.ts';

/** An address space: how it is called, and the physical address of its root (`undefined` if it has none any more). */
type Space = readonly [label: string, root: number | undefined];

/**
 * What each frame is used for that the user halves of `spaces` lead to, by frame number. A frame with several uses has the first: spaces in their
 * order, addresses ascending.
 */
export function frameUses(
  machine: Machine,
  spaces: Iterable<Space>,
): ReadonlyMap<number, FrameUse> {
  const uses = new Map<number, FrameUse>();
  for (const [label, root] of spaces)
    if (root !== undefined) new Explorer(machine, label, uses).table(root, 4, 0);
  return uses;
}

/** What became of the frames that the current operation allocated, in order. They must have been recorded (see {@link Machine.allocations}). */
export function allocationUses(machine: Machine, spaces: Iterable<Space>): readonly FrameUse[] {
  const uses = frameUses(machine, spaces);
  return (machine.allocations ?? []).map((taken): FrameUse => {
    // A call that failed took nothing.
    if (taken === null) return { kind: 'unknown' };
    const { frame, generation } = taken;
    if (frame.generation !== generation) return { kind: 'released' };
    return uses.get(frame.number) ?? { kind: 'unknown' };
  });
}

class Explorer {
  readonly #machine: Machine;
  readonly #space: string;
  readonly #uses: Map<number, FrameUse>;

  constructor(machine: Machine, space: string, uses: Map<number, FrameUse>) {
    this.#machine = machine;
    this.#space = space;
    this.#uses = uses;
  }

  /** Notes everything below the structure at `pa`, which covers the addresses from `base` on; returns the lowest page mapped through it. */
  table(pa: number, level: Level, base: number): number | null {
    const { memory } = this.#machine;
    let lowest: number | null = null;
    for (const { index, lo, hi } of memory.presentEntries(pa)) {
      if (level === 4 && index >= KERNEL_BASE_SLOT) break;
      const va = base + index * SPAN[level];
      const target = entryAddress(lo, hi);
      const isLeaf = level === 1 || (lo & LO.PAGE_SIZE) !== 0;
      const page = isLeaf ? this.#page(target, va) : this.#below(target, level, va);
      lowest ??= page;
    }
    return lowest;
  }

  #page(target: number, va: number): number {
    const number = target / PAGE_SIZE;
    if (!this.#uses.has(number)) this.#uses.set(number, { kind: 'page', va, space: this.#space });
    return va;
  }

  /** The structure that an entry of `level` for `va` leads to. One that was met before is not gone through again. */
  #below(target: number, level: Exclude<Level, 1>, va: number): number | null {
    const number = target / PAGE_SIZE;
    if (this.#uses.has(number)) return null;
    const below = (level - 1) as Exclude<Level, 4>;
    this.#uses.set(number, { kind: 'table', level: below, va, space: this.#space });
    const lowest = this.table(target, below, va);
    if (lowest !== null)
      this.#uses.set(number, { kind: 'table', level: below, va: lowest, space: this.#space });
    return lowest;
  }
}
