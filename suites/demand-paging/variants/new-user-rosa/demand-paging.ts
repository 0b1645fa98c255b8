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
 * - [x] {@link BackingType.equals}
 * - [x] {@link LazyMapping.contains}
 * - [x] {@link CowTable}
 * - [x] {@link DemandPagingManager}
 * - [x] the functions at the end, which work on one global manager
 */
import {
  attempt,
  FRAME_ALLOCATOR,
  KernelError,
  PAGE_SIZE,
  physToVirtAddr,
  readInode,
  type FrameNumber,
  type PageBytes,
  type PageFlags,
} from 'veridian';

/** Bytes of a frame. */
const bytesOf = (frame: FrameNumber): PageBytes => physToVirtAddr(frame * PAGE_SIZE);

/** Number of the page that an address is in. */
const pageNumber = (vaddr: bigint): bigint => vaddr / PAGE_SIZE;

/** Takes a frame, or throws the KernelError that our callers are promised. */
function takeFrame(): FrameNumber {
  const taken = attempt(() => FRAME_ALLOCATOR.allocateFrame());
  if (!taken.ok) throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
  return taken.value;
}

/** What the pages of a mapping contain when they are first faulted in. */
export type BackingType =
  /** Zeros. */
  | { readonly kind: 'Anonymous' }
  /** The bytes of a file, by inode number, from a byte offset on (any, not only multiples of the page size). */
  | { readonly kind: 'FileBacked'; readonly inode: bigint; readonly offset: bigint };

/** Makes and compares values of the type {@link BackingType}. The grader makes them by these functions and hands them to you as they are. */
export const BackingType = {
  /** Given. */
  Anonymous: { kind: 'Anonymous' } as BackingType,

  /** Given. */
  FileBacked({ inode, offset }: { readonly inode: bigint; readonly offset: bigint }): BackingType {
    return { kind: 'FileBacked', inode, offset };
  },

  /** Whether two backings say the same: both anonymous, or the same inode and the same offset. They may be different objects. */
  equals(a: BackingType, b: BackingType): boolean {
    if (a.kind === 'FileBacked' && b.kind === 'FileBacked') {
      return a.inode === b.inode && a.offset === b.offset;
    }
    return a.kind === b.kind;
  },
};

/** What has become of a page of a mapping. A page that is not in the map is still `'promised'`. */
type PageState = 'promised' | 'given';

/** A range of addresses whose pages come at their first fault. */
export class LazyMapping {
  /** Address of the first byte: a multiple of the page size. */
  readonly startVaddr: bigint;
  /** Bytes. Mostly a multiple of the page size; if not, the last page counts with the part that belongs to the mapping. */
  readonly size: bigint;
  /** Flags for the page table, for each of its pages. */
  readonly flags: PageFlags;
  /** What the pages contain. */
  readonly backing: BackingType;
  /** By index of the page in the mapping. */
  readonly #states = new Map<number, PageState>();

  constructor(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType) {
    this.startVaddr = startVaddr;
    this.size = size;
    this.flags = flags;
    this.backing = backing;
  }

  /** Whether `vaddr` lies in the mapping: from its start up to, not including, its end. */
  contains(vaddr: bigint): boolean {
    // Whole pages: the rest of the last page belongs to the mapping, too.
    const pages = (this.size + PAGE_SIZE - 1n) / PAGE_SIZE;
    return vaddr >= this.startVaddr && vaddr < this.startVaddr + pages * PAGE_SIZE;
  }

  /** Index of the page that `vaddr`, an address of this mapping, is in. */
  pageIndex(vaddr: bigint): number {
    return Number((vaddr - this.startVaddr) / PAGE_SIZE);
  }

  /** What has become of page `index`. */
  stateOf(index: number): PageState {
    return this.#states.get(index) ?? 'promised';
  }

  /** Page `index` has been given out. */
  markGiven(index: number): void {
    this.#states.set(index, 'given');
  }

  /** Puts the contents of page `index` into all bytes of a frame. Throws what `readInode` throws. */
  load(index: number, bytes: PageBytes): void {
    bytes.fill(0);
    if (this.backing.kind === 'FileBacked') {
      readInode(this.backing.inode, this.backing.offset + BigInt(index) * PAGE_SIZE, bytes);
    }
  }
}

/** A page whose frame is shared: a value that never changes. */
export class CowEntry {
  /** The frame. */
  readonly frame: FrameNumber;
  /** Sharers, at least one. */
  readonly refCount: number;

  constructor(frame: FrameNumber, refCount: number) {
    this.frame = frame;
    this.refCount = refCount;
  }
}

/** The pages whose frames are shared, by number of the page. `new CowTable()` is an empty one. */
export class CowTable {
  /** By page number. A page without sharers has no entry. */
  readonly entries = new Map<bigint, CowEntry>();

  /**
   * From now on the page at `vaddr` (the address of a page) has `frame`, with two sharers. If it is marked already, the new frame takes the place of the old
   * one; it may have one sharer more than before then, instead of two. Takes no frame and never throws.
   */
  markCow(vaddr: bigint, frame: FrameNumber): void {
    const before = this.entryOf(vaddr);
    this.entries.set(
      pageNumber(vaddr),
      new CowEntry(frame, before === null ? 2 : before.refCount + 1),
    );
  }

  /**
   * One sharer gives up its reference.
   *
   * @returns true if it was the last one: then the caller frees the frame. False if there are others, if the last one is gone already, and if the page was never
   *   marked.
   */
  release(vaddr: bigint): boolean {
    const entry = this.entryOf(vaddr);
    if (entry === null) return false;
    if (entry.refCount === 1) {
      this.entries.delete(pageNumber(vaddr));
      return true;
    }
    this.entries.set(pageNumber(vaddr), new CowEntry(entry.frame, entry.refCount - 1));
    return false;
  }

  /** Whether the page at `vaddr` is marked. After its last reference was given up either answer is right. */
  isCow(vaddr: bigint): boolean {
    return this.entryOf(vaddr) !== null;
  }

  /** The entry of the page that `vaddr` is in, or null if it has none. */
  entryOf(vaddr: bigint): CowEntry | null {
    return this.entries.get(pageNumber(vaddr)) ?? null;
  }
}

/** Keeps lazy mappings, and a table of the pages that are shared. Managers know nothing of each other. */
export class DemandPagingManager {
  /** The shared pages. */
  readonly cowTable = new CowTable();
  /** The mappings, by their start. */
  readonly #mappings = new Map<bigint, LazyMapping>();

  /**
   * Registers a mapping. Takes no frame, reads no file, and never throws.
   *
   * @param startVaddr a multiple of the page size.
   * @param size in bytes; up to 64 MiB.
   */
  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    this.#mappings.set(startVaddr, new LazyMapping(startVaddr, size, flags, backing));
  }

  /**
   * Answers a demand-page fault.
   *
   * @param vaddr any address: the byte that was touched.
   * @returns a frame with the contents of the page that `vaddr` is in, which belongs to the caller from now on, and the flags of the mapping, exactly as they
   *   were registered.
   * @throws `KernelError.UnmappedMemory({ addr: vaddr })` if no mapping contains the address.
   * @throws `KernelError.InvalidAddress({ addr: vaddr })` if the page was faulted in before.
   * @throws `KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n })` if there is no frame.
   * @throws any KernelError if the file cannot be read: what `readInode` threw will do.
   */
  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    const mapping = this.#mappingOf(vaddr);
    if (mapping === null) throw KernelError.UnmappedMemory({ addr: vaddr });
    const index = mapping.pageIndex(vaddr);
    if (mapping.stateOf(index) === 'given') throw KernelError.InvalidAddress({ addr: vaddr });

    const frame = takeFrame();
    const loaded = attempt(() => mapping.load(index, bytesOf(frame)));
    if (!loaded.ok) {
      FRAME_ALLOCATOR.freeFrame(frame);
      throw loaded.error;
    }
    mapping.markGiven(index);
    return [frame, mapping.flags];
  }

  /**
   * Answers a write fault on a page that is shared: gives up the writer's reference.
   *
   * @param vaddr any address in the page: the byte that was written.
   * @returns a new frame with the bytes that the shared one has now. For the last sharer it may also be the shared frame itself.
   * @throws `KernelError.InvalidAddress({ addr: vaddr })` if the page is not marked.
   * @throws `KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n })` if there is no frame; then no reference was given up.
   */
  handleCowFault(vaddr: bigint): FrameNumber {
    const entry = this.cowTable.entryOf(vaddr);
    if (entry === null) throw KernelError.InvalidAddress({ addr: vaddr });

    const copy = takeFrame();
    bytesOf(copy).copyFrom(bytesOf(entry.frame));
    // If this was the last sharer, the old frame is left to the caller: it may be marked at another address as well.
    this.cowTable.release(vaddr);
    return copy;
  }

  /**
   * Forgets the mapping that starts at exactly this address. Does nothing if none does. The frames of its pages are the caller's, so they are not freed
   * here.
   */
  unregisterLazy(startVaddr: bigint): void {
    this.#mappings.delete(startVaddr);
  }

  /**
   * Marks each of the pages as {@link CowTable.markCow} does.
   *
   * @param base where the range begins. For information: the addresses in `pages` are complete.
   * @param pages addresses with their frames.
   */
  markCowRange(base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    for (const [vaddr, frame] of pages) this.cowTable.markCow(vaddr, frame);
  }

  /** Marks one page as {@link CowTable.markCow} does. */
  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }

  #mappingOf(vaddr: bigint): LazyMapping | null {
    for (const mapping of this.#mappings.values()) {
      if (mapping.contains(vaddr)) return mapping;
    }
    return null;
  }
}

// The functions below work on one global manager.

let globalManager: DemandPagingManager | null = null;

/** Makes the global manager: a new, empty one, also if there is one already. */
export function init(): void {
  globalManager = new DemandPagingManager();
}

/** {@link DemandPagingManager.registerLazy} of the global manager. Does nothing if there is none yet. */
export function registerLazy(
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void {
  globalManager?.registerLazy(startVaddr, size, flags, backing);
}

/**
 * {@link DemandPagingManager.tryDemandPage} of the global manager.
 *
 * @throws `KernelError.NotInitialized({ subsystem: 'demand_paging' })` if there is none yet.
 */
export function handlePageFault(vaddr: bigint): readonly [FrameNumber, PageFlags] {
  if (globalManager === null) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
  return globalManager.tryDemandPage(vaddr);
}

/**
 * Calls `f` once with the global manager, which is made if there is none yet. Returns what `f` returns, and lets out what it throws.
 */
export function withManagerMut<R>(f: (manager: DemandPagingManager) => R): R {
  globalManager ??= new DemandPagingManager();
  return f(globalManager);
}
