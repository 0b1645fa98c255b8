/**
 * The machine's audit of its own state, at quiescence: what every address space maps, and which facts about tables, frames and
 * TLBs are worth telling. It reads memory only and sets no accessed flags.
 */
import type { EntryChange, Fact, Leaf, Origin, Rights } from '../contract/machine-facts.ts';
import { SPAN } from '../x86/address.ts';
import {
  entryAddress,
  HI_EXECUTE_DISABLE,
  type Level,
  LO,
  PAGE_SIZE,
} from '../x86/page-table-entry.ts';
import { KERNEL_BASE_SLOT, type Machine } from './machine.ts';
import type { PresentEntry } from './physical-memory.ts';
import type { TlbEntry } from './tlb.ts';
import { TooManyLeaves } from './too-many-leaves.ts';
import { type CombinedRights, hasReservedBit } from './walker.ts';

/** Rights bits, as `Permission` has them. */
const RIGHT = { READ: 1, WRITE: 2, EXECUTE: 4, USER: 8 } as const;

/** Before the first entry. */
export const ALL_RIGHTS: CombinedRights = { writable: true, user: true, executable: true };

export interface Audit {
  /** User leaves of each live root (by physical address), ascending. */
  readonly spaces: ReadonlyMap<number, readonly Leaf[]>;
  readonly facts: readonly Fact[];
  /** Numbers of the frames that entries lead to: structures, but for roots, and pages. */
  readonly linked: ReadonlySet<number>;
}

/**
 * Audits the whole machine.
 *
 * @param mostLeaves leaves of an address space, and facts, from which on it throws {@link TooManyLeaves}; default: none
 */
export function audit(machine: Machine, mostLeaves = Infinity): Audit {
  return new Auditor(machine, mostLeaves).run();
}

class Auditor {
  readonly #machine: Machine;
  readonly #facts: Fact[] = [];
  readonly #spaces = new Map<number, Leaf[]>();
  /** How often each frame is used as a table, and as a page, and the first address each was seen at. */
  readonly #tables = new Map<number, number>();
  readonly #pages = new Map<number, { count: number; va: number }>();

  readonly #mostLeaves: number;

  constructor(machine: Machine, mostLeaves: number) {
    this.#machine = machine;
    this.#mostLeaves = mostLeaves;
  }

  run(): Audit {
    for (const root of this.#machine.roots) {
      const leaves: Leaf[] = [];
      this.#spaces.set(root, leaves);
      this.#table(root, 4, 0, ALL_RIGHTS, leaves);
      this.#kernelHalf(root);
    }
    this.#ownership();
    this.#translations();
    this.#cachedStructures();
    const linked = new Set([...this.#tables.keys(), ...this.#pages.keys()]);
    return { spaces: this.#spaces, facts: this.#facts, linked };
  }

  #table(pa: number, level: Level, base: number, above: CombinedRights, leaves: Leaf[]): void {
    const { memory, frames } = this.#machine;
    for (const { index, lo, hi } of memory.presentEntries(pa)) {
      if (level === 4 && index >= KERNEL_BASE_SLOT) break;
      if (leaves.length >= this.#mostLeaves || this.#facts.length >= this.#mostLeaves)
        throw new TooManyLeaves();
      const va = base + index * SPAN[level];
      if (
        hasReservedBit(lo, hi, level, this.#machine.current.controls) ||
        (level > 1 && (lo & LO.PAGE_SIZE) !== 0)
      ) {
        this.#facts.push({ kind: 'bad-entry', va, level });
        continue;
      }
      const target = entryAddress(lo, hi);
      const number = target / PAGE_SIZE;
      if ((frames.get(number)?.references ?? 0) === 0) {
        this.#facts.push({ kind: 'dangling-entry', va, level, frame: number });
        if (level > 1) continue;
      }
      const rights = combine(above, lo, hi);
      if (level === 1) {
        leaves.push(leafOf(va, number, rights, lo, hi));
        const seen = this.#pages.get(number);
        if (seen === undefined) this.#pages.set(number, { count: 1, va });
        else seen.count++;
        continue;
      }
      const uses = (this.#tables.get(number) ?? 0) + 1;
      this.#tables.set(number, uses);
      if (uses > 1 || this.#machine.roots.has(target)) {
        this.#facts.push({ kind: 'shared-table', va, level: (level - 1) as Level, frame: number });
        continue;
      }
      this.#table(target, (level - 1) as Level, va, rights, leaves);
    }
  }

  #kernelHalf(root: number): void {
    for (const slot of changedKernelSlots(this.#machine, root))
      this.#facts.push({ kind: 'kernel-half', slot });
  }

  #ownership(): void {
    for (const [number, { count, va }] of this.#pages) {
      const frame = this.#machine.frames.get(number);
      if (frame === undefined || frame.references === 0) continue;
      if (this.#tables.has(number)) {
        this.#facts.push({ kind: 'shared-table', va, level: 1, frame: number });
        continue;
      }
      // A pager may keep the owner of a mapped frame as a `Page` of its own, so live handles count as well; the kernel's own reference does not.
      const owned = frame.references - (frame.kernelOwner === null ? 0 : 1);
      if (count > owned)
        this.#facts.push({ kind: 'under-owned', va, frame: number, references: count, owned });
    }
  }

  #cachedStructures(): void {
    for (const { id, structures } of this.#machine.cpus) {
      const kept = [...(structures?.reachable() ?? [])];
      for (const { linear, level, table } of kept.sort((a, b) => a.linear - b.linear)) {
        const frame = table / PAGE_SIZE;
        if (this.#machine.frames.get(frame)?.references !== 0) continue;
        this.#facts.push({ kind: 'stale-structure', cpu: id, va: linear, level, frame });
      }
    }
  }

  /** Where a translation came from and what it has outlived, if that is watched. */
  #past(cached: TlbEntry): { readonly filled?: Origin; readonly change?: EntryChange } {
    const past = this.#machine.history?.explain(cached);
    if (past === null || past === undefined) return {};
    const { filled, change } = past;
    return change === null ? { filled } : { filled, change };
  }

  #translations(): void {
    for (const cpu of this.#machine.cpus) {
      if (cpu.cr3 === this.#machine.bootRoot) continue;
      const leaves = new Map((this.#spaces.get(cpu.cr3) ?? []).map((leaf) => [leaf.va, leaf]));
      const kept = [...cpu.tlb.entries()];
      const addresses = new Set(kept.map(({ linear }) => linear));
      const reloadable = [...cpu.reloadable.values()].filter(
        ({ linear }) => !addresses.has(linear),
      );
      for (const cached of [...kept, ...reloadable].sort((a, b) => a.linear - b.linear)) {
        const va = cached.linear;
        // What is kept for another context belongs to a root that cannot be told from here.
        if (va < 0 || (cached.pcid !== cpu.pcid && !cached.global)) continue;
        const now = leaves.get(va);
        const rights = rightsOf(cached);
        const frame = cached.base / PAGE_SIZE;
        if (now?.frame === frame && (rights & ~now.rights) === 0) continue;
        this.#facts.push({
          kind: 'stale-translation',
          cpu: cpu.id,
          va,
          frame,
          rights,
          now: now === undefined ? null : { frame: now.frame, rights: now.rights },
          ...(addresses.has(va) ? {} : { tooEarly: true }),
          ...this.#past(cached),
        });
      }
    }
  }
}

/** What is left of the rights from `above` below an entry. */
export function combine(above: CombinedRights, lo: number, hi: number): CombinedRights {
  return {
    writable: above.writable && (lo & LO.WRITABLE) !== 0,
    user: above.user && (lo & LO.USER) !== 0,
    executable: above.executable && (hi & HI_EXECUTE_DISABLE) === 0,
  };
}

/** The leaf that a PTE makes, with the rights combined from all levels. */
export function leafOf(
  va: number,
  frame: number,
  rights: CombinedRights,
  lo: number,
  hi: number,
): Leaf {
  const combined = rightsOf(rights);
  const own = rightsOf(combine(ALL_RIGHTS, lo, hi));
  return { va, frame, rights: combined, ...(own === combined ? {} : { own }) };
}

/** Slots of the kernel half that are present in the kernel's own root, if `root` has no such slot at all. */
export function missingKernelSlots({ memory, bootRoot }: Machine, root: number): number[] {
  const slots = (pa: number): number[] =>
    memory
      .presentEntries(pa)
      .map(({ index }) => index)
      .filter((index) => index >= KERNEL_BASE_SLOT);
  return slots(root).length > 0 ? [] : slots(bootRoot);
}

/** Slots of the kernel half in which `root` differs from the kernel's own root. */
export function changedKernelSlots({ memory, bootRoot }: Machine, root: number): number[] {
  const ours = memory.presentEntries(root);
  // A root made without the kernel half has none of it, and is untouched too.
  if ((ours.at(-1)?.index ?? 0) < KERNEL_BASE_SLOT) return [];
  const kernels = memory.presentEntries(bootRoot);
  const slots: number[] = [];
  let a = ours.findIndex(({ index }) => index >= KERNEL_BASE_SLOT);
  let b = kernels.findIndex(({ index }) => index >= KERNEL_BASE_SLOT);
  while (a < ours.length || b < kernels.length) {
    const mine = ours[a];
    const theirs = kernels[b];
    const slot = Math.min(mine?.index ?? 512, theirs?.index ?? 512);
    const same =
      mine?.index === theirs?.index &&
      mine?.hi === theirs?.hi &&
      butAccessed(mine) === butAccessed(theirs);
    if (!same) slots.push(slot);
    if (mine?.index === slot) a++;
    if (theirs?.index === slot) b++;
  }
  return slots;
}

/** The low half of an entry without the flag that the processor sets, in the root that it is running only. */
function butAccessed(entry: PresentEntry | undefined): number {
  return (entry?.lo ?? 0) & ~LO.ACCESSED;
}

/** Combined rights as the bits of `Permission`. */
export function rightsOf(t: CombinedRights): Rights {
  return (
    RIGHT.READ |
    (t.writable ? RIGHT.WRITE : 0) |
    (t.executable ? RIGHT.EXECUTE : 0) |
    (t.user ? RIGHT.USER : 0)
  );
}
