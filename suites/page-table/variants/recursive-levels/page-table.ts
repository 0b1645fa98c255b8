/** The page table as a tree: every operation is one recursion over its levels. */
import {
  attempt,
  contains,
  Page,
  PageTableMappingError,
  PageTableRoot,
  Pa,
  Permission,
  PteFlags,
  readCr3,
  StaleTLBEntry,
  tlbShutdown,
  Va,
  type Pde,
  type Pdpe,
  type Pml4e,
  type Pte,
  type Table,
} from 'keos';

type Level = 4 | 3 | 2 | 1;
type AnyEntry = Pml4e | Pdpe | Pde | Pte;

const SHIFT = { 4: 39n, 3: 30n, 2: 21n, 1: 12n } as const;

export class PtIndices {
  readonly va: Va;

  constructor(va: Va) {
    this.va = va;
  }

  static fromVa(va: Va): PtIndices {
    if (va % 4096n !== 0n) throw PageTableMappingError.Unaligned;
    return new PtIndices(va);
  }

  at(level: Level): number {
    return Number(BigInt.asUintN(9, this.va >> SHIFT[level]));
  }

  get pml4ei(): number {
    return this.at(4);
  }
  get pdptei(): number {
    return this.at(3);
  }
  get pdei(): number {
    return this.at(2);
  }
  get ptei(): number {
    return this.at(1);
  }
}

/** The table that an entry of a level above 1 points to. */
function below(entry: AnyEntry, level: Level): Table<AnyEntry> {
  if (level === 4) return (entry as Pml4e).intoPdp();
  if (level === 3) return (entry as Pdpe).intoPd();
  return (entry as Pde).intoPt();
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
    const mapped = attempt(() => this.doMap(va, pa, perm));
    if (mapped.ok) return;
    Page.fromPa(pa).drop();
    throw mapped.error;
  }

  doMap(va: Va, pa: Pa, perm: Permission): void {
    const indices = PtIndices.fromVa(va);
    if (pa % 4096n !== 0n) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
    if (attempt(() => this.walk(va)).ok) throw PageTableMappingError.Duplicated;
    const install = (table: { at(index: number): AnyEntry }, level: Level): void => {
      const entry = table.at(indices.at(level));
      if (level === 1) {
        (entry as Pte).setPa(pa).setFlags(flagsOf(perm));
        return;
      }
      if (entry.pa() === null)
        (entry as Pde).setPa(Page.new().intoRaw()).setFlags(PteFlags.P | PteFlags.RW | PteFlags.US);
      install(below(entry, level), (level - 1) as Level);
    };
    install(this.root, 4);
  }

  unmap(va: Va): Page {
    const indices = PtIndices.fromVa(va);
    let page: Page | null = null;
    /** True if the table has become empty. */
    const remove = (
      table: { at(index: number): AnyEntry; length: number },
      level: Level,
    ): boolean => {
      const entry = table.at(indices.at(level));
      if (entry.pa() === null) throw PageTableMappingError.NotExist;
      if (level === 1) {
        page = StaleTLBEntry.new(va, Page.fromPa(entry.clear()!)).invalidate();
      } else if (remove(below(entry, level), (level - 1) as Level)) {
        Page.fromPa(entry.clear()!).drop();
      } else {
        return false;
      }
      if (level === 4) return false;
      for (let i = 0; i < table.length; i++) if (table.at(i).pa() !== null) return false;
      return true;
    };
    remove(this.root, 4);
    tlbShutdown(this.root);
    return page!;
  }

  walk(va: Va): Pte {
    const indices = PtIndices.fromVa(va);
    const find = (table: { at(index: number): AnyEntry }, level: Level): Pte => {
      const entry = table.at(indices.at(level));
      if (entry.pa() === null) throw PageTableMappingError.NotExist;
      return level === 1 ? (entry as Pte) : find(below(entry, level), (level - 1) as Level);
    };
    return find(this.root, 4);
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    const empty = (entry: AnyEntry, level: Level): void => {
      if (entry.pa() === null) return;
      if (level > 1) for (const each of below(entry, level)) empty(each, (level - 1) as Level);
      Page.fromPa(entry.clear()!).drop();
    };
    // From the top down: the order is nobody's business.
    for (let slot = PageTableRoot.KBASE - 1; slot >= 0; slot--) empty(this.root.at(slot), 4);
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('PageTable.drop: it is running');
    this.clear();
    this.root.drop();
  }
}

function flagsOf(perm: Permission): PteFlags {
  const table: readonly (readonly [Permission, PteFlags])[] = [
    [Permission.WRITE, PteFlags.RW],
    [Permission.USER, PteFlags.US],
  ];
  const none = contains(perm, Permission.EXECUTABLE) ? PteFlags.P : PteFlags.P | PteFlags.XD;
  return table.reduce(
    (flags, [right, flag]) => (contains(perm, right) ? flags | flag : flags),
    none,
  );
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
