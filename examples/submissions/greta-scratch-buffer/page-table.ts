// Project: page table
import {
  Page,
  PageTableMappingError,
  PageTableRoot,
  Permission,
  StaleTLBEntry,
  readCr3,
  tlbShutdown,
  type Entry,
  type Pa,
  type Pte,
  type PteFlags,
  type Table,
  type Va,
} from 'keos';
import { P, RW, TABLE, US, XD } from './words';

const slice = (va: bigint, shift: bigint) => Number((va >> shift) & 0b1_1111_1111n);

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
    if (va & 0xfffn) throw PageTableMappingError.Unaligned;
    return new PtIndices(va, slice(va, 39n), slice(va, 30n), slice(va, 21n), slice(va, 12n));
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

  /** The page table (lowest level) for the indices. `onMissing` is asked to fill in entries that are 0. */
  private lowest(ix: PtIndices, onMissing: (entry: Entry<bigint>) => void): Table<Pte> {
    const present = <E extends Entry<bigint>>(entry: E): E => {
      if (!(entry.word & P)) onMissing(entry);
      return entry;
    };
    const pdp = present(this.root.indexMut(ix.pml4ei)).intoPdpMut();
    const pd = present(pdp.at(ix.pdptei)).intoPdMut();
    return present(pd.at(ix.pdei)).intoPtMut();
  }

  doMap(va: Va, pa: Pa, perm: Permission): void {
    const ix = PtIndices.fromVa(va);
    if (pa & 0xfffn) throw PageTableMappingError.Unaligned;
    if (!(perm & Permission.READ)) throw PageTableMappingError.InvalidPermission;

    const created: Entry<bigint>[] = [];
    try {
      const table = this.lowest(ix, (entry) => {
        entry.word = Page.new().intoRaw() | TABLE;
        created.unshift(entry);
      });
      const leaf = table.at(ix.ptei);
      if (leaf.word & P) throw PageTableMappingError.Duplicated;
      leaf.word =
        pa |
        P |
        (perm & Permission.WRITE ? RW : 0n) |
        (perm & Permission.USER ? US : 0n) |
        (perm & Permission.EXECUTABLE ? 0n : XD);
    } catch (error) {
      // out of the tree, out of the TLBs, and only then free
      const frames = created.map((entry) => entry.clear()!);
      if (frames.length > 0) tlbShutdown(this.root);
      for (const frame of frames) Page.fromPa(frame).drop();
      throw error;
    }
  }

  unmap(va: Va): Page {
    const pa = this.walk(va).clear()!;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
  }

  walk(va: Va): Pte {
    const ix = PtIndices.fromVa(va);
    const leaf = this.lowest(ix, () => {
      throw PageTableMappingError.NotExist;
    }).at(ix.ptei);
    if (!(leaf.word & P)) throw PageTableMappingError.NotExist;
    return leaf;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    for (let slot = 0; slot < PageTableRoot.KBASE; slot++) {
      const pml4e = this.root.at(slot);
      if (!(pml4e.word & P)) continue;
      forEachPresent(pml4e.intoPdpMut(), (pdpe) => {
        forEachPresent(pdpe.intoPdMut(), (pde) => {
          forEachPresent(pde.intoPtMut(), giveBack);
          giveBack(pde);
        });
        giveBack(pdpe);
      });
      giveBack(pml4e);
    }
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('PageTable.drop: this page table is in use');
    this.clear();
    this.root.drop();
  }
}

function forEachPresent<E extends Entry<bigint>>(table: Table<E>, f: (entry: E) => void): void {
  for (let i = 0; i < table.length; i++) {
    const entry = table.at(i);
    if (entry.word & P) f(entry);
  }
}

function giveBack(entry: Entry<bigint>): void {
  const pa = entry.clear();
  if (pa !== null) Page.fromPa(pa).drop();
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
