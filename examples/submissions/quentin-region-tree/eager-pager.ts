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
import {
  attempt,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Permission,
  type RegularFile,
  type Va,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { asKernelError, overlap, rangeToMap } from './ranges';

/** Number of the page that `address` is in. A user page has at most 35 bits and any page at most 52, so a `number` is exact. */
function pageNumber(address: bigint): number {
  return Number(address >> 12n);
}

/** One mapped region: say, its size and its rights. Only your code uses this class. */
export class Mapping {
  constructor(
    /** First address. */
    readonly start: Va,
    /** First address behind the last page. */
    readonly end: bigint,
    readonly prot: Permission,
  ) {}
}

/** The pager that maps every page at once. */
export class EagerPager implements Pager {
  /** The region of each page, by page number. */
  readonly #pages = new Map<number, Mapping>();

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
    const end = rangeToMap(addr, size, prot, file, offset);
    const mapping = new Mapping(addr, end, prot);
    if (this.#overlaps(mapping)) throw overlap;

    const done = attempt(() => {
      let block = file === null ? null : FileBlockNumber.fromOffset(offset);
      for (let va: bigint = addr; va < end; va += 0x1000n) {
        let page: Page;
        if (file === null || block === null) {
          page = Page.new();
        } else {
          if (va !== addr) block = FileBlockNumber.add(block, 1n);
          page = file.mmap(block);
        }
        pageTable.map(va as Va, page, prot);
      }
    });
    if (!done.ok) {
      // Nothing else is mapped in the range, so all that is there came from the loop above.
      for (const page of pageTable.unmapRange(addr, end)) page.drop();
      throw asKernelError(done.error);
    }

    for (let n = pageNumber(addr); n < pageNumber(end); n++) this.#pages.set(n, mapping);
    return addr;
  }

  /**
   * Unmaps every page of the region that starts at `addr` and forgets the region. Result (`0n`) and errors: `Pager.munmap`.
   *
   * `PageTable.unmap` gives you each page with its translation invalidated; what it returns is yours to drop. Nothing here can fail once the
   * region has been found.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.#pages.get(pageNumber(addr));
    if (mapping === undefined || mapping.start !== addr) throw KernelError.InvalidArgument;
    for (const page of pageTable.unmapRange(mapping.start, mapping.end)) page.drop();
    for (let n = pageNumber(mapping.start); n < pageNumber(mapping.end); n++) this.#pages.delete(n);
    return 0n;
  }

  /** The page at `addr` and the rights of its region, or `null`: `Pager.getUserPage`. All pages are there, so nothing has to be brought in. */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = this.#pages.get(pageNumber(addr));
    if (mapping === undefined) return null;
    const pa = pageTable.walk((addr & ~0xfffn) as Va).pa();
    return pa === null ? null : [PageRef.fromPa(pa), mapping.prot];
  }

  /** Whether the regions allow the access: `Pager.accessOk`. */
  accessOk(va: Va, isWrite: boolean): boolean {
    const mapping = this.#pages.get(pageNumber(va));
    if (mapping === undefined) return false;
    return (mapping.prot & (isWrite ? Permission.WRITE : Permission.READ)) !== 0n;
  }

  /** Whether any page of `wanted`, which may be very large, is in a mapping already. */
  #overlaps(wanted: Mapping): boolean {
    const first = pageNumber(wanted.start);
    const behind = pageNumber(wanted.end);
    if (behind - first > this.#pages.size) {
      for (const n of this.#pages.keys()) if (n >= first && n < behind) return true;
      return false;
    }
    for (let n = first; n < behind; n++) if (this.#pages.has(n)) return true;
    return false;
  }
}
