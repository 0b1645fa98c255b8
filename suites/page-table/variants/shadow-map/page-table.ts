/** A map from addresses to leaf entries, and the tables that the hardware needs besides. */
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
  type Pte,
  type Table,
} from 'keos';

export class PtIndices {
  readonly pml4ei: number;
  readonly pdptei: number;
  readonly pdei: number;
  readonly ptei: number;

  private constructor(readonly va: Va) {
    [this.pml4ei, this.pdptei, this.pdei, this.ptei] = [39n, 30n, 21n, 12n].map((shift) =>
      Number((va >> shift) & 0x1ffn),
    ) as [number, number, number, number];
  }

  static fromVa(va: Va): PtIndices {
    if (Va.pageDown(va) !== va) throw PageTableMappingError.Unaligned;
    return new PtIndices(va);
  }
}

/** A page table of 2 MiB of addresses, with the way to it. */
interface Leaves {
  readonly pt: Table<Pte>;
  readonly base: bigint;
  used: number;
}

export class PageTable {
  readonly root: PageTableRoot;
  private readonly leaves = new Map<bigint, Leaves>();
  private readonly mapped = new Map<bigint, Pte>();

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
    if (this.isMapped(va)) throw PageTableMappingError.Duplicated;
    const leaves = this.leavesFor(indices, contains(perm, Permission.USER));
    const pte = leaves.pt.at(indices.ptei);
    pte.setPa(pa).setFlags(flagsOf(perm));
    leaves.used++;
    this.mapped.set(va, pte);
  }

  unmap(va: Va): Page {
    const pte = this.walk(va);
    this.mapped.delete(va);
    return StaleTLBEntry.new(va, Page.fromPa(pte.clear()!)).invalidate();
  }

  walk(va: Va): Pte {
    PtIndices.fromVa(va);
    if (!this.isMapped(va)) throw PageTableMappingError.NotExist;
    return this.mapped.get(va)!;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va), this);
  }

  /** Whether a leaf is there; it may have been emptied, or filled again, through a handle. */
  private isMapped(va: Va): boolean {
    const pte = this.mapped.get(va);
    return pte !== undefined && pte.pa() !== null;
  }

  clear(): void {
    for (const pte of this.mapped.values()) {
      const pa = pte.clear();
      if (pa !== null) Page.fromPa(pa).drop();
    }
    this.mapped.clear();
    this.leaves.clear();
    for (let slot = 0; slot < PageTableRoot.KBASE; slot++) {
      const pml4e = this.root.at(slot);
      if (pml4e.pa() === null) continue;
      for (const pdpe of pml4e.intoPdp()) {
        if (pdpe.pa() === null) continue;
        for (const pde of pdpe.intoPd()) {
          const pt = pde.clear();
          if (pt !== null) Page.fromPa(pt).drop();
        }
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

  /** The page table of an address, made with all above it that is missing. Rights for user code only where a page needs them. */
  leavesFor({ va, pml4ei, pdptei, pdei }: PtIndices, user: boolean): Leaves {
    const base = va >> 21n;
    const rights = PteFlags.P | PteFlags.RW | (user ? PteFlags.US : 0n);
    const pml4e = this.root.indexMut(pml4ei);
    if (pml4e.pa() === null) pml4e.setPa(Page.new().intoRaw());
    pml4e.setFlags(pml4e.flags() | rights);
    const pdpe = pml4e.intoPdpMut().at(pdptei);
    if (pdpe.pa() === null) pdpe.setPa(Page.new().intoRaw());
    pdpe.setFlags(pdpe.flags() | rights);
    const pde = pdpe.intoPdMut().at(pdei);
    if (pde.pa() === null) pde.setPa(Page.new().intoRaw());
    pde.setFlags(pde.flags() | rights);
    const known = this.leaves.get(base) ?? { pt: pde.intoPtMut(), base, used: 0 };
    this.leaves.set(base, known);
    return known;
  }
}

function flagsOf(perm: Permission): PteFlags {
  const write = contains(perm, Permission.WRITE) ? PteFlags.RW : 0n;
  const user = contains(perm, Permission.USER) ? PteFlags.US : 0n;
  const data = contains(perm, Permission.EXECUTABLE) ? 0n : PteFlags.XD;
  return PteFlags.P | write | user | data;
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
    this.table.leavesFor(PtIndices.fromVa(this.va), contains(flags, PteFlags.US));
  }
}
