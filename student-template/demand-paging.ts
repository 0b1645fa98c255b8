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
 * frame, two sharers. Both ask this manager, at this address: a frame is never marked at two addresses or in two managers. Marks and mappings have nothing to
 * do with each other. From then on
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
 * If only one sharer is left and it writes, nobody would notice if it simply kept the frame. You may do that, or copy as always, and then free the old frame
 * or leave it: the grader looks which it was.
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
 * | … if there are none                 | you, who may free it, or else the caller      | nothing                 |
 * | marking again, the frame before     | its caller                                    | nothing                 |
 * | a call that throws                  | as before                                     | free what it has taken  |
 *
 * ## Failure
 *
 * `FRAME_ALLOCATOR.allocateFrame()` and `readInode` can throw at any call. Your call then throws, too, and has changed nothing: the page can still be faulted in,
 * the count of sharers is what it was, the frame that was taken is free again. The simplest way is to do what can fail first, and write down last.
 * If several errors apply, say because no frame is free and the file cannot be read, any of them is right.
 *
 * ## What is left to you
 *
 * How you keep mappings and entries. What counts if mappings are registered on top of one another, or again without `unregisterLazy`, or with size 0. Whether
 * the part of the last page behind the end of a mapping belongs to it. What the table says of addresses inside a page, and of a page after its last
 * reference was given up. Whether a page that is marked again has two sharers or one more. None of this is judged; the rules say “either way passes”.
 *
 * ## To do
 *
 * - [ ] {@link BackingType.equals}
 * - [ ] {@link LazyMapping.contains}
 * - [ ] {@link CowTable}
 * - [ ] {@link DemandPagingManager}
 * - [ ] the functions at the end, which work on one global manager
 */
import { todo, type FrameNumber, type PageFlags } from 'veridian';

/** What the pages of a mapping contain when they are first faulted in. */
export type BackingType =
  /** Zeros. */
  | { readonly kind: 'Anonymous' }
  /** The bytes of a file, by inode number, from a byte offset on (any, not only multiples of the page size; below 2 ** 40). */
  | { readonly kind: 'FileBacked'; readonly inode: bigint; readonly offset: bigint };

/** Makes and compares values of the type {@link BackingType}. The grader takes them from here, and hands them to you as they are. */
export const BackingType = {
  /** Given. */
  Anonymous: { kind: 'Anonymous' } as BackingType,

  /** Given. */
  FileBacked({ inode, offset }: { readonly inode: bigint; readonly offset: bigint }): BackingType {
    return { kind: 'FileBacked', inode, offset };
  },

  /** Whether two backings say the same: both anonymous, or the same inode and the same offset. They may be different objects. */
  equals(a: BackingType, b: BackingType): boolean {
    return todo('BackingType.equals');
  },
};

/** A range of addresses whose pages come at their first fault. */
export class LazyMapping {
  /** Address of the first byte: a multiple of the page size. */
  readonly startVaddr: bigint;
  /** Bytes. Mostly a multiple of the page size; if not, the last page is one of the mapping’s all the same. */
  readonly size: bigint;
  /** Flags for the page table, for each of its pages. */
  readonly flags: PageFlags;
  /** What the pages contain. */
  readonly backing: BackingType;
  // Add what you need to remember which pages were faulted in.

  constructor(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType) {
    this.startVaddr = startVaddr;
    this.size = size;
    this.flags = flags;
    this.backing = backing;
  }

  /** Whether `vaddr` lies in the mapping: from its start up to, not including, its end, or that of its last page. */
  contains(vaddr: bigint): boolean {
    return todo('LazyMapping.contains');
  }
}

/** A page whose frame is shared. Only your code uses this class: change it, or leave it out. */
export class CowEntry {
  /** The frame. */
  readonly frame: FrameNumber;
  /** Sharers. */
  refCount: number;

  constructor(frame: FrameNumber, refCount: number) {
    this.frame = frame;
    this.refCount = refCount;
  }
}

/** The pages whose frames are shared, by address of the page: no method is called with another. `new CowTable()` is an empty one. */
export class CowTable {
  /** Given: a place for the entries. Only your code uses it, so you may keep them otherwise, and elsewhere. */
  readonly entries = new Map<bigint, CowEntry>();

  /**
   * From now on the page at `vaddr` (the address of a page) has `frame`, with two sharers. If it is marked already, the new frame takes the place of the old
   * one; it may have one sharer more than before then, instead of two. The old frame is not freed. Takes no frame and never throws.
   */
  markCow(vaddr: bigint, frame: FrameNumber): void {
    todo('CowTable.markCow');
  }

  /**
   * One sharer gives up its reference.
   *
   * @returns true if it was the last one: then the caller frees the frame. False if there are others, if the last one is gone already, and if the page was never
   *   marked.
   */
  release(vaddr: bigint): boolean {
    return todo('CowTable.release');
  }

  /** Whether the page at `vaddr` is marked. After its last reference was given up either answer is right. */
  isCow(vaddr: bigint): boolean {
    return todo('CowTable.isCow');
  }
}

/** Keeps lazy mappings, and a table of the pages that are shared. Managers know nothing of each other. */
export class DemandPagingManager {
  /** The shared pages. */
  readonly cowTable = new CowTable();
  // Add the fields you need. `new DemandPagingManager()` without arguments makes an empty manager.

  /**
   * Registers a mapping. Takes no frame, reads no file, and never throws: there is nothing to check.
   *
   * @param startVaddr a multiple of the page size. No mapping ends beyond 0x8000_0000_0000.
   * @param size in bytes; up to 64 MiB.
   */
  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    todo('DemandPagingManager.registerLazy');
  }

  /**
   * Answers a demand-page fault.
   *
   * @param vaddr any address below 0x8000_0000_0000: the byte that was touched.
   * @returns a frame with the contents of the page that `vaddr` is in, which belongs to the caller from now on, and the flags of the mapping, exactly as they
   *   were registered.
   * @throws `KernelError.UnmappedMemory({ addr: vaddr })` if no mapping contains the address.
   * @throws `KernelError.InvalidAddress({ addr: vaddr })` if the page was faulted in before.
   * @throws `KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n })` if there is no frame.
   * @throws any KernelError if the file cannot be read: what `readInode` threw will do.
   */
  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    return todo('DemandPagingManager.tryDemandPage');
  }

  /**
   * Answers a write fault on a page that is shared: gives up the writer's reference.
   *
   * @param vaddr any address in the page: the byte that was written.
   * @returns a new frame with the bytes that the shared one has now. For the last sharer it may also be the shared frame itself.
   * @throws `KernelError.InvalidAddress({ addr: vaddr })` if the page is not marked. (What happens after its last reference was given up is not judged.)
   * @throws `KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n })` if a frame is needed and there is none; then no reference was given up.
   */
  handleCowFault(vaddr: bigint): FrameNumber {
    return todo('DemandPagingManager.handleCowFault');
  }

  /**
   * Forgets the mapping that starts at exactly this address. Does nothing if none does. The frames of its pages are the caller's, so they are not freed
   * here. Pages that are marked stay so.
   */
  unregisterLazy(startVaddr: bigint): void {
    todo('DemandPagingManager.unregisterLazy');
  }

  /**
   * Marks each of the pages as {@link CowTable.markCow} does.
   *
   * @param base where the range begins. For information: the addresses in `pages` are complete.
   * @param pages addresses with their frames: a few, at most 64.
   */
  markCowRange(base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    todo('DemandPagingManager.markCowRange');
  }

  /** Marks one page as {@link CowTable.markCow} does. */
  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    todo('DemandPagingManager.addCowEntry');
  }
}

// The functions below work on one global manager. Keep it in a variable of this file: in the beginning there is none. (All other state belongs in
// objects. Each program begins with the file loaded afresh.)

/** Makes the global manager: a new, empty one, also if there is one already. */
export function init(): void {
  todo('init');
}

/** {@link DemandPagingManager.registerLazy} of the global manager. Does nothing if there is none yet. */
export function registerLazy(
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void {
  todo('registerLazy');
}

/**
 * {@link DemandPagingManager.tryDemandPage} of the global manager. (Write faults on shared pages do not come here.)
 *
 * @throws `KernelError.NotInitialized({ subsystem: 'demand_paging' })` if there is none yet.
 */
export function handlePageFault(vaddr: bigint): readonly [FrameNumber, PageFlags] {
  return todo('handlePageFault');
}

/**
 * Calls `f` once with the global manager, which is made if there is none yet. Returns what `f` returns, and lets out what it throws; the manager stays even
 * then. `f` calls methods of the manager, and none of these functions.
 */
export function withManagerMut<R>(f: (manager: DemandPagingManager) => R): R {
  return todo('withManagerMut');
}
