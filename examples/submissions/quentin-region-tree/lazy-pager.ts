/**
 * # Chapter 4: lazy paging
 *
 * ## The idea
 *
 * Programs ask for much more memory than they touch: a stack of megabytes of which a few pages are used, a program file of which most
 * functions never run. A lazy pager takes advantage of it. `mmap` only writes down what *would* be where. The first access to a page
 * finds nothing in the page table, the processor reports a *page fault*, and only now the pager brings that one page and lets the
 * program go on as if it had been there all the time. This is also called demand paging.
 *
 * ## What the machine does
 *
 * When an access cannot be translated, or the translation forbids it, the processor stops the instruction, puts the address into the
 * register CR2, pushes an error code, and calls the kernel. If the kernel returns, the instruction runs *again from its beginning*.
 *
 * ```text
 *   error code    4       3         2      1       0
 *              +-------+----------+------+-------+---------+
 *              | fetch | reserved | user | write | present |
 *              +-------+----------+------+-------+---------+
 *
 *   present = 0   some level was absent: nothing is mapped there (yet)
 *   present = 1   all levels were present, and a right was violated
 * ```
 *
 * CR2 holds the *byte* address, so round it down before you use it with the page table. A kernel access to user memory
 * faults like the program's own, and a write by the kernel respects a missing `RW`, too.
 *
 * A fault leaves no stale translation behind: absence is never cached, and the fault drops the processor's own entry for that page. So making
 * an absent page present needs no invalidation. By the time you look, a fault may be out of date: in a kernel with several processors another
 * thread of the process may have resolved the same one. Then the right thing to do is nothing.
 *
 * ## The design here
 *
 * A region is a {@link VmAreaStruct}: a range of addresses, its rights, and an {@link MmLoader}, an object that can produce the contents of
 * any page of the region. The pager knows *when* a page is needed, the loader knows *where it comes from*: {@link AnonLoader} from
 * nothing, {@link FileBackedLoader} from a file.
 *
 * {@link LazyPager.handlePageFault}, which is given, sorts the faults. What has to come of each; the first row that fits counts, and
 * `-` means any:
 *
 * ```text
 *   present  access   where                          outcome
 *      0     -        in no region                   throw; nothing allocated, nothing changed
 *      0     write    in a region without WRITE      refuse: throw now, or go on as with a read; then the retry faults
 *                                                    with present = 1 and throws
 *      0     -        the page is there by now       return; do not load again, the page may have been written
 *      0     -        the page is not there          bring the page, map it with the region's rights, return
 *      1     write    -                              chapter 5: copy-on-write, or throw
 *      1     other    -                              throw (given)
 * ```
 *
 * To throw means that the process ends. {@link PageFaultReason} does not tell a fetch from a read, nor user mode from the kernel. So a
 * fetch in a region without `EXECUTABLE`, or a user access without `USER`, is handled like a read, and ends at its second fault.
 * Whatever happens, a page never gets rights that its region does not have.
 *
 * (A page that is there by now may be one that a fork has made read-only. Also then return and change nothing: if the access was a write, the
 * retry faults with `present = 1`, and that is the case of chapter 5.)
 *
 * A fault touches one page. The pages around it stay as they are.
 *
 * ## To do
 *
 * - [ ] {@link PageFaultReason.isDemandPagingFault}
 * - [ ] {@link FileBackedLoader}
 * - [ ] {@link VmAreaStruct}
 * - [ ] {@link LazyPager}: its fields, `mmap`, `munmap`, `getUserPage`, `accessOk`. Public fields and methods beyond these are welcome:
 *       `fork.ts` will want to ask for the region of an address, for instance with a `findRegion(va)`.
 * - [ ] {@link LazyPager.doLazyLoad}
 * - [ ] {@link LazyPager.clone} (needed first in chapter 5)
 *
 * Next: chapter 5, `fork.ts`.
 */
import {
  attempt,
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Permission,
  PFErrorCode,
  type Pa,
  type RegularFile,
  type Va,
} from 'keos';
import { BlockCache } from './block-cache';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { asKernelError, overlap, rangeToMap } from './ranges';
import { RegionTree } from './region-tree';
import { ShareBook } from './share-book';

/** Produces the contents of the pages of a region. */
export interface MmLoader {
  /**
   * A page with the contents for the page that contains `addr`. The caller owns it and maps it, perhaps writable. So each call returns
   * another `Page`, on a frame that no one else has. (Only `file.mmap` of a file that is mapped read-only may give a shared one; see
   * there.)
   *
   * @param addr an address in the region of this loader; it need not be aligned.
   * @param cache where file blocks may be taken from and left; its owner says `keep` or `discard` afterwards.
   * @throws a KernelError (`NoMemory`, `IOError`) if the page cannot be produced; then nothing is owned by anyone.
   */
  load(addr: Va, cache?: BlockCache | null): Page;
}

/** Given. The loader of memory without a file: every page begins as zeros. */
export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

/** The loader of a region that shows a file. Only your code uses this class, so the constructor may take what you need. */
export class FileBackedLoader implements MmLoader {
  /**
   * @param file the file. The handle stays good after the process has closed its descriptor; just keep it.
   * @param start first address of the region.
   * @param offset byte of the file that is at `start`; a multiple of 4096, possibly past the end of the file.
   */
  constructor(
    readonly file: RegularFile,
    readonly start: Va,
    readonly offset: bigint,
  ) {}

  /**
   * The page of the file that belongs at `addr`. Bytes past the end of the file are zero.
   *
   * `file.mmap(block)` is enough: you find the block number, and return what it gives you. (`file.read` into a page of your own works,
   * too. But it may return less than you asked for, anywhere in the file, and then you have to ask for the rest, until it returns 0.
   * When it throws the page is still yours to drop.)
   *
   * @throws what the file throws: `KernelError.IOError`, `KernelError.NoMemory`.
   */
  load(addr: Va, cache: BlockCache | null = null): Page {
    const page = (addr & ~0xfffn) - this.start;
    const block = FileBlockNumber.fromOffset(this.offset + page);
    return cache === null ? this.file.mmap(block) : cache.copyOf(this.file, block);
  }
}

/**
 * A region: whole pages from one address to another with the same rights and the same origin. Only your code uses this class, so the
 * constructor may take what you need.
 */
export class VmAreaStruct {
  /** Where the contents come from. */
  readonly loader: MmLoader;
  /** First address. */
  readonly start: Va;
  /** First address behind the last page. */
  readonly end: bigint;
  readonly prot: Permission;

  constructor(loader: MmLoader, start: Va, end: bigint, prot: Permission) {
    this.loader = loader;
    this.start = start;
    this.end = end;
    this.prot = prot;
  }

  /** Whether the region allows this. */
  allows(right: Permission): boolean {
    return (this.prot & right) === right;
  }

  /**
   * The same region for another process. The loader is shared. Nothing else may be: a change to one `VmAreaStruct` must not
   * show in the other.
   */
  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.start, this.end, this.prot);
  }
}

/** Why a page fault happened. */
export class PageFaultReason {
  /** The address that was accessed, from CR2. Not aligned. */
  readonly faultAddr: Va;
  /** The access was a write. */
  readonly isWriteAccess: boolean;
  /** All levels were present, so a right was violated. False: something was absent. */
  readonly isPresent: boolean;

  /**
   * Given. Decodes what the processor reports.
   *
   * @param ec the error code.
   * @param cr2 the address in CR2.
   */
  constructor(ec: PFErrorCode, cr2: Va) {
    this.faultAddr = cr2;
    this.isWriteAccess = contains(ec, PFErrorCode.WRITE_ACCESS);
    this.isPresent = contains(ec, PFErrorCode.PRESENT);
  }

  /** Whether the fault came from a page that is not there: the one kind that bringing a page can cure. */
  isDemandPagingFault(): boolean {
    return !this.isPresent;
  }
}

/** The pager that maps a page when it is first touched. */
export class LazyPager implements Pager {
  #regions = new RegionTree();
  /** File blocks that were read. */
  #cache = new BlockCache();
  /** Who shares what, for all relatives of this process. */
  #book = new ShareBook();
  /** Frames in the page table of this process that a fork has shared. Others may have left them since. */
  readonly #shared = new Set<Pa>();

  /**
   * Records a region. Parameters, result (the start address) and errors: `Pager.mmap`, all of them here and now, none later.
   *
   * Changes no page table (not even an empty table is added), takes no frame and reads nothing of the file.
   */
  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = rangeToMap(addr, size, prot, file, offset);
    if (this.#regions.overlapping(addr, end) !== null) throw overlap;
    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, addr, offset);
    this.#regions.insert(new VmAreaStruct(loader, addr, end, prot));
    if (file !== null) this.#cache.forgetFile(file.ino());
    return addr;
  }

  /**
   * Unmaps the pages of the region that have been brought in, skips the others, and forgets the region. Result (`0n`) and errors:
   * `Pager.munmap`.
   *
   * The page table knows which pages are there. A note of your own about it can become wrong, at a fork for instance. To `walk` for
   * every page is within the budget. Faster is to skip what an absent table covers.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    const region = this.#regions.find(addr);
    if (region === null || region.start !== addr) throw KernelError.InvalidArgument;
    for (const page of pageTable.unmapRange(region.start, region.end)) {
      this.leaveFrame(page.pa());
      page.drop();
    }
    this.#regions.remove(region.start);
    return 0n;
  }

  /**
   * The page at `addr` and the rights of its region, or `null`: `Pager.getUserPage`. A page that is not there yet is brought in first,
   * exactly as a fault would; one that is there is returned as it is.
   *
   * After a fork the frame may be shared. Callers only read through the result, so you may return the shared frame; giving the process its
   * own copy first is right, too.
   *
   * @throws what the loader throws, and `KernelError.NoMemory` if a table cannot be had. Nothing has changed then. (To return `null`
   *   instead is accepted.)
   */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.#regions.find(addr);
    if (region === null) return null;
    const va = (addr & ~0xfffn) as Va;
    this.#bringIn(pageTable, region, va);
    const pa = pageTable.walk(va).pa();
    return pa === null ? null : [PageRef.fromPa(pa), region.prot];
  }

  /**
   * Whether the regions allow the access: `Pager.accessOk`. Brings in nothing. A page that is shared read-only after a fork is
   * writable here if its region is.
   */
  accessOk(va: Va, isWrite: boolean): boolean {
    const region = this.#regions.find(va);
    return region !== null && region.allows(isWrite ? Permission.WRITE : Permission.READ);
  }

  /**
   * Brings the page of a demand fault: asks the region's loader for it, and maps it with the region's rights.
   *
   * The table at the top of this file says what has to come of which fault. On success exactly one page has become present, unless
   * it was present already: then nothing has changed, and nothing was loaded. A write that the region forbids is refused also if the page
   * is there: throw, or return and leave it to the second fault. Never add a right for it.
   *
   * Also on failure nothing has changed: no mapping, no frame kept, so that the access can be tried again. `pageTable.map` drops the
   * page itself when it throws.
   *
   * @param pageTable the page table of the process.
   * @param reason a demand fault. Its address may be any, in a region or not, in the kernel half too.
   * @throws any KernelError if no region contains the address, if the loader throws, or if memory runs out. For a write to a region without
   *   `WRITE` it may throw.
   */
  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const region = this.#regions.find(reason.faultAddr);
    if (region === null) throw KernelError.BadAddress;
    if (reason.isWriteAccess && !region.allows(Permission.WRITE)) throw KernelError.InvalidAccess;
    this.#bringIn(pageTable, region, (reason.faultAddr & ~0xfffn) as Va);
  }

  /**
   * Given. Handles a page fault of the process: returns if the access can be tried again, throws a `KernelError` if the process
   * has to end.
   */
  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) {
      this.doLazyLoad(pageTable, reason);
    } else if (isCowFault(reason)) {
      doCopyOnWrite(this, pageTable, reason);
    } else {
      throw KernelError.InvalidAccess;
    }
  }

  /**
   * A pager with the same regions, for the child of a fork. From then on the two are independent: an `mmap` or `munmap` in one process does
   * not show in the other. Loaders are shared.
   *
   * Touches no page table, so the pages are not its concern. (If you keep `Page`s in fields of your own, a copy of the reference is no
   * second owner: `Page.clone` each, or let the new pager begin without them.)
   */
  clone(): LazyPager {
    const pager = new LazyPager();
    pager.#regions = this.#regions.clone();
    pager.#cache = this.#cache.clone();
    pager.#book = this.#book;
    // The clone has no pages yet, so it shares none.
    return pager;
  }

  /** The process ends: it leaves all frames that it shares, and its cache goes. */
  drop(): void {
    for (const pa of this.#shared) this.#book.leave(pa);
    this.#shared.clear();
    this.#cache.drop();
  }

  /** The region that contains `va`, or `null`. */
  findRegion(va: Va): VmAreaStruct | null {
    return this.#regions.find(va);
  }

  /** A fork has mapped the frame `pa` of this process in the process of `child`, too. */
  shareFrame(pa: Pa, child: LazyPager): void {
    this.#book.share(pa);
    this.#shared.add(pa);
    child.#shared.add(pa);
  }

  /** The page table of this process has given up the frame `pa`. */
  leaveFrame(pa: Pa): void {
    if (this.#shared.delete(pa)) this.#book.leave(pa);
  }

  /** Whether another process maps the frame `pa` of this process. */
  isFrameShared(pa: Pa): boolean {
    return this.#book.isShared(pa);
  }

  /** Makes the page at `va`, which is in `region`, present, unless it is. */
  #bringIn(pageTable: PageTable, region: VmAreaStruct, va: Va): void {
    if (attempt(() => pageTable.walk(va)).ok) return;
    const done = attempt(() => pageTable.map(va, region.loader.load(va, this.#cache), region.prot));
    if (!done.ok) {
      this.#cache.discard();
      throw asKernelError(done.error);
    }
    this.#cache.keep();
  }
}
