/** A mapping is a small transaction: what it made is undone, newest first, if it cannot be finished. */
import {
  contains,
  KernelError,
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

export class PtIndices {
  constructor(
    readonly va: Va,
    readonly pml4ei: number,
    readonly pdptei: number,
    readonly pdei: number,
    readonly ptei: number,
  ) {}

  static fromVa(va: Va): PtIndices {
    if (BigInt.asUintN(12, va) !== 0n) throw PageTableMappingError.Unaligned;
    const index = (level: number): number =>
      Number(BigInt.asUintN(9, va >> BigInt(12 + 9 * level)));
    return new PtIndices(va, index(3), index(2), index(1), index(0));
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
    if (Pa.offset(pa) !== 0n) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
    const undo: (() => void)[] = [];
    const open = <E extends Entry<bigint>>(entry: E): E => {
      if (entry.pa() !== null) return entry;
      entry.setPa(Page.new().intoRaw());
      // Rights for every leaf that may ever be below, and the accessed flag in advance: the hardware would set it anyway.
      entry.setFlags(PteFlags.P | PteFlags.RW | PteFlags.US | PteFlags.A);
      undo.push(() => Page.fromPa(entry.clear()!).drop());
      return entry;
    };
    try {
      const pdpe = open(this.root.indexMut(pml4ei)).intoPdpMut().at(pdptei);
      const pde = open(pdpe).intoPdMut().at(pdei);
      const pte = open(pde).intoPtMut().at(ptei);
      if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
      pte.setPa(pa).setFlags(leafFlags(perm));
    } catch (error) {
      for (const step of undo.reverse()) step();
      // Whatever was short, it was memory.
      throw error === PageTableMappingError.Duplicated ? error : KernelError.NoMemory;
    }
  }

  unmap(va: Va): Page {
    const walked = this.walkMut(va);
    return walked.clear()!.invalidate();
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
    const pages = [...this.leaves()];
    for (const pte of pages) Page.fromPa(pte.clear()!).drop();
    for (const pml4e of this.userSlots()) {
      for (const pdpe of pml4e.intoPdp()) {
        if (pdpe.pa() === null) continue;
        for (const pde of pdpe.intoPd()) if (pde.pa() !== null) Page.fromPa(pde.clear()!).drop();
        Page.fromPa(pdpe.clear()!).drop();
      }
      Page.fromPa(pml4e.clear()!).drop();
    }
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('still running');
    this.clear();
    this.root.drop();
  }

  private *userSlots() {
    for (let slot = 0; slot < PageTableRoot.KBASE; slot++) {
      const pml4e = this.root.at(slot);
      if (pml4e.pa() !== null) yield pml4e;
    }
  }

  private *leaves(): Generator<Pte> {
    for (const pml4e of this.userSlots())
      for (const pdpe of pml4e.intoPdp())
        for (const pde of pdpe.pa() === null ? [] : pdpe.intoPd())
          for (const pte of pde.pa() === null ? [] : pde.intoPt()) if (pte.pa() !== null) yield pte;
  }
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
