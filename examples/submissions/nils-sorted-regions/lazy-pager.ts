/** Chapter 4: a pager that maps a page when it is first touched. */
import {
  attempt,
  contains,
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
import { checkMmap, loadFilePage, regionAllows, RegionList, type Region } from './regions';

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
  private readonly file: RegularFile;
  private readonly start: Va;
  private readonly offset: bigint;
  private readonly writable: boolean;

  /**
   * @param file the file. The handle stays good after the process has closed its descriptor; just keep it.
   * @param start first address of the region.
   * @param offset byte of the file that is at `start`; a multiple of 4096, possibly past the end of the file.
   * @param writable whether the pages may be written; then they are not shared with the cache of the file system.
   */
  constructor(file: RegularFile, start: Va, offset: bigint, writable = false) {
    this.file = file;
    this.start = start;
    this.offset = offset;
    this.writable = writable;
  }

  /**
   * The page of the file that belongs at `addr`. Bytes past the end of the file are zero.
   *
   * `file.mmap(block)` does all of it but the block number. (If you use `file.read` on a page of your own instead: it may
   * return less than a page, and when it throws the page is still yours to drop.)
   *
   * @throws what the file throws: `KernelError.IOError`, `KernelError.NoMemory`.
   */
  load(addr: Va): Page {
    return loadFilePage(this.file, this.offset + (addr - this.start), this.writable);
  }
}

/** A region: whole pages from one address to another with the same rights and the same origin. */
export class VmAreaStruct implements Region {
  /** Where the contents come from. */
  readonly loader: MmLoader;
  readonly start: Va;
  /** Exclusive. */
  readonly end: bigint;
  readonly prot: Permission;

  constructor(loader: MmLoader, start = 0n as Va, end = 0n, prot: Permission = 0n) {
    this.loader = loader;
    this.start = start;
    this.end = end;
    this.prot = prot;
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
  private readonly regions = new RegionList<VmAreaStruct>();

  /** The region that contains `va`. */
  findRegion(va: Va): VmAreaStruct | null {
    return this.regions.find(va);
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
    const end = checkMmap(addr, size, prot, file, offset);
    if (this.regions.overlaps(addr, end)) throw KernelError.FileExist;
    const loader =
      file === null
        ? new AnonLoader()
        : new FileBackedLoader(file, addr, offset, contains(prot, Permission.WRITE));
    this.regions.insert(new VmAreaStruct(loader, addr, end, prot));
    return addr;
  }

  /**
   * Unmaps the pages of the region that have been brought in, skips the others, and forgets the region. Result (`0n`) and errors:
   * `Pager.munmap`.
   *
   * The page table knows which pages are there. A note of your own about it can become wrong, at a fork for instance.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    const region = this.regions.startingAt(addr);
    if (region === null) throw KernelError.InvalidArgument;
    for (const { va } of pageTable.leavesIn(region.start, region.end)) pageTable.unmap(va).drop();
    this.regions.remove(region);
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
    const region = this.findRegion(addr);
    if (region === null) return null;
    this.bringIn(pageTable, region, addr);
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), region.prot];
  }

  /**
   * Whether the regions allow the access: `Pager.accessOk`. Brings in nothing. A page that is shared read-only after a fork is
   * writable here if its region is.
   */
  accessOk(va: Va, isWrite: boolean): boolean {
    return regionAllows(this.regions, va, isWrite);
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
    const region = this.findRegion(reason.faultAddr);
    if (region === null) throw KernelError.BadAddress;
    // A write to a region without WRITE gets its page too; the retry then faults on the right, and ends.
    this.bringIn(pageTable, region, reason.faultAddr);
  }

  /** Makes the page at `addr`, an address in `region`, present if it is not. */
  private bringIn(pageTable: PageTable, region: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (attempt(() => pageTable.walk(va)).ok) return;
    pageTable.map(va, region.loader.load(va), region.prot); // drops the page if it throws
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
    const copy = new LazyPager();
    for (const region of this.regions) copy.regions.insert(region.clone());
    return copy;
  }
}
