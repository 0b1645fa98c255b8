/** A page table whose upper levels allow no more than the leaves below them have needed so far. */
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
  tlbShutdown,
  Va,
  type Entry,
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
    let rest = va >> 12n;
    const take = (): number => {
      const index = Number(rest & 511n);
      rest >>= 9n;
      return index;
    };
    const ptei = take();
    const pdei = take();
    const pdptei = take();
    return new PtIndices(va, take(), pdptei, pdei, ptei);
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
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
    const spare: Page[] = [];
    try {
      for (let missing = this.missing(va); missing > 0; missing--) spare.push(Page.new());
      const pml4e = this.root.indexMut(pml4ei);
      link(pml4e, spare);
      const pdpe = pml4e.intoPdpMut().at(pdptei);
      link(pdpe, spare);
      const pde = pdpe.intoPdMut().at(pdei);
      link(pde, spare);
      const pte = pde.intoPtMut().at(ptei);
      if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
      // The last thing that can be refused: an unaligned physical address, by setPa itself.
      pte.setPa(pa);
      const flags = leafFlags(perm);
      pte.setFlags(flags);
      for (const entry of [pml4e, pdpe, pde]) widen(entry, flags);
    } catch (error) {
      for (const page of spare) page.drop();
      throw error;
    }
  }

  unmap(va: Va): Page {
    const pte = this.walk(va);
    const page = Page.fromPa(pte.clear()!);
    // The whole table, for a change: also right.
    tlbShutdown(this.root);
    return page;
  }

  walk(va: Va): Pte {
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    const pt = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei).intoPt();
    const pte = pt.at(ptei);
    if (!contains(pte.flags(), PteFlags.P)) throw PageTableMappingError.NotExist;
    return pte;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va), this);
  }

  /** A leaf below these entries has got rights that none had before. */
  widenFor(va: Va, flags: PteFlags): void {
    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pml4e = this.root.at(pml4ei);
    const pdpe = pml4e.intoPdp().at(pdptei);
    for (const entry of [pml4e, pdpe, pdpe.intoPd().at(pdei)]) widen(entry, flags);
  }

  clear(): void {
    for (let slot = 0; slot < PageTableRoot.KBASE; slot++) this.clearSlot(slot);
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('still running');
    this.clear();
    this.root.drop();
  }

  private clearSlot(slot: number): void {
    const pml4e = this.root.at(slot);
    if (pml4e.pa() === null) return;
    // All addresses first, everything else afterwards.
    const addresses: Pa[] = [];
    for (const pdpe of pml4e.intoPdp()) {
      if (pdpe.pa() === null) continue;
      for (const pde of pdpe.intoPd()) {
        if (pde.pa() === null) continue;
        for (const pte of pde.intoPt()) {
          const pa = pte.clear();
          if (pa !== null) addresses.push(pa);
        }
        addresses.push(pde.clear()!);
      }
      addresses.push(pdpe.clear()!);
    }
    addresses.push(pml4e.clear()!);
    for (const pa of addresses) Page.fromPa(pa).drop();
  }

  private missing(va: Va): number {
    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pml4e = this.root.at(pml4ei);
    if (pml4e.pa() === null) return 3;
    const pdpe = pml4e.intoPdp().at(pdptei);
    if (pdpe.pa() === null) return 2;
    return pdpe.intoPd().at(pdei).pa() === null ? 1 : 0;
  }
}

/** A table that nothing can be reached through yet: P alone, and no right to execute. */
function link(entry: Entry<bigint>, spare: Page[]): void {
  if (entry.pa() === null) entry.setPa(spare.pop()!.intoRaw()).setFlags(PteFlags.P | PteFlags.XD);
}

function widen(entry: Entry<bigint>, leaf: PteFlags): void {
  const has = entry.flags();
  const rights = has | (leaf & (PteFlags.RW | PteFlags.US));
  const needed = contains(leaf, PteFlags.XD) ? rights : rights & ~PteFlags.XD;
  if (needed !== has) entry.setFlags(needed);
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
    private readonly table: PageTable,
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
    this.table.widenFor(this.va, flags);
  }
}
