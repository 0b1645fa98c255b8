/**
 * # A manager for demand paging
 *
 * This file stands by itself. It belongs to another kernel than the chapters 1 to 5: its interface is `'veridian'`, and it uses nothing of
 * `page-table.ts` or the pagers.
 *
 * ## The idea
 *
 * Lazy paging and copy-on-write need some bookkeeping that has nothing to do with page tables: which ranges of addresses were promised to a process
 * and are not there yet, and which frames are shared by several processes until one of them writes. Here this bookkeeping is an object of its
 * own, the *manager*. It never touches a page table. The fault handler of the kernel asks it, and gets a frame; to map it is the handler's business.
 *
 * ```text
 *      page fault                                    page fault
 *   (nothing is there)                        (a write to a shared page)
 *          |                                              |
 *          v                                              v
 *   tryDemandPage(vaddr)                         handleCowFault(vaddr)
 *          |                                              |
 *    [frame, flags]                                     frame
 *          |                                              |
 *          +----------> the caller maps it <--------------+
 * ```
 *
 * ## Demand paging
 *
 * {@link DemandPagingManager.registerLazy} promises a range: where it starts, how many bytes it has, which flags its pages get, and what they contain,
 * zeros or bytes of a file. Nothing else happens then. At the first fault of a page {@link DemandPagingManager.tryDemandPage} takes a frame, puts the contents of
 * *that page* into it, and returns it with the flags. Each page comes once:
 *
 * ```text
 *   registerLazy(0x10000, size 0x2800, flags, file from offset 0x1000)
 *
 *   page 0   0x10000..0x10fff   bytes 0x1000..0x1fff of the file
 *   page 1   0x11000..0x11fff   bytes 0x2000..0x2fff
 *   page 2   0x12000..0x127ff   bytes 0x3000..0x3fff     (the last page, of which the mapping has a part)
 *
 *   tryDemandPage(0x11234)   a frame with bytes 0x2000..0x2fff, and flags
 *   tryDemandPage(0x11fff)   throws InvalidAddress { addr: 0x11fff }: page 1 was given out
 *   tryDemandPage(0x13000)   throws UnmappedMemory { addr: 0x13000 }: there is no mapping
 * ```
 *
 * A frame comes from the allocator with whatever was left in it. So every byte of it has to be written: zeros for anonymous memory, and also behind the end
 * of a file. A fault may be at any address in the page; the frame always holds the page from its beginning.
 *
 * ## Copy-on-write
 *
 * A fork leaves each page with two owners of one frame, both of which may only read. Somebody *marks* the page in the {@link CowTable}: this address, this
 * frame, two sharers. From then on
 *
 * - a sharer who writes calls `handleCowFault`: it gets a frame of its own with a copy of the bytes, and is a sharer no more;
 * - a sharer who goes away calls `release`: if that is `true` it was the last one, and *it* frees the frame.
 *
 * ```text
 *                                    sharers of A   owner of B
 *   markCow(0x1000, A)               2
 *   handleCowFault(0x1abc) is B      1              the writer     (B: copy of A)
 *   release(0x1000) is true          0              the writer     (the caller of release frees A)
 * ```
 *
 * If only one sharer is left and it writes, nobody would notice if it simply kept the frame. You may do that, or copy as always.
 *
 * ## Who owns this frame
 *
 * | after                               | owner                                         | you still have to       |
 * | ----------------------------------- | --------------------------------------------- | ----------------------- |
 * | `frame = …allocateFrame()`          | your call                                     | return it, or free it   |
 * | `return [frame, flags]`             | the caller                                    | nothing, never again    |
 * | `markCow(vaddr, frame)`             | the sharers; the table only counts them       | nothing                 |
 * | `release(vaddr)` is `true`          | whoever called `release`, to free it          | nothing                 |
 * | a copy-on-write fault, the copy     | the caller                                    | nothing                 |
 * | a copy-on-write fault, the old frame| the other sharers                             | nothing                 |
 * | … if there are none                 | you or the caller: free it, or leave it       | nothing                 |
 * | a call that throws                  | as before                                     | free what it has taken  |
 *
 * ## Failure
 *
 * `FRAME_ALLOCATOR.allocateFrame()` and `readInode` can throw at any call. Your call then throws, too, and has changed nothing: the page can still be faulted in,
 * the count of sharers is what it was, the frame that was taken is free again. The simplest way is to do what can fail first, and write down last.
 *
 * ## What is left to you
 *
 * How you keep mappings and entries. What counts if mappings are registered on top of one another, or again without `unregisterLazy`, or with size 0. Whether
 * the part of the last page behind the end of a mapping belongs to it. What the table says of addresses inside a page, and of a page after its last
 * reference was given up. Whether a page that is marked again has two sharers or one more. None of this is judged.
 *
 * ## To do
 *
 * - [ ] {@link BackingType.equals}
 * - [ ] {@link LazyMapping.contains}
 * - [ ] {@link CowTable}
 * - [ ] {@link DemandPagingManager}
 * - [ ] the functions at the end, which work on one global manager
 */
import {
  FRAME_ALLOCATOR,
  FrameAllocatorError,
  KernelError,
  PAGE_SIZE,
  physToVirtAddr,
  readInode,
  type FrameNumber,
  type PageBytes,
  type PageFlags,
} from 'veridian';
import { orUndo } from './undo';

// ---------------------------------------------------------------------------------------------------------------------
// Small functions
// ---------------------------------------------------------------------------------------------------------------------

/** The name of a page in the books of the cow table. */
const pageKey = (vaddr: bigint): string => (vaddr / PAGE_SIZE).toString(16);

const bytesOf = (frame: FrameNumber): PageBytes => physToVirtAddr(frame * PAGE_SIZE);

const takeFrame = (): FrameNumber =>
  orUndo(
    () => FRAME_ALLOCATOR.allocateFrame(),
    (thrown) => {
      if (thrown === FrameAllocatorError.OutOfMemory) {
        throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
      }
    },
  );

/** A new frame, written by `write`. If that throws, the frame is free again. */
const writtenFrame = (write: (bytes: PageBytes) => void): FrameNumber => {
  const frame = takeFrame();
  return orUndo(
    () => {
      write(bytesOf(frame));
      return frame;
    },
    () => FRAME_ALLOCATOR.freeFrame(frame),
  );
};

/** What writes page `index` of a backing into the bytes of a frame, all of them. */
const contentsOf =
  (backing: BackingType, index: number) =>
  (bytes: PageBytes): void => {
    bytes.fill(0);
    if (backing.kind === 'FileBacked') {
      const { inode, offset } = backing;
      readInode(inode, offset + BigInt(index) * PAGE_SIZE, bytes);
    }
  };

// ---------------------------------------------------------------------------------------------------------------------
// Backings and mappings
// ---------------------------------------------------------------------------------------------------------------------

/** What the pages of a mapping contain when they are first faulted in. */
type BackingType =
  /** Zeros. */
  | { readonly kind: 'Anonymous' }
  /** The bytes of a file, by inode number, from a byte offset on (any, not only multiples of the page size). */
  | { readonly kind: 'FileBacked'; readonly inode: bigint; readonly offset: bigint };

/** Makes and compares values of the type {@link BackingType}. */
const BackingType = {
  /** Given. */
  Anonymous: { kind: 'Anonymous' } as BackingType,

  /** Given. */
  FileBacked({ inode, offset }: { readonly inode: bigint; readonly offset: bigint }): BackingType {
    return { kind: 'FileBacked', inode, offset };
  },

  /** Whether two backings say the same. */
  equals(a: BackingType, b: BackingType): boolean {
    return a.kind === 'FileBacked' && b.kind === 'FileBacked'
      ? a.inode === b.inode && a.offset === b.offset
      : a.kind === b.kind;
  },
};

/** A range of addresses whose pages come at their first fault. */
class LazyMapping {
  readonly startVaddr: bigint;
  readonly size: bigint;
  readonly flags: PageFlags;
  readonly backing: BackingType;
  /** The indices of the pages that were faulted in. */
  readonly #given = new Set<number>();

  constructor(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType) {
    this.startVaddr = startVaddr;
    this.size = size;
    this.flags = flags;
    this.backing = backing;
  }

  /** Pages, the last one counting whole. */
  get #pages(): bigint {
    return (this.size + PAGE_SIZE - 1n) / PAGE_SIZE;
  }

  /** Whether `vaddr` lies in a page of the mapping: the bytes behind the end of a partial last page count. */
  contains(vaddr: bigint): boolean {
    const { startVaddr } = this;
    return startVaddr <= vaddr && vaddr < startVaddr + this.#pages * PAGE_SIZE;
  }

  /** Gives out the page of `vaddr`, which this mapping contains. Written down last: what throws before has changed nothing. */
  give(vaddr: bigint): FrameNumber {
    const index = Number((vaddr - this.startVaddr) / PAGE_SIZE);
    if (this.#given.has(index)) throw KernelError.InvalidAddress({ addr: vaddr });
    const frame = writtenFrame(contentsOf(this.backing, index));
    this.#given.add(index);
    return frame;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Copy-on-write
// ---------------------------------------------------------------------------------------------------------------------

/** A page whose frame is shared. */
class CowEntry {
  readonly frame: FrameNumber;
  /** A ticket, that is a number of its own, for each sharer. */
  readonly sharers: Set<number>;

  constructor(frame: FrameNumber, sharers: Set<number>) {
    this.frame = frame;
    this.sharers = sharers;
  }

  get refCount(): number {
    return this.sharers.size;
  }

  /** One sharer less; whether it was the last one. */
  leave(): boolean {
    const { sharers } = this;
    const [ticket] = sharers;
    return ticket !== undefined && sharers.delete(ticket) && sharers.size === 0;
  }
}

/** The pages whose frames are shared. Entries without sharers are not kept. */
class CowTable {
  /** Page book: the entry of each marked page. */
  readonly #entries = new Map<string, CowEntry>();
  /** Frame book: the marked pages of each frame. */
  readonly #pagesOf = new Map<FrameNumber, Set<string>>();
  #nextTicket = 0;

  /** Marks a page: with two sharers, or with one more than it has. */
  markCow(vaddr: bigint, frame: FrameNumber): void {
    const key = pageKey(vaddr);
    const { sharers } = this.#forget(key) ?? { sharers: new Set([this.#nextTicket++]) };
    this.#entries.set(key, new CowEntry(frame, sharers.add(this.#nextTicket++)));
    const pages = this.#pagesOf.get(frame);
    if (pages) pages.add(key);
    else this.#pagesOf.set(frame, new Set([key]));
  }

  /** One sharer gives up its reference; true if it was the last one. */
  release(vaddr: bigint): boolean {
    const key = pageKey(vaddr);
    const last = this.#entries.get(key)?.leave() ?? false;
    if (last) this.#forget(key);
    return last;
  }

  /** Whether the page is marked and has sharers. */
  isCow(vaddr: bigint): boolean {
    return this.#entries.has(pageKey(vaddr));
  }

  /** The shared frame of the page that `vaddr` is in, or null. */
  frameAt(vaddr: bigint): FrameNumber | null {
    return this.#entries.get(pageKey(vaddr))?.frame ?? null;
  }

  /** Whether some page of this table is marked with the frame. */
  shares(frame: FrameNumber): boolean {
    return this.#pagesOf.has(frame);
  }

  /** Takes a page out of both books. */
  #forget(key: string): CowEntry | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    const { frame } = entry;
    const pages = this.#pagesOf.get(frame);
    if (pages?.delete(key) && pages.size === 0) this.#pagesOf.delete(frame);
    this.#entries.delete(key);
    return entry;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The manager
// ---------------------------------------------------------------------------------------------------------------------

/** Keeps lazy mappings, and a table of the pages that are shared. Managers know nothing of each other. */
class DemandPagingManager {
  /** The shared pages. */
  readonly cowTable = new CowTable();
  /** The mappings by their start. */
  readonly #mappings = new Map<bigint, LazyMapping>();

  *#containing(vaddr: bigint): Generator<LazyMapping, void, undefined> {
    for (const mapping of this.#mappings.values()) if (mapping.contains(vaddr)) yield mapping;
  }

  /** Registers a mapping: only takes note. */
  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    this.#mappings.set(startVaddr, new LazyMapping(startVaddr, size, flags, backing));
  }

  /** Answers a demand-page fault. */
  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    const [mapping] = this.#containing(vaddr);
    if (!mapping) throw KernelError.UnmappedMemory({ addr: vaddr });
    return [mapping.give(vaddr), mapping.flags];
  }

  /** Answers a write fault on a shared page. Every writer gets a copy; when the last one has it, the old frame is freed here. */
  handleCowFault(vaddr: bigint): FrameNumber {
    const shared = this.cowTable.frameAt(vaddr);
    if (shared === null) throw KernelError.InvalidAddress({ addr: vaddr });
    const copy = writtenFrame((bytes) => bytes.copyFrom(bytesOf(shared)));
    const last = this.cowTable.release(vaddr);
    // Marked at another page, too: then it has sharers there.
    if (last && !this.cowTable.shares(shared)) FRAME_ALLOCATOR.freeFrame(shared);
    return copy;
  }

  /** Forgets the mapping that starts at exactly this address, if there is one. */
  unregisterLazy(startVaddr: bigint): void {
    this.#mappings.delete(startVaddr);
  }

  /** Marks each of the pages. The addresses are complete, so the base is not needed. */
  markCowRange(_base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    for (const [vaddr, frame] of pages) this.cowTable.markCow(vaddr, frame);
  }

  /** Marks one page. */
  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The global manager
// ---------------------------------------------------------------------------------------------------------------------

let current: DemandPagingManager | null = null;

/** Makes the global manager: a new, empty one, also if there is one already. */
const init = (): void => {
  current = new DemandPagingManager();
};

/** {@link DemandPagingManager.registerLazy} of the global manager. Does nothing if there is none yet. */
const registerLazy = (
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void => current?.registerLazy(startVaddr, size, flags, backing);

/** {@link DemandPagingManager.tryDemandPage} of the global manager. */
const handlePageFault = (vaddr: bigint): readonly [FrameNumber, PageFlags] => {
  if (!current) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
  return current.tryDemandPage(vaddr);
};

/** Calls `f` once with the global manager, which is made if there is none yet. */
const withManagerMut = <R>(f: (manager: DemandPagingManager) => R): R =>
  f((current ??= new DemandPagingManager()));

export {
  BackingType,
  CowEntry,
  CowTable,
  DemandPagingManager,
  LazyMapping,
  handlePageFault,
  init,
  registerLazy,
  withManagerMut,
};
