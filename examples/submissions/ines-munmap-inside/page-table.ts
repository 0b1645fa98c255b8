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

/** A page-aligned virtual address, taken apart into the index it has at each level. */
export class PtIndices {
  /** The address. */
  readonly va: Va;
  /** Index into the PML4: bits 47..39 of the address, 0..511. */
  readonly pml4ei: number;
  /** Index into the page-directory-pointer table: bits 38..30, 0..511. */
  readonly pdptei: number;
  /** Index into the page directory: bits 29..21, 0..511. */
  readonly pdei: number;
  /** Index into the page table: bits 20..12, 0..511. */
  readonly ptei: number;

  /** Given. Takes the parts as they are. */
  constructor(va: Va, pml4ei: number, pdptei: number, pdei: number, ptei: number) {
    this.va = va;
    this.pml4ei = pml4ei;
    this.pdptei = pdptei;
    this.pdei = pdei;
    this.ptei = ptei;
  }

  /**
   * The indices of `va`.
   *
   * Addresses are `bigint`, indices are `number`: shift and mask first, then convert with `Number(...)`.
   *
   * @param va any virtual address.
   * @throws PageTableMappingError.Unaligned if the lowest 12 bits of `va` are not all zero.
   */
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

/** The page table of one process. */
export class PageTable {
  /** The PML4. Use `root.at(i)` to look at slot `i` and `root.indexMut(i)` to change it. */
  readonly root: PageTableRoot;

  /** Given. A page table that maps nothing of the user half and shares the kernel half. */
  constructor(root: PageTableRoot = PageTableRoot.newBoxedWithKernelAddr()) {
    this.root = root;
  }

  /** Given. The physical address of the root: what CR3 holds while this table is in use. */
  pa(): Pa {
    return this.root.pa();
  }

  /**
   * Given. Maps `page` at `va` with the rights `perm`; see {@link doMap} for what that means.
   *
   * Consumes `page` either way: afterwards the table owns it, or, if this throws, it was dropped.
   *
   * @throws what {@link doMap} throws.
   */
  map(va: Va, page: Page, perm: Permission): void {
    const pa = page.intoRaw();
    try {
      this.doMap(va, pa, perm);
    } catch (error) {
      Page.fromPa(pa).drop();
      throw error;
    }
  }

  /**
   * Maps the frame at `pa` at `va`, creating the tables on the way that do not exist yet.
   *
   * Hint: a table is a `Page.new()` (all zero, so all entries absent) turned into an address by
   * `intoRaw`. Build an entry with `entry.setPa(pa).setFlags(PteFlags.P | ...)`, in this order.
   *
   * On success
   * - the leaf for `va` holds `pa` and exactly these flags: `P`; `RW` if `perm` has `WRITE`; `US` if it has `USER`;
   *   `XD` if it lacks `EXECUTABLE`. No other flag is set, so `A` and `D` are clear until the page is used.
   * - every entry above it is present and allows all that any leaf below it may ever need: `RW` and `US` set, `XD` clear.
   *   A later mapping with fewer rights takes nothing away from them.
   * - no other mapping has changed.
   * - the leaf owns the reference behind `pa`, which was the caller's until now.
   *
   * Nothing needs to be invalidated: the entry was absent, and absence is never cached.
   *
   * @param va where to map; a user address.
   * @param pa address of a frame of which the caller holds one reference (from `Page.intoRaw`).
   * @param perm the rights, any of the 16 sets of `Permission`.
   * @throws PageTableMappingError.Unaligned if `va` or `pa` is not a multiple of 4096. Checked first.
   * @throws PageTableMappingError.InvalidPermission if `perm` lacks `READ`: x86 cannot express that. Checked second.
   * @throws PageTableMappingError.Duplicated if a page is mapped at `va` already, whatever its frame and rights.
   * @throws KernelError.NoMemory, from `Page.new()`.
   *   After any error all mappings are as before, and the caller still holds the reference behind `pa`: do not drop it.
   */
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

  /**
   * Takes away the mapping at `va` and returns its page, which the caller then owns.
   *
   * When this returns, {@link walk} of `va` throws `NotExist`, and no processor that runs the current page table (the one in
   * CR3) still holds the translation. The steps have an order: clear the entry, make the reference a `Page`
   * again, wrap it in a `StaleTLBEntry`, and get it back from `invalidate()`.
   *
   * You may free tables that have become empty, or keep them until {@link clear}. (If you do free one, its entry goes first.)
   * Needs no memory, so it never throws `NoMemory`. The caller sees to it that this table is the current
   * one, or that no processor runs it.
   *
   * @param va a user address.
   * @throws PageTableMappingError.Unaligned if `va` is not a multiple of 4096.
   * @throws PageTableMappingError.NotExist if nothing is mapped at `va`: the leaf is not present, or a table on the way is missing.
   */
  unmap(va: Va): Page {
    const walked = this.walkMut(va);
    const stale = walked.clear();
    if (stale === null) {
      throw PageTableMappingError.NotExist;
    }
    return stale.invalidate();
  }

  /**
   * The leaf entry that maps `va`: the live one, not a copy. For looking; to change it use {@link walkMut}.
   *
   * Allocates nothing and changes nothing. Owns nothing either: the frame stays the table's.
   *
   * @param va a user address.
   * @throws PageTableMappingError.Unaligned if `va` is not a multiple of 4096.
   * @throws PageTableMappingError.NotExist if the leaf is not present, or a table on the way is missing.
   */
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

  /**
   * The leaf entry that maps `va`, together with its address, for changing it.
   *
   * Allocates nothing and by itself changes nothing. The handle is good until your call returns.
   *
   * @param va a user address.
   * @throws PageTableMappingError.Unaligned, PageTableMappingError.NotExist as {@link walk}.
   */
  walkMut(va: Va): Walked {
    return new Walked(va, this.walk(va));
  }

  /**
   * Empties the user half.
   *
   * Gives back every reference that the user half owns, each exactly once: one for each present leaf, one for each table (PT, PD
   * and PDP). A frame that has other owners lives on. Slots 0..`KBASE - 1` of the root are zero afterwards; the root itself and
   * the kernel half are left as they are. The table can be used again, and clearing it twice is fine.
   *
   * The caller guarantees that no processor runs this table, so the TLB is no concern here. Never throws.
   *
   * Hint: from the bottom up. When the frame of a table is freed its entries are gone.
   */
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

  /**
   * Given. The end of this page table: {@link clear}, then the root is freed. It must not be in CR3 of any processor; that would
   * panic. Call it once.
   */
  drop(): void {
    if (readCr3() === this.pa()) throw new Error('PageTable.drop: this page table is in use');
    this.clear();
    this.root.drop();
  }
}

/**
 * Given. A present leaf and the address it maps. The way to change a mapping: take the old page out with {@link clear}, put the
 * new one in with {@link setPage}, then invalidate what `clear` returned.
 *
 * Good only until your call returns.
 */
export class Walked {
  /** The address that the leaf maps. */
  readonly va: Va;
  /** The leaf. Its flags are `pte.flags()`. */
  readonly pte: Pte;

  constructor(va: Va, pte: Pte) {
    this.va = va;
    this.pte = pte;
  }

  /**
   * Makes the leaf absent and hands out the page it owned, or returns `null` if it was absent.
   *
   * Processors may still hold the translation, so the page comes wrapped in a `StaleTLBEntry`. Its bytes can be read through
   * `entry.page`. Before your call returns, call `entry.invalidate()`, which gives you the page.
   */
  clear(): StaleTLBEntry | null {
    const pa = this.pte.clear();
    return pa === null ? null : StaleTLBEntry.new(this.va, Page.fromPa(pa));
  }

  /**
   * Makes an absent leaf map `page`, which is consumed.
   *
   * @param flags all flags of the new leaf. They must contain `PteFlags.P`, or the page is lost.
   * @throws PageTableMappingError.Duplicated if the leaf is present; then `page` has been dropped.
   */
  setPage(page: Page, flags: PteFlags): void {
    if (this.pte.pa() !== null) {
      page.drop();
      throw PageTableMappingError.Duplicated;
    }
    this.pte.setPa(page.intoRaw()).setFlags(flags);
  }
}
