/** Paging structures as plain data: the part of a snapshot that says what an address space maps, and how. Reads memory only. */
import type { PagingControls } from '../x86/access.ts';
import { hex, SPAN } from '../x86/address.ts';
import { ENTRIES_PER_TABLE, ENTRY_NAME, type Level, PAGE_SIZE } from '../x86/page-table-entry.ts';
import { decodeEntry, type EntryFlag, type ReservedBits } from './decoded-entry.ts';
import { KERNEL_BASE_SLOT, type Machine } from './machine.ts';

/** The address space below one root. */
export interface SpaceSnapshot {
  /** Physical address of its PML4. */
  readonly root: string;
  /** `boot`: the kernel's own; `live`: made and not dropped; `foreign`: only in CR3 of a processor. */
  readonly kind: 'boot' | 'live' | 'foreign';
  /** Entries of the user half that are not zero, ascending. */
  readonly entries: readonly EntrySnapshot[];
  /** The kernel half, slots that are not zero only, without what lies below them. */
  readonly kernelHalf: readonly KernelSlotSnapshot[];
}

/** An entry that is not zero. */
export interface EntrySnapshot {
  /** `PML4E`, `PDPTE`, `PDE` or `PTE`. */
  readonly name: string;
  readonly index: number;
  /** First linear address that it covers. */
  readonly va: string;
  /** Physical address of the entry. */
  readonly at: string;
  readonly word: string;
  /** Flags that are set and mean something. */
  readonly flags: readonly EntryFlag[];
  /** Bits set that software may use. */
  readonly available?: readonly number[];
  /** Bits set that the manual reserves. */
  readonly reserved?: readonly ReservedBits[];
  /** Physical address of the structure or page that it leads to, if it is present. */
  readonly target?: string;
  /** Bytes of the page, if it leads to one. */
  readonly pageSize?: number;
  /** Its target is a frame that is free; what lies there is not shown. */
  readonly free?: true;
  /** Its target was shown before in this space, and is not shown again. */
  readonly again?: true;
  /** The structure that it leads to. */
  readonly table?: readonly EntrySnapshot[];
}

/** A slot of the kernel half. */
export interface KernelSlotSnapshot {
  readonly index: number;
  readonly word: string;
  /** Whether the boot table has the same there, but for the accessed flag. */
  readonly shared: boolean;
}

/** Bit 5: set by a processor in the root that it is running only. */
const ACCESSED = 0x20n;

/** The address space below the PML4 at physical address `root`. `controls` decide which bits are reserved. */
export function spaceSnapshot(
  machine: Machine,
  root: number,
  controls: PagingControls,
): SpaceSnapshot {
  const { memory, bootRoot, roots } = machine;
  const kernelHalf: KernelSlotSnapshot[] = [];
  for (let index = KERNEL_BASE_SLOT; index < ENTRIES_PER_TABLE; index++) {
    const word = memory.readU64(root + index * 8);
    if (word === 0n) continue;
    const kernels = memory.readU64(bootRoot + index * 8);
    kernelHalf.push({ index, word: hex(word), shared: (word | ACCESSED) === (kernels | ACCESSED) });
  }
  return {
    root: hex(root),
    kind: root === bootRoot ? 'boot' : roots.has(root) ? 'live' : 'foreign',
    entries: new Reader(machine, controls, root).table(root, 4, 0),
    kernelHalf,
  };
}

class Reader {
  readonly #machine: Machine;
  readonly #controls: PagingControls;
  /** Structures shown: one that refers to itself would never end. */
  readonly #shown: Set<number>;

  constructor(machine: Machine, controls: PagingControls, root: number) {
    this.#machine = machine;
    this.#controls = controls;
    this.#shown = new Set([root]);
  }

  /** Entries of the structure at `pa`, whose first covers the addresses from `base` on. */
  table(pa: number, level: Level, base: number): EntrySnapshot[] {
    const entries: EntrySnapshot[] = [];
    const end = level === 4 ? KERNEL_BASE_SLOT : ENTRIES_PER_TABLE;
    for (let index = 0; index < end; index++) {
      const at = pa + index * 8;
      const [lo, hi] = [this.#machine.memory.readU32(at), this.#machine.memory.readU32(at + 4)];
      if ((lo | hi) === 0) continue;
      const linear = base + index * SPAN[level];
      const place = { name: ENTRY_NAME[level], index, va: hex(linear), at: hex(at) };
      entries.push({ ...place, ...this.#entry(lo, hi, level, linear) });
    }
    return entries;
  }

  #entry(
    lo: number,
    hi: number,
    level: Level,
    linear: number,
  ): Omit<EntrySnapshot, 'name' | 'index' | 'va' | 'at'> {
    const entry = decodeEntry(lo, hi, level, this.#controls);
    const { word, flags, available, reserved, leads, target, pageSize } = entry;
    const own = {
      word: hex(word),
      flags,
      ...(available.length > 0 ? { available } : {}),
      ...(reserved.length > 0 ? { reserved } : {}),
    };
    if (leads === 'nowhere') return own;
    const free = this.#machine.frames.get(target / PAGE_SIZE)?.references === 0;
    const leading = { ...own, target: hex(target), ...(free ? { free } : {}) };
    if (leads === 'to-page') return { ...leading, pageSize: pageSize! };
    // A walk ends at a reserved bit, and what lies in a free frame is no structure any more.
    if (free || reserved.length > 0) return leading;
    if (this.#shown.has(target)) return { ...leading, again: true };
    this.#shown.add(target);
    return { ...leading, table: this.table(target, (level - 1) as Level, linear) };
  }
}
