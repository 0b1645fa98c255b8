/** A page table with a shelf of tables that it does not need at the moment. */
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
  type Pde,
  type Pte,
} from 'keos';

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
    const high = Number(BigInt.asUintN(48, va) >> 30n);
    const low = Number(va & 0x3fff_ffffn);
    return new PtIndices(va, high >>> 9, high & 511, low >>> 21, (low >>> 12) & 511);
  }
}

export class PageTable {
  readonly root: PageTableRoot;
  private readonly shelf: Page[] = [];

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
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
    if (Pa.offset(pa) !== 0n) throw PageTableMappingError.Unaligned;
    const pdpe = this.table(this.root.indexMut(pml4ei)).intoPdpMut().at(pdptei);
    const pde = this.table(pdpe).intoPdMut().at(pdei);
    const pte = this.table(pde).intoPtMut().at(ptei);
    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
    pte.setPa(pa).setFlags(leafFlags(perm));
  }

  unmap(va: Va): Page {
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    const pde = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei);
    const pa = pde.intoPt().at(ptei).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    this.shelve(pde);
    return page;
  }

  walk(va: Va): Pte {
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    const pte = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei).intoPt().at(ptei);
    if (pte.pa() === null) throw PageTableMappingError.NotExist;
    return pte;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    for (let slot = 0; slot < PageTableRoot.KBASE; slot++) {
      const pml4e = this.root.at(slot);
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
    for (const table of this.shelf.splice(0)) table.drop();
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('still running');
    this.clear();
    this.root.drop();
  }

  /** `entry`, after giving it a table if it has none: one of the shelf, or a new one. */
  private table<E extends Entry<bigint>>(entry: E): E {
    if (entry.pa() === null) {
      const table = this.shelf.pop() ?? Page.new();
      entry.setPa(table.intoRaw()).setFlags(PteFlags.P | PteFlags.RW | PteFlags.US);
    }
    return entry;
  }

  /** Takes away the page table of `pde` if nothing is in it. The directories above stay. */
  private shelve(pde: Pde): void {
    for (const pte of pde.intoPt()) if (pte.pa() !== null) return;
    const table = Page.fromPa(pde.clear()!);
    table.innerMut().fill(0);
    this.shelf.push(table);
  }
}

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
