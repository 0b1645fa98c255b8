import {
  Page,
  PageTableMappingError,
  PageTableRoot,
  Pml4eFlags,
  PdpeFlags,
  PdeFlags,
  Permission,
  PteFlags,
  StaleTLBEntry,
  readCr3,
  type Pa,
  type Pte,
  type Va,
} from 'keos';

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
    // the lowest 12 bits have to be 0
    if ((va & 0xfffn) !== 0n) {
      throw PageTableMappingError.Unaligned;
    }
    const pml4ei = Number((va >> 39n) & 0x1ffn);
    const pdptei = Number((va >> 30n) & 0x1ffn);
    const pdei = Number((va >> 21n) & 0x1ffn);
    const ptei = Number((va >> 12n) & 0x1ffn);
    return new PtIndices(va, pml4ei, pdptei, pdei, ptei);
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
    const idx = PtIndices.fromVa(va); // throws Unaligned
    if ((pa & 0xfffn) !== 0n) {
      throw PageTableMappingError.Unaligned;
    }
    if ((perm & Permission.READ) === 0n) {
      throw PageTableMappingError.InvalidPermission;
    }

    // level 4
    const pml4e = this.root.indexMut(idx.pml4ei);
    if (pml4e.pa() === null) {
      const table = Page.new();
      pml4e.setPa(table.intoRaw()).setFlags(Pml4eFlags.P | Pml4eFlags.RW | Pml4eFlags.US);
    }
    // level 3
    const pdpe = pml4e.intoPdpMut().at(idx.pdptei);
    if (pdpe.pa() === null) {
      const table = Page.new();
      pdpe.setPa(table.intoRaw()).setFlags(PdpeFlags.P | PdpeFlags.RW | PdpeFlags.US);
    }
    // level 2
    const pde = pdpe.intoPdMut().at(idx.pdei);
    if (pde.pa() === null) {
      const table = Page.new();
      pde.setPa(table.intoRaw()).setFlags(PdeFlags.P | PdeFlags.RW | PdeFlags.US);
    }
    // level 1: the leaf. (If Page.new() threw above, empty tables stay behind, that is allowed.)
    const pte = pde.intoPtMut().at(idx.ptei);
    if (pte.pa() !== null) {
      throw PageTableMappingError.Duplicated;
    }
    let flags = PteFlags.P;
    if ((perm & Permission.WRITE) !== 0n) flags |= PteFlags.RW;
    if ((perm & Permission.USER) !== 0n) flags |= PteFlags.US;
    if ((perm & Permission.EXECUTABLE) === 0n) flags |= PteFlags.XD;
    pte.setPa(pa);
    pte.setFlags(flags);
  }

  unmap(va: Va): Page {
    const walked = this.walkMut(va);
    const stale = walked.clear();
    if (stale === null) {
      throw PageTableMappingError.NotExist;
    }
    return stale.invalidate();
  }

  walk(va: Va): Pte {
    const idx = PtIndices.fromVa(va);
    // into...() throws NotExist if a table is missing
    const pdp = this.root.at(idx.pml4ei).intoPdp();
    const pd = pdp.at(idx.pdptei).intoPd();
    const pt = pd.at(idx.pdei).intoPt();
    const pte = pt.at(idx.ptei);
    if (pte.pa() === null) {
      throw PageTableMappingError.NotExist;
    }
    return pte;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {
      const pml4e = this.root.at(i);
      if (pml4e.pa() === null) continue;
      const pdp = pml4e.intoPdpMut();
      for (let j = 0; j < 512; j++) {
        const pdpe = pdp.at(j);
        if (pdpe.pa() === null) continue;
        const pd = pdpe.intoPdMut();
        for (let k = 0; k < 512; k++) {
          const pde = pd.at(k);
          if (pde.pa() === null) continue;
          const pt = pde.intoPtMut();
          for (let l = 0; l < 512; l++) {
            const page = pt.at(l).clear();
            if (page !== null) Page.fromPa(page).drop();
          }
          const ptFrame = pde.clear();
          if (ptFrame !== null) Page.fromPa(ptFrame).drop();
        }
        const pdFrame = pdpe.clear();
        if (pdFrame !== null) Page.fromPa(pdFrame).drop();
      }
      const pdpFrame = pml4e.clear();
      if (pdpFrame !== null) Page.fromPa(pdpFrame).drop();
    }
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('PageTable.drop: this page table is in use');
    this.clear();
    this.root.drop();
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
