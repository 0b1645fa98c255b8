/** Chapter 3: a pager that maps every page of a region at once. */
import {
  contains,
  KernelError,
  Page,
  PAGE_SIZE,
  PageRef,
  Permission,
  Va,
  type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { checkMmap, loadFilePage, pagesOf, regionAllows, RegionList, type Region } from './regions';

/** One mapped region: say, its size and its rights. */
export class Mapping implements Region {
  readonly start: Va;
  /** Exclusive. */
  readonly end: bigint;
  readonly prot: Permission;

  constructor(start: Va, end: bigint, prot: Permission) {
    this.start = start;
    this.end = end;
    this.prot = prot;
  }
}

/** Unmaps and releases every page in `start`..`end`; all of them are mapped. */
function unmapAll(pageTable: PageTable, start: Va, end: bigint): void {
  for (const va of pagesOf(start, end)) pageTable.unmap(va).drop();
}

/** The pager that maps every page at once. */
export class EagerPager implements Pager {
  private readonly mappings = new RegionList<Mapping>();

  /**
   * Maps a region, every page of it, before it returns. Parameters, result (the start address) and errors: `Pager.mmap`.
   *
   * The leaves have the rights `prot`. Each page has a frame of its own; a page of a file comes from `file.mmap(block)`, any
   * other from `Page.new()`.
   *
   * If a page cannot be had (`KernelError.NoMemory`, `KernelError.IOError`), the pages mapped so far are unmapped and given
   * back, no mapping is recorded, and the error goes on to the caller.
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
    if (this.mappings.overlaps(addr, end)) throw KernelError.FileExist;

    const writable = contains(prot, Permission.WRITE);
    let mappedEnd: bigint = addr; // what has been mapped so far ends here
    try {
      for (const va of pagesOf(addr, end)) {
        const page =
          file === null ? Page.new() : loadFilePage(file, offset + (va - addr), writable);
        pageTable.map(va, page, prot); // drops the page if it throws
        mappedEnd = va + PAGE_SIZE;
      }
    } catch (error) {
      unmapAll(pageTable, addr, mappedEnd);
      throw error;
    }
    this.mappings.insert(new Mapping(addr, end, prot));
    return addr;
  }

  /**
   * Unmaps every page of the region that starts at `addr` and forgets the region. Result (`0n`) and errors: `Pager.munmap`.
   *
   * `PageTable.unmap` gives you each page with its translation invalidated; what it returns is yours to drop.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.mappings.startingAt(addr);
    if (mapping === null) throw KernelError.InvalidArgument;
    unmapAll(pageTable, mapping.start, mapping.end);
    this.mappings.remove(mapping);
    return 0n;
  }

  /** The page at `addr` and the rights of its region, or `null`: `Pager.getUserPage`. All pages are there, so nothing has to be brought in. */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = this.mappings.find(addr);
    if (mapping === null) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), mapping.prot];
  }

  /** Whether the regions allow the access: `Pager.accessOk`. */
  accessOk(va: Va, isWrite: boolean): boolean {
    return regionAllows(this.mappings, va, isWrite);
  }
}
