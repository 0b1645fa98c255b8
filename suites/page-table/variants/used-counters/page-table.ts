/** A page table that knows how many entries of each of its tables are in use. */
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

/** A bit that the hardware ignores: "made by this file". */
const MADE_HERE = 1n << 9n;
const MADE_HERE_TOO = 1n << 58n;

export class PtIndices {
  readonly pml4ei: number;
  readonly pdptei: number;
  readonly pdei: number;
  readonly ptei: number;

  constructor(readonly va: Va) {
    const digits = (va & 0xffff_ffff_f000n).toString(2).padStart(48, '0');
    const nine = (from: number): number => parseInt(digits.slice(from, from + 9), 2);
    this.pml4ei = nine(0);
    this.pdptei = nine(9);
    this.pdei = nine(18);
    this.ptei = nine(27);
  }

  static fromVa(va: Va): PtIndices {
    if (Va.offset(va) > 0n) throw PageTableMappingError.Unaligned;
    return new PtIndices(va);
  }
}

export class PageTable {
  readonly root: PageTableRoot;
  /** By the address of a table: its entries in use. */
  private readonly used = new Map<bigint, number>();

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
    const pml4e = this.root.indexMut(pml4ei);
    let made = 0;
    const path: Entry<bigint>[] = [];
    const enter = <E extends Entry<bigint>>(entry: E): E => {
      path.push(entry);
      if (entry.pa() === null) {
        const table = Page.new();
        const above = path.at(-2)?.pa() ?? null;
        if (above !== null) this.count(above, 1);
        this.used.set(table.pa(), 0);
        made++;
        entry
          .setPa(table.intoRaw())
          .setFlags(PteFlags.P | PteFlags.RW | PteFlags.US | MADE_HERE | MADE_HERE_TOO);
      }
      return entry;
    };
    try {
      const pdpe = enter(pml4e).intoPdpMut().at(pdptei);
      const pde = enter(pdpe).intoPdMut().at(pdei);
      const pte = enter(pde).intoPtMut().at(ptei);
      if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
      pte.setPa(pa).setFlags(flagsOf(perm));
      this.count(pde.pa()!, 1);
    } catch (error) {
      // Tables made by this call are empty: away with them.
      if (made > 0) this.prune(path);
      throw error;
    }
  }

  unmap(va: Va): Page {
    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pml4e = this.root.at(pml4ei);
    const pdpe = pml4e.intoPdp().at(pdptei);
    const pde = pdpe.intoPd().at(pdei);
    this.count(pde.pa()!, -1);
    this.prune([pml4e, pdpe, pde]);
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
          for (const pte of pde.intoPt()) giveBack(pte);
          giveBack(pde);
        }
        giveBack(pdpe);
      }
      giveBack(pml4e);
    }
    this.used.clear();
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('still running');
    this.clear();
    this.root.drop();
  }

  private count(table: Pa, by: number): void {
    this.used.set(table, (this.used.get(table) ?? 0) + by);
  }

  /** Frees the tables behind `path` that have no entry in use, the lowest first. */
  private prune(path: readonly Entry<bigint>[]): void {
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const entry = path[depth]!;
      const table = entry.pa();
      if (table === null) continue;
      if ((this.used.get(table) ?? 0) > 0) return;
      this.used.delete(table);
      giveBack(entry);
      const above = path[depth - 1]?.pa() ?? null;
      if (above !== null) this.count(above, -1);
    }
  }
}

function giveBack(entry: Entry<bigint>): void {
  const pa = entry.clear();
  if (pa !== null) Page.fromPa(pa).drop();
}

function flagsOf(perm: Permission): PteFlags {
  return (
    PteFlags.P |
    (contains(perm, Permission.WRITE) ? PteFlags.RW : 0n) |
    (contains(perm, Permission.USER) ? PteFlags.US : 0n) |
    (contains(perm, Permission.EXECUTABLE) ? 0n : PteFlags.XD)
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
