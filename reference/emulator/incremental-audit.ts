/**
 * The audit after every operation, at the cost of what the operation changed: entries of the structures that were written, frames whose owners changed,
 * translations that were filled in.
 *
 * It only ever says that all is well. As soon as something does not fit, and until nothing is wrong any more, the full audit speaks instead, so that
 * there is one place that words facts.
 */
import type { Fact, Leaf, SpaceChange } from '../contract/machine-facts.ts';
import { SPAN } from '../x86/address.ts';
import { entryAddress, type Level, LO, PAGE_SIZE } from '../x86/page-table-entry.ts';
import { ALL_RIGHTS, audit, changedKernelSlots, combine, leafOf, rightsOf } from './audit.ts';
import { KERNEL_BASE_SLOT, type Machine } from './machine.ts';
import type { PresentEntry } from './physical-memory.ts';
import { ChangedLeaves } from './changed-leaves.ts';
import type { TlbEntry } from './tlb.ts';
import { type CombinedRights, hasReservedBit } from './walker.ts';

/** What is different since the audit before. */
export interface AuditChanges {
  /** By root (physical address); `null` for one that is gone. A root that is new has everything in `leaves`. */
  readonly spaces: ReadonlyMap<number, SpaceChange | null>;
  /** All that is wrong now. */
  readonly facts: readonly Fact[];
}

/** A paging structure that is reached from exactly one entry, or is a root. */
interface Structure {
  readonly pa: number;
  readonly level: Level;
  /** First linear address that it serves. */
  readonly base: number;
  readonly above: CombinedRights;
  readonly root: number;
  /** User entries by index, as they were at the last look. */
  readonly entries: Map<number, PresentEntry>;
}

/** Something does not fit: the full audit is to say what. */
class DoesNotFit extends Error {}

export class IncrementalAuditor {
  readonly #machine: Machine;
  readonly #structures = new Map<number, Structure>();
  /** Those that are known. */
  readonly #roots = new Set<number>();
  /** How many leaves lead to each frame. */
  readonly #uses = new Map<number, number>();
  /** Frames that entries lead to, and the operation in which the last entry went that led to one. */
  readonly #linked = new Set<number>();
  readonly #lost = new Map<number, number>();
  readonly #mostLeaves: number;
  #leaves: ChangedLeaves;
  /** Everything fitted at the last look, and is known here. */
  #isWell = true;

  /**
   * Follows `machine` from now on. Nobody else may clear what it notes down as changed.
   *
   * @param mostLeaves leaves of an address space that it looks at; default: all
   */
  constructor(machine: Machine, mostLeaves = Infinity) {
    this.#machine = machine;
    this.#mostLeaves = mostLeaves;
    this.#leaves = new ChangedLeaves(mostLeaves);
    for (const cpu of machine.cpus) cpu.tlb.recent = new Set();
  }

  /** All leaves of a root, ascending: as of the last {@link update}. */
  leavesOf(root: number): readonly Leaf[] {
    return this.#leaves.all(root);
  }

  /**
   * The operation in which the last entry went that led to the frame, in any of the frame's lives; -1 if there was one at the last {@link update},
   * `null` if there never was one.
   */
  lostIn(frame: number): number | null {
    return this.#linked.has(frame) ? -1 : (this.#lost.get(frame) ?? null);
  }

  /** Audits what has changed. Throws {@link TooManyLeaves}; after that it can say nothing any more. */
  update(): AuditChanges {
    try {
      if (!this.#isWell || !this.#isPlain()) return this.#inFull();
      this.#follow();
      return { spaces: this.#leaves.take(), facts: [] };
    } catch (error) {
      if (!(error instanceof DoesNotFit)) throw error;
      return this.#inFull();
    } finally {
      this.#machine.frames.changed.clear();
      this.#machine.memory.changedStructures.clear();
      for (const { tlb } of this.#machine.cpus) tlb.recent?.clear();
    }
  }

  /** Loading CR3 drops all translations. Otherwise any of them may be about any root, and only the full audit looks at them all. */
  #isPlain(): boolean {
    const { cpus, roots, bootRoot } = this.#machine;
    return cpus.every(
      ({ controls, structures, cr3 }) =>
        !controls.pge &&
        !controls.pcide &&
        structures === null &&
        (cr3 === bootRoot || roots.has(cr3)),
    );
  }

  #inFull(): AuditChanges {
    const { spaces, facts, linked } = audit(this.#machine, this.#mostLeaves);
    for (const frame of [...this.#linked]) if (!linked.has(frame)) this.#unlink(frame);
    for (const frame of linked) this.#linked.add(frame);
    this.#leaves.replace(spaces);
    this.#isWell = facts.length === 0;
    if (this.#isWell) {
      const known = this.#leaves;
      this.#isWell = this.#learn();
      this.#leaves = known;
    }
    return { spaces: this.#leaves.take(), facts };
  }

  /** Learns all structures anew. The leaves it learns by the way are known already. */
  #learn(): boolean {
    this.#structures.clear();
    this.#roots.clear();
    this.#uses.clear();
    this.#leaves = new ChangedLeaves(this.#mostLeaves);
    try {
      for (const root of this.#machine.roots) this.#addRoot(root);
      return true;
    } catch (error) {
      // Odd, but no fact: a root that is mapped as a page.
      if (!(error instanceof DoesNotFit)) throw error;
      return false;
    }
  }

  #follow(): void {
    const { memory, roots } = this.#machine;
    const changed = [...memory.changedStructures];
    const kernelChanged = this.#isKernelHalfChanged(this.#machine.bootRoot);
    // What goes first: a structure may move from one place to another.
    for (const root of [...this.#roots]) if (!roots.has(root)) this.#removeRoot(root);
    const added: [Structure, PresentEntry][] = [];
    for (const [pa, indices] of changed) {
      const structure = this.#structures.get(pa);
      if (structure !== undefined) added.push(...this.#removeChanged(structure, indices));
    }
    for (const [structure, entry] of added) {
      if (this.#structures.get(structure.pa) === structure) this.#addEntry(structure, entry);
    }
    for (const root of roots) {
      const isNew = !this.#roots.has(root);
      if (isNew) this.#addRoot(root);
      if (isNew || kernelChanged || this.#isKernelHalfChanged(root)) this.#checkKernelHalf(root);
    }
    this.#checkFrames();
    this.#checkTranslations();
  }

  /** Takes away the entries that are not what they were; returns what there is instead. `indices`: of those that were written, `null` for any of them. */
  #removeChanged(
    structure: Structure,
    indices: ReadonlySet<number> | null,
  ): [Structure, PresentEntry][] {
    const { pa, level, entries } = structure;
    const added: [Structure, PresentEntry][] = [];
    for (const index of indices ?? this.#allIndices(structure)) {
      if (level === 4 && index >= KERNEL_BASE_SLOT) continue;
      const now = this.#machine.memory.presentEntry(pa, index);
      const old = entries.get(index);
      if (old !== undefined && !isSame(old, now)) this.#removeEntry(structure, old);
      if (now !== undefined && !entries.has(index)) added.push([structure, now]);
    }
    return added;
  }

  /** Those of the entries that there were at the last look, and of those that there are. */
  #allIndices({ pa, entries }: Structure): ReadonlySet<number> {
    const now = this.#machine.memory.presentEntries(pa).map(({ index }) => index);
    return new Set([...entries.keys(), ...now]);
  }

  #isKernelHalfChanged(root: number): boolean {
    const indices = this.#machine.memory.changedStructures.get(root);
    if (indices === null) return true;
    return [...(indices ?? [])].some((index) => index >= KERNEL_BASE_SLOT);
  }

  #userEntries({ pa, level }: Structure): readonly PresentEntry[] {
    const all = this.#machine.memory.presentEntries(pa);
    if (level < 4 || (all.at(-1)?.index ?? 0) < KERNEL_BASE_SLOT) return all;
    return all.filter(({ index }) => index < KERNEL_BASE_SLOT);
  }

  #addRoot(root: number): void {
    this.#roots.add(root);
    this.#leaves.addSpace(root);
    this.#addStructure({ pa: root, level: 4, base: 0, above: ALL_RIGHTS, root });
  }

  #removeRoot(root: number): void {
    this.#roots.delete(root);
    const structure = this.#structures.get(root);
    if (structure !== undefined) this.#removeStructure(structure);
    this.#leaves.removeSpace(root);
  }

  #addStructure(place: Omit<Structure, 'entries'>): void {
    if (this.#structures.has(place.pa) || this.#uses.has(place.pa / PAGE_SIZE))
      throw new DoesNotFit();
    const structure: Structure = { ...place, entries: new Map() };
    this.#structures.set(place.pa, structure);
    if (place.level < 4) this.#linked.add(place.pa / PAGE_SIZE);
    for (const entry of this.#userEntries(structure)) this.#addEntry(structure, entry);
  }

  #removeStructure(structure: Structure): void {
    this.#structures.delete(structure.pa);
    this.#unlink(structure.pa / PAGE_SIZE);
    for (const entry of [...structure.entries.values()]) this.#removeEntry(structure, entry);
  }

  #addEntry(structure: Structure, entry: PresentEntry): void {
    const { index, lo, hi } = entry;
    const { level, root } = structure;
    structure.entries.set(index, entry);
    const { frames } = this.#machine;
    const isMalformed =
      hasReservedBit(lo, hi, level, this.#machine.current.controls) ||
      (level > 1 && (lo & LO.PAGE_SIZE) !== 0);
    const target = entryAddress(lo, hi);
    const frame = target / PAGE_SIZE;
    if (isMalformed || (frames.get(frame)?.references ?? 0) === 0) throw new DoesNotFit();
    const va = structure.base + index * SPAN[level];
    const above = combine(structure.above, lo, hi);
    if (level > 1) {
      this.#addStructure({ pa: target, level: (level - 1) as Level, base: va, above, root });
      return;
    }
    if (this.#structures.has(target)) throw new DoesNotFit();
    this.#uses.set(frame, (this.#uses.get(frame) ?? 0) + 1);
    this.#linked.add(frame);
    this.#machine.frames.changed.add(frames.get(frame)!);
    this.#leaves.set(root, leafOf(va, frame, above, lo, hi));
  }

  #removeEntry(structure: Structure, { index, lo, hi }: PresentEntry): void {
    structure.entries.delete(index);
    const target = entryAddress(lo, hi);
    if (structure.level > 1) {
      const below = this.#structures.get(target);
      if (below !== undefined) this.#removeStructure(below);
      return;
    }
    const left = (this.#uses.get(target / PAGE_SIZE) ?? 1) - 1;
    if (left === 0) {
      this.#uses.delete(target / PAGE_SIZE);
      this.#unlink(target / PAGE_SIZE);
    } else this.#uses.set(target / PAGE_SIZE, left);
    this.#leaves.delete(structure.root, structure.base + index * PAGE_SIZE);
  }

  /** No entry leads to the frame any more; one may again before the operation is over. */
  #unlink(frame: number): void {
    if (this.#linked.delete(frame)) this.#lost.set(frame, this.#machine.op);
  }

  #checkKernelHalf(root: number): void {
    if (changedKernelSlots(this.#machine, root).length > 0) throw new DoesNotFit();
  }

  #checkFrames(): void {
    for (const frame of this.#machine.frames.changed) {
      const uses = this.#uses.get(frame.number) ?? 0;
      const owned = frame.references - (frame.kernelOwner === null ? 0 : 1);
      const isFreeTable = frame.references === 0 && this.#structures.has(frame.pa);
      if (uses > owned || isFreeTable) throw new DoesNotFit();
    }
  }

  /** Translations that were filled in, and those of pages that are mapped otherwise now. */
  #checkTranslations(): void {
    for (const cpu of this.#machine.cpus) {
      if (cpu.cr3 === this.#machine.bootRoot) continue;
      for (const entry of cpu.tlb.recent ?? [])
        if (cpu.tlb.lookUp(entry.linear, entry.pcid) === entry)
          this.#checkTranslation(cpu.cr3, entry);
      for (const entry of cpu.reloadable.values()) this.#checkTranslation(cpu.cr3, entry);
      for (const va of this.#leaves.changed(cpu.cr3)) {
        const entry = cpu.tlb.lookUp(va, cpu.pcid);
        if (entry !== undefined) this.#checkTranslation(cpu.cr3, entry);
      }
    }
  }

  #checkTranslation(root: number, entry: TlbEntry): void {
    if (entry.linear < 0) return;
    const now = this.#leaves.get(root, entry.linear);
    const isCurrent =
      now?.frame === entry.base / PAGE_SIZE && (rightsOf(entry) & ~now.rights) === 0;
    if (!isCurrent) throw new DoesNotFit();
  }
}

/** Flags that the processor sets by itself and that no leaf tells of. */
const OWN_FLAGS = LO.ACCESSED | LO.DIRTY;

function isSame(old: PresentEntry, now: PresentEntry | undefined): boolean {
  return old.hi === now?.hi && (old.lo | OWN_FLAGS) === (now.lo | OWN_FLAGS);
}
