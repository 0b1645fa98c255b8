/**
 * # Chapter 1: the page table
 *
 * ## The idea
 *
 * Two programs may both store to address `0x1000` and never notice each other, because neither
 * address is a place in memory. A program works with *virtual* addresses. On every access the
 * processor looks up which *physical* address is meant, and it looks that up in a table which the
 * kernel wrote: one table for each process. What the table does not mention, the process cannot
 * reach. So whoever writes the table decides what a process can see, and that is all the isolation
 * there is.
 *
 * The lookup works on *pages* of 4096 bytes. A page of virtual addresses is mapped to a *frame*, 4096
 * bytes of physical memory, and the position within the page stays the same. One flat table for all
 * 2^36 user and kernel pages of a 48-bit address would need half a terabyte, so the table is a tree
 * of small tables, and a branch with nothing mapped in it does not exist.
 *
 * ## What the machine does
 *
 * Four levels. Each table is one frame holding 512 entries of 8 bytes. The address itself says which
 * entry to take at each level:
 *
 * ```text
 *   63       48 47      39 38      30 29      21 20      12 11         0
 *  +-----------+----------+----------+----------+----------+------------+
 *  | = bit 47  |  pml4ei  |  pdptei  |   pdei   |   ptei   |   offset   |
 *  +-----------+----------+----------+----------+----------+------------+
 *      16 bits    9 bits     9 bits     9 bits     9 bits      12 bits
 *
 *   CR3 --> PML4[pml4ei] --> PDP[pdptei] --> PD[pdei] --> PT[ptei] --> frame + offset
 *           covers 512 GiB   1 GiB           2 MiB        4 KiB       (an entry each)
 * ```
 *
 * An entry is one 64-bit word:
 *
 * ```text
 *   63 62    59 58    52 51                        12 11   9 8 7 6 5 4   3   2  1  0
 *  +--+--------+--------+----------------------------+------+-+-+-+-+---+---+--+--+--+
 *  |XD|  key   |  free  |  bits 12..51 of an address | free |G| |D|A|PCD|PWT|US|RW|P |
 *  +--+--------+--------+----------------------------+------+-+-+-+-+---+---+--+--+--+
 * ```
 *
 * - `P`, present. Without it the entry means nothing, and an access that needs it is a page fault.
 * - `RW`: writes allowed. `US`: user mode allowed. `XD`: fetching instructions forbidden.
 * - `A` and `D`: set *by the processor*, in memory, when it uses an entry and when it writes through a
 *   leaf. So after a page was touched its entry is not the word you stored. Test single flags; do
 *   not compare words.
 *
 * An access is allowed if *every* level allows it: the `RW` of all four levels are ANDed, so are the
 * `US`, and one `XD` anywhere forbids fetches for everything below. A table serves many pages with
 * different rights, so its entry has to allow whatever any of them may need; let the leaf decide.
 *
 * Reading four entries for each access would be slow, so every processor keeps translations it has
 * used in its *TLB* (translation lookaside buffer). It does not watch the tables: a change to
 * an entry shows only after that translation has been *invalidated*, on each processor that may hold
 * it. Until then the old frame can still be read and written. Two cases need no invalidation: an
 * entry that was not present (absence is never cached), and, on the processor that just took a page
 * fault, the page that faulted (the fault drops it). Everything else does.
 *
 * ## The design here
 *
 * {@link PageTable} holds a `PageTableRoot`. Slots 0..255 of the root are the user half: yours. It
 * begins empty, and nobody writes to it but your code (and the processor, its `A` and `D`), so every
 * table that you meet has the flags that you gave it. Slots 256..511 are the kernel's, the same in all
 * page tables; they are never changed, followed or freed. Nobody calls the methods below with an
 * address of the kernel half: a pager refuses such addresses before they get here.
 *
 * Ownership: a present leaf owns *one* reference to its frame, a present entry above it owns the
 * frame of the table it points to. `Page.intoRaw` moves a reference from your hands into an entry,
 * `Page.fromPa` moves it back. Whatever the tables own is given back by {@link PageTable.unmap} and
 * {@link PageTable.clear}, exactly once. (README has a table: "Who owns this frame".)
 *
 * Errors are thrown `PageTableMappingError`s. A call that throws has changed nothing that
 * anyone can see: every translation is as before. And `Page.new()` may throw
 * `KernelError.NoMemory` *every* time you call it; then, too, nothing may have changed and nothing may
 * leak. (Tables already linked but still empty are not a change; nor is their absence. Leaving them
 * is easiest: the next {@link PageTable.doMap} uses them.)
 *
 * The order of every change that takes something away is: the entry first, then the invalidation,
 * then the frame is released or reused. (Before the entry has changed an invalidation is in vain: a
 * processor may load the translation again at any time.) There are two ways to invalidate, and you
 * may choose:
 *
 * - a `StaleTLBEntry`: one page of the *current* page table, the one in CR3 of the processor that
 *   runs your call;
 * - `tlbShutdown(root)`: everything of any page table. It is the only way if the table you change is
 *   not the current one and may be running on another processor.
 *
 * To free a *table* before {@link PageTable.clear} does is never necessary. If you want to, when all
 * of its 512 entries are absent, keep to the same order, because processors may cache the upper
 * entries too: clear the leaf and the entry that points to the table, then invalidate, then drop
 * the table's page.
 *
 * ## To do
 *
 * - [ ] {@link PtIndices.fromVa}
 * - [ ] {@link PageTable.doMap}
 * - [ ] {@link PageTable.unmap}
 * - [ ] {@link PageTable.walk}
 * - [ ] {@link PageTable.walkMut}
 * - [ ] {@link PageTable.clear}
 *
 * Next: `pager.ts`, then chapter 2 in `mm-struct.ts`.
 */
import {
  Page,
  PageTableMappingError,
  PageTableRoot,
  StaleTLBEntry,
  readCr3,
  todo,
  type Pa,
  type Permission,
  type Pte,
  type PteFlags,
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
    return todo('PtIndices.fromVa');
  }
}

/** The page table of one process. */
export class PageTable {
  /** The PML4. `root.at(i)` is slot `i`, for looking and for writing; `root.indexMut(i)` is the same and says that you mean to write. */
  readonly root: PageTableRoot;

  /**
   * Given. A page table that maps nothing of the user half and shares the kernel half. `new PageTable()` never throws: a root is no
   * `Page`.
   *
   * @param root a root whose user half is empty. (With `PageTableRoot.newBoxed()` the kernel half is empty, too; leave it so.)
   */
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
   * `intoRaw`. Build an entry with `entry.setPa(pa).setFlags(PteFlags.P | ...)`, in this order; or write its `word`, or the bytes
   * of its table through `Page.innerMut()`. Only what is in memory afterwards counts.
   *
   * On success
   * - the leaf for `va` holds `pa` and exactly these flags: `P`; `RW` if `perm` has `WRITE`; `US` if it has `USER`;
   *   `XD` if it lacks `EXECUTABLE`. No other flag is set, so `A` and `D` are clear until the page is used.
   * - every entry above it is present and allows all that any leaf below it needs. Simplest is to let it allow everything, `RW` and `US` set,
   *   `XD` clear. (Only what the leaves have now is enough, too. But then a leaf with more rights has to widen the entries above it, those
   *   changed entries have to be invalidated, and `Walked.setPage` has to do the same.) A later mapping with fewer rights takes nothing away from them.
   * - no other mapping has changed.
   * - the leaf owns the reference behind `pa`, which was the caller's until now.
   *
   * Nothing needs to be invalidated: the entry was absent, and absence is never cached. (Unless you widen an entry that was present.)
   *
   * @param va where to map; a user address.
   * @param pa address of a frame of which the caller holds one reference (from `Page.intoRaw`).
   * @param perm the rights, any of the 16 sets of `Permission`.
   * @throws PageTableMappingError.Unaligned if `va` or `pa` is not a multiple of 4096. Checked first.
   * @throws PageTableMappingError.InvalidPermission if `perm` lacks `READ`: x86 cannot express that. Checked second.
   * @throws PageTableMappingError.Duplicated if a page is mapped at `va` already, whatever its frame and rights. Checked third.
   * @throws KernelError.NoMemory, from `Page.new()`.
   *   After any error all mappings are as before, and the caller still holds the reference behind `pa`: do not drop it.
   */
  doMap(va: Va, pa: Pa, perm: Permission): void {
    todo('PageTable.doMap');
  }

  /**
   * Takes away the mapping at `va` and returns its page, which the caller then owns.
   *
   * When this returns, {@link walk} of `va` throws `NotExist`, and no processor that runs this page table still holds the
   * translation. The steps have an order: clear the entry, make the reference a `Page` again, wrap it in a `StaleTLBEntry`, and get it
   * back from `invalidate()`. `tlbShutdown(this.root)` instead, after the entry was cleared and before you return the page, is as good.
   *
   * The caller sees to it that this table is the current one, or that no processor runs it; so a `StaleTLBEntry` is enough.
   *
   * You may free tables that have become empty, or keep them until {@link clear}. The order is at the top of this file; looking
   * through 512 entries for it is well within the budget. Needs no memory, so it never throws `NoMemory`.
   *
   * @param va a user address.
   * @throws PageTableMappingError.Unaligned if `va` is not a multiple of 4096.
   * @throws PageTableMappingError.NotExist if nothing is mapped at `va`: the leaf is not present, or a table on the way is missing.
   */
  unmap(va: Va): Page {
    return todo('PageTable.unmap');
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
    return todo('PageTable.walk');
  }

  /**
   * The leaf entry that maps `va`, together with its address, for changing it.
   *
   * Allocates nothing and by itself changes nothing. The handle is for use at once: see {@link Walked}.
   *
   * @param va a user address.
   * @throws PageTableMappingError.Unaligned, PageTableMappingError.NotExist as {@link walk}.
   */
  walkMut(va: Va): Walked {
    return todo('PageTable.walkMut');
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
   * Hint: from the bottom up. When the frame of a table is freed its entries are gone. Visit only tables that exist: present entries lead
   * there.
   */
  clear(): void {
    todo('PageTable.clear');
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
 * Given. A leaf that {@link PageTable.walkMut} found, and the address it maps. The way to change a mapping: take the old page out with
 * {@link clear}, put the new one in with {@link setPage}, then invalidate what `clear` returned.
 *
 * Use it at once, before any other call on the page table: an `unmap` in between, for instance, may free the table that the leaf is in. It
 * must not outlive your call.
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
   * `entry.page`. Before your call returns, call `entry.invalidate()`, which gives you the page. It reaches the processors that run
   * the current page table. (To use `tlbShutdown` alone, do it by hand: `pte.clear()`, `tlbShutdown(root)`, `Page.fromPa(pa)`.)
   */
  clear(): StaleTLBEntry | null {
    const pa = this.pte.clear();
    return pa === null ? null : StaleTLBEntry.new(this.va, Page.fromPa(pa));
  }

  /**
   * Makes an absent leaf map `page`, which is consumed.
   *
   * As it stands it works on tables that allow everything. If yours allow only what the leaves have, widen them here as well.
   *
   * @param flags all flags of the new leaf. They must contain `PteFlags.P`: without it the leaf stays absent, nobody finds the page any more,
   *   and that is a leak.
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
