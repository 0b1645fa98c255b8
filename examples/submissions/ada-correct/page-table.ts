/**
 * Ada's page table.
 *
 * Idea: the four levels only differ in how they are called (intoPdp, intoPd, intoPt), so there is one array with the
 * three ways down and everything else is a loop over levels 3, 2, 1, 0.
 *
 * I free page tables as soon as they are empty (unmap prunes upwards). So clear() usually has little to do.
 */
import {
  contains,
  Page,
  PageTableMappingError,
  PageTableRoot,
  Permission,
  PteFlags,
  readCr3,
  StaleTLBEntry,
  type Entry,
  type Pa,
  type Pde,
  type Pdpe,
  type Pml4e,
  type Pte,
  type Table,
  type Va,
} from 'keos';
import { indexAt, isAligned } from './bits';

type AnyEntry = Entry<bigint>;
type AnyTable = Table<AnyEntry>;

/** DOWN[n]: from an entry of level n to the table of level n - 1. */
const DOWN: readonly (((entry: AnyEntry) => AnyTable) | null)[] = [
  null,
  (entry) => (entry as Pde).intoPtMut(),
  (entry) => (entry as Pdpe).intoPdMut(),
  (entry) => (entry as Pml4e).intoPdpMut(),
];
const TOP = 3;

function below(entry: AnyEntry, level: number): AnyTable {
  const down = DOWN[level];
  if (!down) throw new Error(`there is nothing below level ${level}`);
  return down(entry);
}

export class PtIndices {
  constructor(
    readonly va: Va,
    readonly pml4ei: number,
    readonly pdptei: number,
    readonly pdei: number,
    readonly ptei: number,
  ) {}

  static fromVa(va: Va): PtIndices {
    if (!isAligned(va)) throw PageTableMappingError.Unaligned;
    const [ptei, pdei, pdptei, pml4ei] = [0, 1, 2, 3].map((level) => indexAt(va, level)) as [
      number,
      number,
      number,
      number,
    ];
    return new PtIndices(va, pml4ei, pdptei, pdei, ptei);
  }

  /** The index for a level, 3 = PML4 .. 0 = PT. */
  at(level: number): number {
    switch (level) {
      case 3:
        return this.pml4ei;
      case 2:
        return this.pdptei;
      case 1:
        return this.pdei;
      default:
        return this.ptei;
    }
  }
}

/** Entries on the way to a leaf, path[0] is the one in the PML4. May stop early (missing table). */
class Path {
  readonly entries: AnyEntry[] = [];

  get complete(): boolean {
    return this.entries.length === TOP + 1;
  }

  get last(): AnyEntry {
    const entry = this.entries[this.entries.length - 1];
    if (entry === undefined) throw new Error('empty path');
    return entry;
  }
}

export class PageTable {
  readonly root: PageTableRoot;

  constructor(root: PageTableRoot = PageTableRoot.newBoxedWithKernelAddr()) {
    this.root = root;
  }

  pa(): Pa {
    return this.root.pa();
  }

  map(va: Va, page: Page, perm: Permission): void {
    const pa = page.intoRaw();
    try {
      this.doMap(va, pa, perm);
    } catch (error) {
      Page.fromPa(pa).drop();
      throw error;
    }
  }

  doMap(va: Va, pa: Pa, perm: Permission): void {
    const indices = PtIndices.fromVa(va);
    if (!isAligned(pa)) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;

    // If Page.new() throws half-way, the tables made so far stay: empty ones are no harm, and the next doMap uses them.
    let entry: AnyEntry = this.root.indexMut(indices.pml4ei);
    for (let level = TOP; level > 0; level--) {
      if (entry.pa() === null) {
        entry.setPa(Page.new().intoRaw()).setFlags(PteFlags.P | PteFlags.RW | PteFlags.US);
      }
      entry = below(entry, level).at(indices.at(level - 1));
    }
    if (entry.pa() !== null) throw PageTableMappingError.Duplicated;
    entry.setPa(pa).setFlags(leafFlags(perm));
  }

  unmap(va: Va): Page {
    const path = this.follow(PtIndices.fromVa(va));
    const pa = path.complete ? path.last.clear() : null;
    if (pa === null) throw PageTableMappingError.NotExist;
    // entries first, then the TLB, then the frames
    const tables = this.prune(path);
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    for (const table of tables) table.drop();
    return page;
  }

  walk(va: Va): Pte {
    const path = this.follow(PtIndices.fromVa(va));
    if (!path.complete || path.last.pa() === null) throw PageTableMappingError.NotExist;
    return path.last as Pte;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    for (let slot = 0; slot < PageTableRoot.KBASE; slot++) freeTree(this.root.at(slot), TOP);
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('PageTable.drop: this page table is in use');
    this.clear();
    this.root.drop();
  }

  /** As far as there are tables. */
  private follow(indices: PtIndices): Path {
    const path = new Path();
    let entry: AnyEntry = this.root.at(indices.pml4ei);
    path.entries.push(entry);
    for (let level = TOP; level > 0 && entry.pa() !== null; level--) {
      entry = below(entry, level).at(indices.at(level - 1));
      path.entries.push(entry);
    }
    return path;
  }

  /** Takes the tables on `path` that have become empty out of the tree, from the bottom up. They are the caller's to drop. */
  private prune(path: Path): Page[] {
    const removed: Page[] = [];
    for (let level = 1; level <= TOP; level++) {
      const entry = path.entries[TOP - level];
      if (entry === undefined || !isEmpty(below(entry, level))) break;
      const pa = entry.clear();
      if (pa !== null) removed.push(Page.fromPa(pa));
    }
    return removed;
  }
}

export class Walked {
  constructor(
    readonly va: Va,
    readonly pte: Pte,
  ) {}

  clear(): StaleTLBEntry | null {
    const pa = this.pte.clear();
    return pa === null ? null : StaleTLBEntry.new(this.va, Page.fromPa(pa));
  }

  setPage(page: Page, flags: PteFlags): void {
    if (this.pte.pa() !== null) {
      page.drop();
      throw PageTableMappingError.Duplicated;
    }
    this.pte.setPa(page.intoRaw()).setFlags(flags);
  }
}

function leafFlags(perm: Permission): PteFlags {
  const rules: [boolean, PteFlags][] = [
    [true, PteFlags.P],
    [contains(perm, Permission.WRITE), PteFlags.RW],
    [contains(perm, Permission.USER), PteFlags.US],
    [!contains(perm, Permission.EXECUTABLE), PteFlags.XD],
  ];
  return rules.reduce((flags, [on, bit]) => (on ? flags | bit : flags), 0n);
}

function isEmpty(table: AnyTable): boolean {
  for (const entry of table) if (entry.pa() !== null) return false;
  return true;
}

/** Empties the entry and lets go of the frame behind it (a page or a table, that makes no difference). */
function freeTarget(entry: AnyEntry): void {
  const pa = entry.clear();
  if (pa !== null) Page.fromPa(pa).drop();
}

function freeTree(entry: AnyEntry, level: number): void {
  if (entry.pa() === null) return;
  if (level > 0) for (const child of below(entry, level)) freeTree(child, level - 1);
  freeTarget(entry);
}
