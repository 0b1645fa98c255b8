/* page-table.ts
 *
 * 4 level page table, assignment 1.
 *
 * Notes to myself:
 *  - root slots 0..255 are mine, the rest is the kernel's. hands off.
 *  - an entry that is present owns what it points to.
 *  - order for taking something away: entry, TLB, frame.
 */
import {
  Page,
  PageTableMappingError,
  PageTableRoot,
  Permission,
  PteFlags,
  StaleTLBEntry,
  contains,
  readCr3,
  type Entry,
  type Pa,
  type Pde,
  type Pdpe,
  type Pte,
  type Table,
  type Va,
} from "keos";

// ---------------------------------------------------------------- indices

export class PtIndices {
  readonly va: Va;
  readonly pml4ei: number;
  readonly pdptei: number;
  readonly pdei: number;
  readonly ptei: number;

  constructor(va: Va, pml4ei: number, pdptei: number, pdei: number, ptei: number) {
    this.va = va;
    this.pml4ei = pml4ei;
    this.pdptei = pdptei;
    this.pdei = pdei;
    this.ptei = ptei;
  }

  static fromVa(va: Va): PtIndices {
    if (va % 4096n !== 0n) throw PageTableMappingError.Unaligned;
    // take 9 bits off at a time, from the right
    let page_no = va / 4096n;
    const idx: number[] = [];
    for (let i = 0; i < 4; i++) {
      idx.push(Number(page_no % 512n));
      page_no = page_no / 512n;
    }
    return new PtIndices(va, idx[3], idx[2], idx[1], idx[0]);
  }
}

// ---------------------------------------------------------------- the table

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

  /*
   * All checks come first, then the tables are made (they are allowed to stay behind if one of
   * them cannot be made), the leaf is last.
   */
  doMap(va: Va, pa: Pa, perm: Permission): void {
    const idx = PtIndices.fromVa(va);
    if (pa % 4096n !== 0n) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;

    let flags = PteFlags.P;
    flags |= contains(perm, Permission.WRITE) ? PteFlags.RW : 0n;
    flags |= contains(perm, Permission.USER) ? PteFlags.US : 0n;
    flags |= contains(perm, Permission.EXECUTABLE) ? 0n : PteFlags.XD;

    const pt = this.table_for(idx, flags);
    const leaf = pt.at(idx.ptei);
    if (leaf.pa() !== null) throw PageTableMappingError.Duplicated;
    leaf.setPa(pa).setFlags(flags);
  }

  unmap(va: Va): Page {
    const leaf = this.walk(va);
    const pa = leaf.clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    const page = Page.fromPa(pa);
    return StaleTLBEntry.new(va, page).invalidate();
  }

  walk(va: Va): Pte {
    const idx = PtIndices.fromVa(va);
    const pml4e = this.root.at(idx.pml4ei);
    if (pml4e.pa() === null) throw PageTableMappingError.NotExist;
    const pdpe = pml4e.intoPdp().at(idx.pdptei);
    if (pdpe.pa() === null) throw PageTableMappingError.NotExist;
    const pde = pdpe.intoPd().at(idx.pdei);
    if (pde.pa() === null) throw PageTableMappingError.NotExist;
    const pte = pde.intoPt().at(idx.ptei);
    if (pte.pa() === null) throw PageTableMappingError.NotExist;
    return pte;
  }

  walkMut(va: Va): Walked {
    const pte = this.walk(va);
    return new Walked(va, pte);
  }

  clear(): void {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {
      const pml4e = this.root.at(i);
      if (pml4e.pa() !== null) {
        free_pdp(pml4e.intoPdpMut());
        release(pml4e);
      }
    }
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('PageTable.drop: this page table is in use');
    this.clear();
    this.root.drop();
  }

  /* the page table (level 1) for idx; makes what is missing. flags: what the leaf needs */
  private table_for(idx: PtIndices, flags: PteFlags): Table<Pte> {
    const pml4e = this.root.indexMut(idx.pml4ei);
    ensure_table(pml4e, flags);
    const pdpe = pml4e.intoPdpMut().at(idx.pdptei);
    ensure_table(pdpe, flags);
    const pde = pdpe.intoPdMut().at(idx.pdei);
    ensure_table(pde, flags);
    return pde.intoPtMut();
  }
}

export class Walked {
  readonly va: Va;
  readonly pte: Pte;

  constructor(va: Va, pte: Pte) {
    this.va = va;
    this.pte = pte;
  }

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

// ---------------------------------------------------------------- helpers

function ensure_table(entry: Entry<bigint>, flags: PteFlags): void {
  if (entry.pa() !== null) return;
  const page = Page.new();
  entry.setPa(page.intoRaw());
  entry.setFlags(flags);
}

function release(entry: Entry<bigint>): void {
  const pa = entry.clear();
  if (pa !== null) Page.fromPa(pa).drop();
}

function free_pt(pt: Table<Pte>): void {
  for (const pte of pt) release(pte);
}

function free_pd(pd: Table<Pde>): void {
  for (const pde of pd) {
    if (pde.pa() === null) continue;
    free_pt(pde.intoPtMut());
    release(pde);
  }
}

function free_pdp(pdp: Table<Pdpe>): void {
  for (const pdpe of pdp) {
    if (pdpe.pa() === null) continue;
    free_pd(pdpe.intoPdMut());
    release(pdpe);
  }
}
