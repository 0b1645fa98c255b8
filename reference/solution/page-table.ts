/** The four-level page table of x86-64. */
import {
  contains,
  Page,
  PageTableMappingError,
  PageTableRoot,
  Pa,
  Permission,
  PteFlags,
  readCr3,
  StaleTLBEntry,
  Va,
  type Entry,
  type Pte,
} from 'keos';

/** Rights of every table: what a leaf may do is decided in the leaf alone, so the levels above it forbid nothing. */
const TABLE_FLAGS = PteFlags.P | PteFlags.RW | PteFlags.US;

/** A virtual address taken apart into its four table indices. */
export class PtIndices {
  constructor(
    readonly va: Va,
    readonly pml4ei: number,
    readonly pdptei: number,
    readonly pdei: number,
    readonly ptei: number,
  ) {}

  static fromVa(va: Va): PtIndices {
    if (Va.offset(va) !== 0n) throw PageTableMappingError.Unaligned;
    const index = (shift: bigint) => Number((va >> shift) & 0x1ffn);
    return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));
  }
}

/** A page table of a user process: owns its tables and one reference to each frame it maps. */
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
    if (Pa.offset(pa) !== 0n) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;

    // Every table the path lacks is allocated before the first one is linked: a shortage of frames changes nothing.
    const spare = allocate(this.#missingTables(indices));
    const pml4e = withTable(this.root.indexMut(indices.pml4ei), spare);
    const pdpe = withTable(pml4e.intoPdpMut().at(indices.pdptei), spare);
    const pde = withTable(pdpe.intoPdMut().at(indices.pdei), spare);
    const pte = pde.intoPtMut().at(indices.ptei);
    // A leaf can only be there if no table was missing, so nothing has to be undone here.
    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
    pte.setPa(pa).setFlags(leafFlags(perm));
  }

  unmap(va: Va): Page {
    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
  }

  walk(va: Va): Pte {
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    const pdp = this.root.at(pml4ei).intoPdp();
    const pd = pdp.at(pdptei).intoPd();
    const pte = pd.at(pdei).intoPt().at(ptei);
    if (pte.pa() === null) throw PageTableMappingError.NotExist;
    return pte;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {
      const pml4e = this.root.at(i);
      if (pml4e.pa() === null) continue;
      for (const pdpe of pml4e.intoPdp()) {
        if (pdpe.pa() === null) continue;
        for (const pde of pdpe.intoPd()) {
          if (pde.pa() === null) continue;
          for (const pte of pde.intoPt()) release(pte);
          release(pde);
        }
        release(pdpe);
      }
      release(pml4e);
    }
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('PageTable.drop: this processor still runs it');
    this.clear();
    this.root.drop();
  }

  /** How many tables between the root and the leaf of `indices` do not exist yet. */
  #missingTables(indices: PtIndices): number {
    const pml4e = this.root.at(indices.pml4ei);
    if (pml4e.pa() === null) return 3;
    const pdpe = pml4e.intoPdp().at(indices.pdptei);
    if (pdpe.pa() === null) return 2;
    return pdpe.intoPd().at(indices.pdei).pa() === null ? 1 : 0;
  }
}

/** The leaf of a mapped page, with the address it is for. */
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

/** `count` zeroed pages, or none at all. */
function allocate(count: number): Page[] {
  const pages: Page[] = [];
  try {
    while (pages.length < count) pages.push(Page.new());
  } catch (error) {
    for (const page of pages) page.drop();
    throw error;
  }
  return pages;
}

/** `entry`, after giving it a table from `spare` if it has none. */
function withTable<E extends Entry<bigint>>(entry: E, spare: Page[]): E {
  if (entry.pa() === null) {
    const table = spare.pop();
    if (table === undefined) throw new Error('doMap counted the missing tables wrongly');
    entry.setPa(table.intoRaw()).setFlags(TABLE_FLAGS);
  }
  return entry;
}

/** Empties an entry and gives back the reference it owned, of a table or of a page. */
function release(entry: Entry<bigint>): void {
  const pa = entry.clear();
  if (pa !== null) Page.fromPa(pa).drop();
}

function leafFlags(perm: Permission): PteFlags {
  let flags = PteFlags.P;
  if (contains(perm, Permission.WRITE)) flags |= PteFlags.RW;
  if (contains(perm, Permission.USER)) flags |= PteFlags.US;
  if (!contains(perm, Permission.EXECUTABLE)) flags |= PteFlags.XD;
  return flags;
}
