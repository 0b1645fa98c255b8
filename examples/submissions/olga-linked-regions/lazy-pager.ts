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
 * {@link LazyPager.handlePageFault}, which is given, sorts the faults. What has to come of each (`-`: it does not matter):
 *
 * ```text
 *   present  access   region        region's rights   outcome
 *      0     read     yes           READ              bring the page, map it with the region's rights; return
 *      0     write    yes           WRITE             the same
 *      0     fetch    yes           EXECUTABLE        the same
 *      0     write    yes           no WRITE          throw now, or map with the region's rights: the retry faults with
 *      0     fetch    yes           no EXECUTABLE     present = 1 and throws then. Never map with more rights.
 *      0     -        no region     -                 throw; nothing allocated, nothing changed
 *      0     -        yes, and the page is there by now   return; do not load again, the page may have been written
 *      1     write    -             -                 chapter 5: copy-on-write, or throw
 *      1     other    -             -                 throw (given)
 * ```
 *
 * To throw means that the process ends. {@link PageFaultReason} does not tell a fetch from a read, so the fetch without
 * `EXECUTABLE` is loaded like a read and ends at its second fault.
 *
 * A fault touches one page. The pages around it stay as they are.
 *
 * ## To do
 *
 * - [ ] {@link PageFaultReason.isDemandPagingFault}
 * - [ ] {@link FileBackedLoader}
 * - [ ] {@link VmAreaStruct}
 * - [ ] {@link LazyPager}: its fields, `mmap`, `munmap`, `getUserPage`, `accessOk`
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
  Va,
  type RegularFile,
} from 'keos';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { checkRegion, forCaller, privateCopy } from './region';

/** Produces the contents of the pages of a region. */
export interface MmLoader {
  /**
   * A page with the contents for the page that contains `addr`. The caller owns it and maps it, so each call returns another `Page`.
   *
   * @param addr an address in the region of this loader; it need not be aligned.
   * @throws a KernelError (`NoMemory`, `IOError`) if the page cannot be produced; then nothing is owned by anyone.
   */
  load(addr: Va): Page;
}

/** Given. The loader of memory without a file: every page begins as zeros. */
export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

/** The loader of a region that shows a file. */
export class FileBackedLoader implements MmLoader {
  /**
   * @param file the file. The handle stays good after the process has closed its descriptor; just keep it.
   * @param start first address of the region.
   * @param offset byte of the file that is at `start`; a multiple of 4096, possibly past the end of the file.
   * @param writable whether the pages will be mapped writable. Then they must not be on frames of the file system.
   */
  constructor(
    private readonly file: RegularFile,
    private readonly start: Va,
    private readonly offset: bigint,
    private readonly writable = false,
  ) {}

  /**
   * The page of the file that belongs at `addr`. Bytes past the end of the file are zero.
   *
   * `file.mmap(block)` does all of it but the block number. (If you use `file.read` on a page of your own instead: it may
   * return less than a page, and when it throws the page is still yours to drop.)
   *
   * @throws what the file throws: `KernelError.IOError`, `KernelError.NoMemory`.
   */
  load(addr: Va): Page {
    const position = this.offset + (Va.pageDown(addr) - this.start);
    const page = this.file.mmap(FileBlockNumber.fromOffset(position));
    return this.writable ? privateCopy(page) : page;
  }
}

/** A region: whole pages from one address to another with the same rights and the same origin. */
export class VmAreaStruct {
  /** Where the contents come from. */
  readonly loader: MmLoader;
  /** First address. */
  readonly start: bigint;
  /** Exclusive end, which may be no address. */
  readonly end: bigint;
  readonly prot: Permission;
  /** The region with the next higher addresses in the list of the pager that this one belongs to. */
  next: VmAreaStruct | null = null;

  constructor(loader: MmLoader, start = 0n, end = 0n, prot: Permission = 0n) {
    this.loader = loader;
    this.start = start;
    this.end = end;
    this.prot = prot;
  }

  /**
   * The same region for another process. The loader is shared. Nothing else may be: a change to one `VmAreaStruct` must not
   * show in the other. The clone is in no list yet.
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
  /** The regions, a linked list in the order of their addresses. */
  private regions: VmAreaStruct | null = null;

  /** The region that contains `va`, or `null`. */
  regionAt(va: Va): VmAreaStruct | null {
    for (let vma = this.regions; vma !== null && vma.start <= va; vma = vma.next) {
      if (va < vma.end) return vma;
    }
    return null;
  }

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
    const end = checkRegion(addr, size, prot, file, offset);

    // Between which two regions? Those before end at `addr` or below.
    let before: VmAreaStruct | null = null;
    let after = this.regions;
    while (after !== null && after.end <= addr) {
      before = after;
      after = after.next;
    }
    if (after !== null && after.start < end) throw KernelError.FileExist;

    const loader =
      file === null
        ? new AnonLoader()
        : new FileBackedLoader(file, addr, offset, contains(prot, Permission.WRITE));
    const vma = new VmAreaStruct(loader, addr, end, prot);
    vma.next = after;
    if (before === null) this.regions = vma;
    else before.next = vma;
    return addr;
  }

  /**
   * Unmaps the pages of the region that have been brought in, skips the others, and forgets the region. Result (`0n`) and errors:
   * `Pager.munmap`.
   *
   * The page table knows which pages are there. A note of your own about it can become wrong, at a fork for instance.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    let before: VmAreaStruct | null = null;
    let vma = this.regions;
    while (vma !== null && vma.start !== addr) {
      before = vma;
      vma = vma.next;
    }
    if (vma === null) throw KernelError.InvalidArgument;

    pageTable.unmapRange(vma.start, vma.end);
    if (before === null) this.regions = vma.next;
    else before.next = vma.next;
    return 0n;
  }

  /**
   * The page at `addr` and the rights of its region, or `null`: `Pager.getUserPage`. A page that is not there yet is brought in first,
   * exactly as a fault would; one that is there is returned as it is.
   *
   * After a fork the frame may be shared. Callers only read through the result, so you may return the shared frame; giving the process its
   * own copy first is right, too.
   *
   * @throws what the loader throws, and `KernelError.NoMemory` if a table cannot be had. Nothing has changed then.
   */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const vma = this.regionAt(addr);
    if (vma === null) return null;
    const va = Va.pageDown(addr);
    this.bringIn(pageTable, vma, va);
    const pa = pageTable.walk(va).pa();
    if (pa === null) throw KernelError.BadAddress;
    return [PageRef.fromPa(pa), vma.prot];
  }

  /**
   * Whether the regions allow the access: `Pager.accessOk`. Brings in nothing. A page that is shared read-only after a fork is
   * writable here if its region is.
   */
  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.regionAt(va);
    return vma !== null && contains(vma.prot, isWrite ? Permission.WRITE : Permission.READ);
  }

  /**
   * Brings the page of a demand fault: asks the region's loader for it, and maps it with the region's rights.
   *
   * The table at the top of this file says what has to come of which fault. On success exactly one page has become present, unless
   * it was present already: then nothing has changed, and nothing was loaded.
   *
   * Also on failure nothing has changed: no mapping, no frame kept, so that the access can be tried again. `pageTable.map` drops the
   * page itself when it throws.
   *
   * @param pageTable the page table of the process.
   * @param reason a demand fault. Its address may be any, in a region or not, in the kernel half too.
   * @throws a KernelError if no region contains the address, if the loader throws, or if memory runs out. For a write to a region without
   *   `WRITE` it may throw.
   */
  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const vma = this.regionAt(reason.faultAddr);
    if (vma === null) throw KernelError.BadAddress;
    // A write without the right to write is not refused here: it ends at its second fault.
    this.bringIn(pageTable, vma, Va.pageDown(reason.faultAddr));
  }

  /** Makes the page at `va` (aligned) of the region `vma` present, unless it is. If this throws, nothing has changed. */
  private bringIn(pageTable: PageTable, vma: VmAreaStruct, va: Va): void {
    if (attempt(() => pageTable.walk(va)).ok) return;
    const page = vma.loader.load(va);
    try {
      pageTable.map(va, page, vma.prot); // consumes page also if it throws
    } catch (error) {
      throw forCaller(error);
    }
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
   * Touches no page table.
   */
  clone(): LazyPager {
    const pager = new LazyPager();
    let last: VmAreaStruct | null = null;
    for (let vma = this.regions; vma !== null; vma = vma.next) {
      const copy = vma.clone();
      if (last === null) pager.regions = copy;
      else last.next = copy;
      last = copy;
    }
    return pager;
  }

  // Optional: drop(): void, if you keep Pages in fields of your own. See `Pager.drop`.
}
