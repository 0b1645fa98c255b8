/** Chapter 1: the page table of a process. */
import {
  contains,
  Page,
  PAGE_MASK,
  PAGE_SIZE,
  PageTableMappingError,
  PageTableRoot,
  PdeFlags,
  PdpeFlags,
  Permission,
  Pml4eFlags,
  PteFlags,
  StaleTLBEntry,
  Va,
  readCr3,
  type Entry,
  type Pa,
  type Pte,
  type Table,
} from 'keos';

/** Where the index of each level begins in an address. */
const PML4_SHIFT = 39n;
const PDP_SHIFT = 30n;
const PD_SHIFT = 21n;
const PT_SHIFT = 12n;

function indexOf(va: bigint, shift: bigint): number {
  return Number((va >> shift) & 0x1ffn);
}

/** The first address behind the range that the entry for `va` covers, at the level with this shift. */
function nextEntry(va: bigint, shift: bigint): bigint {
  return ((va >> shift) + 1n) << shift;
}

/** The flags of a leaf with these rights. */
function leafFlags(perm: Permission): PteFlags {
  let flags = PteFlags.P;
  if (contains(perm, Permission.WRITE)) flags |= PteFlags.RW;
  if (contains(perm, Permission.USER)) flags |= PteFlags.US;
  if (!contains(perm, Permission.EXECUTABLE)) flags |= PteFlags.XD;
  return flags;
}

/** Makes an absent upper entry point to a new, empty table. Rights are left to the leaf, so `flags` allows everything. */
function ensureTable(entry: Entry<bigint>, flags: bigint): void {
  if (entry.pa() === null) entry.setPa(Page.new().intoRaw()).setFlags(flags);
}

/** Whether no entry is present. Looks first behind `from`: when a range is unmapped upwards the next entry ends the search. */
function isEmpty(table: Table<Entry<bigint>>, from: number): boolean {
  for (let i = 1; i <= table.length; i++) {
    if (table.at((from + i) % table.length).pa() !== null) return false;
  }
  return true;
}

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
    if ((va & PAGE_MASK) !== 0n) throw PageTableMappingError.Unaligned;
    return new PtIndices(
      va,
      indexOf(va, PML4_SHIFT),
      indexOf(va, PDP_SHIFT),
      indexOf(va, PD_SHIFT),
      indexOf(va, PT_SHIFT),
    );
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
    const at = PtIndices.fromVa(va);
    if ((pa & PAGE_MASK) !== 0n) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;

    // If a later table cannot be had, the earlier ones stay behind, empty: clear() frees them.
    const pml4e = this.root.indexMut(at.pml4ei);
    ensureTable(pml4e, Pml4eFlags.P | Pml4eFlags.RW | Pml4eFlags.US);
    const pdpe = pml4e.intoPdpMut().at(at.pdptei);
    ensureTable(pdpe, PdpeFlags.P | PdpeFlags.RW | PdpeFlags.US);
    const pde = pdpe.intoPdMut().at(at.pdei);
    ensureTable(pde, PdeFlags.P | PdeFlags.RW | PdeFlags.US);
    const pte = pde.intoPtMut().at(at.ptei);
    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
    pte.setPa(pa).setFlags(leafFlags(perm));
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
    const stale = this.walkMut(va).clear();
    if (stale === null) throw PageTableMappingError.NotExist;
    const tables = this.unlinkEmptyTables(PtIndices.fromVa(va));
    const page = stale.invalidate();
    // Only now no processor can be on its way through these tables.
    for (const table of tables) table.drop();
    return page;
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
    return this.walkMut(va).pte;
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
    const at = PtIndices.fromVa(va);
    const pte = this.root
      .at(at.pml4ei)
      .intoPdp()
      .at(at.pdptei)
      .intoPd()
      .at(at.pdei)
      .intoPt()
      .at(at.ptei);
    if (pte.pa() === null) throw PageTableMappingError.NotExist;
    return new Walked(va, pte);
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
    const release = (entry: Entry<bigint>): void => {
      const pa = entry.clear();
      if (pa !== null) Page.fromPa(pa).drop();
    };
    for (let i = 0; i < PageTableRoot.KBASE; i++) {
      const pml4e = this.root.indexMut(i);
      if (pml4e.pa() === null) continue;
      for (const pdpe of pml4e.intoPdpMut()) {
        if (pdpe.pa() === null) continue;
        for (const pde of pdpe.intoPdMut()) {
          if (pde.pa() === null) continue;
          for (const pte of pde.intoPtMut()) release(pte);
          release(pde);
        }
        release(pdpe);
      }
      release(pml4e);
    }
  }

  /**
   * All present leaves from `start` up to, not including, `end` (user addresses, `start` aligned), in order. Skips what has no tables, so a
   * large range costs little.
   */
  leavesIn(start: bigint, end: bigint): Walked[] {
    const leaves: Walked[] = [];
    let va = start;
    while (va < end) {
      const pml4e = this.root.at(indexOf(va, PML4_SHIFT));
      if (pml4e.pa() === null) {
        va = nextEntry(va, PML4_SHIFT);
        continue;
      }
      const pdpe = pml4e.intoPdp().at(indexOf(va, PDP_SHIFT));
      if (pdpe.pa() === null) {
        va = nextEntry(va, PDP_SHIFT);
        continue;
      }
      const pde = pdpe.intoPd().at(indexOf(va, PD_SHIFT));
      const tableEnd = nextEntry(va, PD_SHIFT);
      if (pde.pa() === null) {
        va = tableEnd;
        continue;
      }
      const pt = pde.intoPt();
      for (; va < end && va < tableEnd; va += PAGE_SIZE) {
        const pte = pt.at(indexOf(va, PT_SHIFT));
        if (pte.pa() !== null) leaves.push(new Walked(va as Va, pte));
      }
    }
    return leaves;
  }

  /** Takes the tables on the way to `at` that are empty out of the tree, from the bottom up. The caller drops them. */
  private unlinkEmptyTables(at: PtIndices): Page[] {
    const pml4e = this.root.indexMut(at.pml4ei);
    const pdp = pml4e.intoPdpMut();
    const pdpe = pdp.at(at.pdptei);
    const pd = pdpe.intoPdMut();
    const pde = pd.at(at.pdei);
    const pt = pde.intoPtMut();

    const tables: Page[] = [];
    const levels: [Table<Entry<bigint>>, number, Entry<bigint>][] = [
      [pt, at.ptei, pde],
      [pd, at.pdei, pdpe],
      [pdp, at.pdptei, pml4e],
    ];
    for (const [table, index, parent] of levels) {
      if (!isEmpty(table, index)) break;
      const pa = parent.clear();
      if (pa !== null) tables.push(Page.fromPa(pa));
    }
    return tables;
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
