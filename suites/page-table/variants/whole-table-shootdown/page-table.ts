/** One loop for all levels, and more invalidations than anybody asked for. */
import {
  attempt,
  contains,
  Page,
  PageRef,
  PageTableMappingError,
  PageTableRoot,
  Pa,
  Permission,
  PteFlags,
  readCr3,
  StaleTLBEntry,
  tlbShutdown,
  Va,
  type Pte,
} from 'keos';

/** In bits that the hardware ignores: the level of the table that an entry points to. */
const markOf = (level: number): bigint => (BigInt(level) << 9n) | (BigInt(level) << 52n);

export class PtIndices {
  private constructor(
    readonly va: Va,
    readonly pageNumber: bigint,
  ) {}

  static fromVa(va: Va): PtIndices {
    const number = va / 4096n;
    if (number * 4096n !== va) throw PageTableMappingError.Unaligned;
    return new PtIndices(va, number);
  }

  /** Index at `level`: 3 for the PML4, 0 for the PT. */
  index(level: number): number {
    return Number((this.pageNumber / 512n ** BigInt(level)) % 512n);
  }

  get pml4ei(): number {
    return this.index(3);
  }
  get pdptei(): number {
    return this.index(2);
  }
  get pdei(): number {
    return this.index(1);
  }
  get ptei(): number {
    return this.index(0);
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
    const indices = PtIndices.fromVa(va);
    if (Pa.offset(pa) !== 0n) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;
    let table = this.root.pa();
    for (let level = 3; level > 0; level--) {
      const at = this.place(table, level, indices.index(level));
      if ((at.read() & PteFlags.P) === 0n) {
        const made = Page.new();
        at.write(made.intoRaw() | PteFlags.P | PteFlags.RW | PteFlags.US | markOf(level));
      }
      table = Pa.new(at.read() & 0x000f_ffff_ffff_f000n)!;
    }
    const leaf = this.place(table, 0, indices.ptei);
    if ((leaf.read() & PteFlags.P) !== 0n) throw PageTableMappingError.Duplicated;
    leaf.write(pa | leafFlags(perm));
  }

  unmap(va: Va): Page {
    const pte = this.walk(va);
    const page = Page.fromPa(pte.clear()!);
    tlbShutdown(this.root);
    const stale = StaleTLBEntry.new(va, page);
    tlbShutdown(this.root);
    return stale.invalidate();
  }

  walk(va: Va): Pte {
    const { pml4ei, pdptei, pdei, ptei } = PtIndices.fromVa(va);
    const pte = attempt(() =>
      this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei).intoPt().at(ptei),
    );
    if (!pte.ok || pte.value.pa() === null) throw PageTableMappingError.NotExist;
    return pte.value;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    // A list of work instead of four loops: the root's entries, and then whatever they lead to.
    const work: { table: Pa; level: number }[] = [];
    for (let slot = 0; slot < PageTableRoot.KBASE; slot++) {
      const pa = this.root.at(slot).clear();
      if (pa !== null) work.push({ table: pa, level: 2 });
    }
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const { table, level } = next;
      const owner = Page.fromPa(table);
      const bytes = owner.inner();
      for (let at = 0; level >= 0 && at < 4096; at += 8) {
        const word = bytes.readU64(at);
        if ((word & PteFlags.P) === 0n) continue;
        const below = Pa.new(word & 0x000f_ffff_ffff_f000n)!;
        work.push({ table: below, level: level - 1 });
      }
      owner.drop();
    }
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('still running');
    this.clear();
    this.root.drop();
  }

  /** The word of an entry, in the root or in the bytes of a table. */
  private place(
    table: Pa,
    level: number,
    index: number,
  ): { read(): bigint; write(word: bigint): void } {
    if (level === 3) {
      const entry = this.root.indexMut(index);
      return { read: () => entry.word, write: (word) => void (entry.word = word) };
    }
    const bytes = PageRef.fromPa(table).innerMut();
    return {
      read: () => bytes.readU64(index * 8),
      write: (word) => bytes.writeU64(index * 8, word),
    };
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
