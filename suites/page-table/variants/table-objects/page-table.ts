/** Every table is an object that owns its page; the entries of the hardware are written from it. */
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
    const index = (shift: bigint): number => Number((va >> shift) & 0x1ffn);
    return new PtIndices(va, index(39n), index(30n), index(21n), index(12n));
  }

  get path(): readonly [number, number, number] {
    return [this.pml4ei, this.pdptei, this.pdei];
  }
}

/** A table below the root. */
class Node {
  readonly page = Page.new();
  readonly children = new Map<number, Node>();

  /** Gives everything below back, and the page itself. */
  dispose(): void {
    for (const child of this.children.values()) child.dispose();
    this.page.drop();
  }

  get isUnused(): boolean {
    const bytes = this.page.inner();
    for (let at = 0; at < bytes.length; at += 8)
      if ((bytes.readU64(at) & PteFlags.P) !== 0n) return false;
    return true;
  }
}

export class PageTable {
  readonly root: PageTableRoot;
  private readonly tree = new Map<number, Node>();

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
    const node = this.node(indices, true)!;
    const word = node.page.innerMut();
    const at = indices.ptei * 8;
    if ((word.readU64(at) & PteFlags.P) !== 0n) throw PageTableMappingError.Duplicated;
    word.writeU64(at, pa | leafFlags(perm));
  }

  unmap(va: Va): Page {
    const indices = PtIndices.fromVa(va);
    const page = this.walkMut(va).clear()!.invalidate();
    this.shrink(indices);
    return page;
  }

  walk(va: Va): Pte {
    const indices = PtIndices.fromVa(va);
    if (this.node(indices, false) === null) throw PageTableMappingError.NotExist;
    const { pml4ei, pdptei, pdei, ptei } = indices;
    const pte = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei).intoPt().at(ptei);
    if (pte.pa() === null) throw PageTableMappingError.NotExist;
    return pte;
  }

  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  clear(): void {
    for (const [slot, node] of this.tree) {
      for (const pdpe of this.root.at(slot).intoPdp())
        for (const pde of pdpe.pa() === null ? [] : pdpe.intoPd())
          for (const pte of pde.pa() === null ? [] : pde.intoPt()) {
            const pa = pte.clear();
            if (pa !== null) Page.fromPa(pa).drop();
          }
      this.root.at(slot).clear();
      node.dispose();
    }
    this.tree.clear();
  }

  drop(): void {
    if (readCr3() === this.pa()) throw new Error('still running');
    this.clear();
    this.root.drop();
  }

  /** The page table of an address, made with all above it if `make` says so. */
  private node({ path }: PtIndices, make: boolean): Node | null {
    let siblings = this.tree;
    let entryOf = (index: number): Entry<bigint> => this.root.at(index);
    let node: Node | undefined;
    for (const index of path) {
      node = siblings.get(index);
      if (node === undefined) {
        if (!make) return null;
        node = new Node();
        siblings.set(index, node);
        entryOf(index)
          .setPa(node.page.pa())
          .setFlags(PteFlags.P | PteFlags.RW | PteFlags.US);
      }
      const { page } = node;
      entryOf = (at) => new RawEntry(page, at) as unknown as Entry<bigint>;
      siblings = node.children;
    }
    return node ?? null;
  }

  /** Throws away the tables on the way to an address that nothing is in. */
  private shrink({ path: [a, b, c] }: PtIndices): void {
    const pdpt = this.tree.get(a);
    const pd = pdpt?.children.get(b);
    const pt = pd?.children.get(c);
    if (pdpt === undefined || pd === undefined || pt === undefined || !pt.isUnused) return;
    pd.page.innerMut().writeU64(c * 8, 0n);
    pd.children.delete(c);
    pt.dispose();
    if (!pd.isUnused) return;
    pdpt.page.innerMut().writeU64(b * 8, 0n);
    pdpt.children.delete(b);
    pd.dispose();
    if (!pdpt.isUnused) return;
    this.root.at(a).clear();
    this.tree.delete(a);
    pdpt.dispose();
  }
}

/** As much of an entry as is needed to link a table. */
class RawEntry {
  constructor(
    private readonly page: Page,
    private readonly index: number,
  ) {}

  setPa(pa: Pa): this {
    this.page.innerMut().writeU64(this.index * 8, pa | PteFlags.P);
    return this;
  }

  setFlags(flags: PteFlags): this {
    const bytes = this.page.innerMut();
    const address = bytes.readU64(this.index * 8) & 0x000f_ffff_ffff_f000n;
    bytes.writeU64(this.index * 8, address | flags);
    return this;
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
