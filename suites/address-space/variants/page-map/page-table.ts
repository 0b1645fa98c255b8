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
 * {@link PageTable} holds a `PageTableRoot`. Slots 0..255 of the root are the user half: yours. Slots
 * 256..511 are the kernel's, the same in all page tables; they are never changed, followed or freed.
 * Nobody calls the methods below with an address of the kernel half: a pager refuses such
 * addresses before they get here.
 *
 * Ownership: a present leaf owns *one* reference to its frame, a present entry above it owns the
 * frame of the table it points to. `Page.intoRaw` moves a reference from your hands into an entry,
 * `Page.fromPa` moves it back. Whatever the tables own is given back by {@link PageTable.unmap} and
 * {@link PageTable.clear}, exactly once.
 *
 * Errors are thrown `PageTableMappingError`s. A call that throws has changed nothing that
 * anyone can see: every translation is as before. And `Page.new()` may throw
 * `KernelError.NoMemory` *every* time you call it; then, too, nothing may have changed and nothing may
 * leak. (Tables already linked but still empty are not a change; nor is their absence.)
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
  contains,
  Page,
  PAGE_MASK,
  PageTableMappingError,
  PageTableRoot,
  Permission,
  PteFlags,
  StaleTLBEntry,
  readCr3,
  tlbShutdown,
  Va,
  type Entry,
  type Pa,
  type Pde,
  type Pdpe,
  type Pml4e,
  type Pte,
  type Table,
} from 'keos';

// The four levels are alike, so the code below is written once for all of them: level 0 is the PML4, level 3 holds the leaves.

type AnyEntry = Entry<bigint>;
type AnyTable = Table<AnyEntry>;

const LEAF = 3;
/** Log2 of the bytes that one entry of each level covers. */
const SHIFT: readonly bigint[] = [39n, 30n, 21n, 12n];
/** From a present entry of level 0, 1 or 2 to the table it points to. */
const INTO: readonly ((entry: AnyEntry) => AnyTable)[] = [
  (entry) => (entry as Pml4e).intoPdpMut(),
  (entry) => (entry as Pdpe).intoPdMut(),
  (entry) => (entry as Pde).intoPtMut(),
];
/** Flags of every entry that points to a table: the leaf alone decides. */
const TABLE_FLAGS = PteFlags.P | PteFlags.RW | PteFlags.US;

function isPresent(entry: AnyEntry): boolean {
  return contains(entry.word, PteFlags.P);
}

/** Follows `path` from its entry of `level` down to the leaf. */
function descend(entry: AnyEntry, path: readonly number[], level: number): Pte {
  if (!isPresent(entry)) throw PageTableMappingError.NotExist;
  if (level === LEAF) return entry as Pte;
  return descend(INTO[level](entry).at(path[level + 1]), path, level + 1);
}

/** Gives back what `entry` owns, from the bottom up. */
function release(entry: AnyEntry, level: number): void {
  if (!isPresent(entry)) return;
  if (level < LEAF) for (const child of INTO[level](entry)) release(child, level + 1);
  const pa = entry.clear();
  if (pa !== null) Page.fromPa(pa).drop();
}

/** Visits the present leaves in `from`..`to` below a table that begins at `base`. */
function visit(
  table: AnyTable,
  level: number,
  base: bigint,
  from: bigint,
  to: bigint,
  f: (va: Va, leaf: Pte) => void,
): void {
  const shift = SHIFT[level];
  const first = from > base ? Number((from - base) >> shift) : 0;
  const last = Math.min(511, Number((to - 1n - base) >> shift));
  for (let i = first; i <= last; i++) {
    const entry = table.at(i);
    if (!isPresent(entry)) continue;
    const start = base + (BigInt(i) << shift);
    if (level === LEAF) f(Va.add(0n as Va, start), entry as Pte);
    else visit(INTO[level](entry), level + 1, start, from, to, f);
  }
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
    const [pml4ei, pdptei, pdei, ptei] = SHIFT.map((shift) => Number((va >> shift) & 0x1ffn));
    return new PtIndices(va, pml4ei, pdptei, pdei, ptei);
  }

  /** The indices in the order of the levels. */
  path(): readonly number[] {
    return [this.pml4ei, this.pdptei, this.pdei, this.ptei];
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
    const path = PtIndices.fromVa(va).path();
    if ((pa & PAGE_MASK) !== 0n) throw PageTableMappingError.Unaligned;
    if (!contains(perm, Permission.READ)) throw PageTableMappingError.InvalidPermission;

    // Down to the first absent entry: the leaf, or the place where a branch is missing.
    let level = 0;
    let slot: AnyEntry = this.root.indexMut(path[0]);
    while (level < LEAF && isPresent(slot)) slot = INTO[level](slot).at(path[++level]);
    if (isPresent(slot)) throw PageTableMappingError.Duplicated;

    // All the tables that are missing, before anything changes.
    const tables: Page[] = [];
    try {
      while (tables.length < LEAF - level) tables.push(Page.new());
    } catch (error) {
      for (const table of tables) table.drop();
      throw error;
    }

    // The branch grows from the leaf up, outside of the tree, and one store links it.
    let word: bigint = pa | PteFlags.P;
    if (contains(perm, Permission.WRITE)) word |= PteFlags.RW;
    if (contains(perm, Permission.USER)) word |= PteFlags.US;
    if (!contains(perm, Permission.EXECUTABLE)) word |= PteFlags.XD;
    tables.forEach((table, i) => {
      table.innerMut().writeU64(path[LEAF - i] * 8, word);
      word = table.intoRaw() | TABLE_FLAGS;
    });
    slot.word = word;
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
    const path = PtIndices.fromVa(va).path();
    return descend(this.root.at(path[0]), path, 0);
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
    const path = PtIndices.fromVa(va).path();
    return new Walked(va, descend(this.root.indexMut(path[0]), path, 0));
  }

  /**
   * Calls `f` for every present leaf of the user half from `from` up to, not including, `to` (at most the end of user space), in
   * order. Absent branches cost nothing, so the range may be huge. `f` may change or clear its leaf.
   */
  forEachLeaf(from: bigint, to: bigint, f: (va: Va, leaf: Pte) => void): void {
    if (from < to) visit(this.root, 0, 0n, from, to, f);
  }

  /**
   * Takes away every mapping from `from` up to, not including, `to`, and drops the pages: all entries first, then one invalidation for
   * all of them, then the frames. Tables stay. Never fails.
   */
  unmapRange(from: bigint, to: bigint): void {
    const gone: Pa[] = [];
    this.forEachLeaf(from, to, (_va, leaf) => {
      const pa = leaf.clear();
      if (pa !== null) gone.push(pa);
    });
    if (gone.length === 0) return;
    tlbShutdown(this.root);
    for (const pa of gone) Page.fromPa(pa).drop();
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
      const slot = this.root.indexMut(i);
      release(slot, 0);
      if (slot.word !== 0n) slot.word = 0n;
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
