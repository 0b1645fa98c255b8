/**
 * # Chapter 3: eager paging
 *
 * ## The idea
 *
 * The simplest policy: do all the work at once. When `mmap` returns, every page of the region has a frame, filled and mapped. No page
 * fault ever follows, and whatever can go wrong goes wrong here, where an error can still be returned. The price is that a
 * process pays for every page it asks for, used or not. Chapter 4 is about not paying it.
 *
 * ## What the machine does
 *
 * Nothing new. But think about the file: it is an array of 4096-byte blocks, a region is an array of pages, and the two are laid over each
 * other with a shift of whole blocks:
 *
 * ```text
 *   file     | block 0 | block 1 | block 2 | blo|            size 0x3800, ends inside block 3
 *                      :         :         :    :
 *   region             | page 0  | page 1  | page 2  | page 3  |        offset 0x1000
 *                      addr                      '--zeros--'
 * ```
 *
 * `file.mmap(block)` gives you the page of a block, and it does the zeros: past the end of the file, in the last block and beyond. The
 * page is yours, on a frame of its own, so nothing has to be copied, whatever rights the region has. `file.mmap(block)` is enough.
 *
 * ## The design here
 *
 * {@link EagerPager} keeps one {@link Mapping} for each region. Two things must agree whenever a call of yours has ended: a page is
 * present in the page table exactly if it is in a mapping. The danger is the middle of `mmap`. If the fifth page of eight cannot be
 * had, the four before it must go again, and the mapping must not be on record. Check everything that can be checked before the first
 * page is mapped; what remains (memory and files) has to be undone.
 *
 * How much memory is left cannot be asked. A region that does not fit ends with `KernelError.NoMemory` at the page that is missing, and
 * is undone like any other failure. That stays within the budget of calls: a range that passes the checks is at most 64 MiB, and larger
 * ones are those that the checks refuse.
 *
 * ## To do
 *
 * The errors, results and limits of each method are in `pager.ts`; here is only what is special to this pager.
 *
 * - [ ] the fields of {@link Mapping} and {@link EagerPager}
 * - [ ] {@link EagerPager.mmap}
 * - [ ] {@link EagerPager.munmap}
 * - [ ] {@link EagerPager.getUserPage}
 * - [ ] {@link EagerPager.accessOk}
 *
 * Next: chapter 4, `lazy-pager.ts`.
 */
import { KernelError, Page, PageRef, type Permission, type RegularFile, type Va } from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { checkRegion, readPage, RegionList, type Region } from './regions';

/** One mapped region: say, its size and its rights. Only your code uses this class. */
export class Mapping implements Region {
  constructor(
    readonly start: Va,
    readonly end: bigint,
    readonly prot: Permission,
  ) {}
}

/** The pager that maps every page at once. */
export class EagerPager implements Pager {
  private readonly mappings = new RegionList<Mapping>();

  /**
   * Maps a region, every page of it, before it returns. Parameters, result (the start address) and errors: `Pager.mmap`.
   *
   * The leaves have the rights `prot`. A page of a file comes from `file.mmap(block)`, any other from `Page.new()`; either is mapped as it
   * comes.
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
    const end = checkRegion(this.mappings, addr, size, prot, file, offset);
    try {
      for (let at: bigint = addr; at < end; at += 0x1000n) {
        const page = file === null ? Page.new() : readPage(file, offset + (at - addr));
        pageTable.map(at as Va, page, prot);
      }
    } catch (error) {
      for (const page of pageTable.take(addr, end)) page.drop();
      throw error;
    }
    this.mappings.insert(new Mapping(addr, end, prot));
    return addr;
  }

  /**
   * Unmaps every page of the region that starts at `addr` and forgets the region. Result (`0n`) and errors: `Pager.munmap`.
   *
   * `PageTable.unmap` gives you each page with its translation invalidated; what it returns is yours to drop. Nothing here can fail once the
   * region has been found.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.mappings.remove(addr);
    if (mapping === null) throw KernelError.InvalidArgument;
    for (const page of pageTable.take(mapping.start, mapping.end)) page.drop();
    return 0n;
  }

  /** The page at `addr` and the rights of its region, or `null`: `Pager.getUserPage`. All pages are there, so nothing has to be brought in. */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = this.mappings.find(addr);
    if (mapping === null) return null;
    const pa = pageTable.walk((addr & ~0xfffn) as Va).pa();
    return pa === null ? null : [PageRef.fromPa(pa), mapping.prot];
  }

  /** Whether the regions allow the access: `Pager.accessOk`. */
  accessOk(va: Va, isWrite: boolean): boolean {
    return this.mappings.accessOk(va, isWrite);
  }
}
