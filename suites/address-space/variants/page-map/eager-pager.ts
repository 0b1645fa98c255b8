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
 * `file.mmap(block)` gives you the page of a block, and it does the zeros: past the end of the file, in the last block and beyond.
 *
 * ## The design here
 *
 * {@link EagerPager} keeps one {@link Mapping} for each region. Two things must agree at all times: a page is present in the page table
 * exactly if it is in a mapping. The danger is the middle of `mmap`. If the fifth page of eight cannot be had, the four before it must
 * go again, and the mapping must not be on record. Check everything that can be checked before the first page is mapped; what
 * remains (memory and files) has to be undone.
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
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PAGE_SHIFT,
  PAGE_SIZE,
  PageRef,
  Permission,
  Va,
  type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { checkRegion, forCaller, privateCopy } from './region';

/** One mapped region: say, its size and its rights. */
export class Mapping {
  constructor(
    readonly start: Va,
    /** Exclusive, and maybe no address. */
    readonly end: bigint,
    readonly prot: Permission,
  ) {}
}

/** The pager that maps every page at once. */
export class EagerPager implements Pager {
  /** The mapping of every mapped page, by page number (address / 4096). Each of these pages has a frame, so this cannot get large. */
  private readonly mappings = new Map<bigint, Mapping>();

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
    const end = checkRegion(addr, size, prot, file, offset);
    if (this.overlaps(addr >> PAGE_SHIFT, end >> PAGE_SHIFT)) throw KernelError.FileExist;

    let at: bigint = addr;
    try {
      for (; at < end; at += PAGE_SIZE) {
        const page = this.contents(prot, file, offset + (at - addr));
        pageTable.map(Va.add(addr, at - addr), page, prot); // consumes page also if it throws
      }
    } catch (error) {
      pageTable.unmapRange(addr, at);
      throw forCaller(error);
    }

    const mapping = new Mapping(addr, end, prot);
    for (let n = addr >> PAGE_SHIFT; n < end >> PAGE_SHIFT; n++) this.mappings.set(n, mapping);
    return addr;
  }

  /**
   * Unmaps every page of the region that starts at `addr` and forgets the region. Result (`0n`) and errors: `Pager.munmap`.
   *
   * `PageTable.unmap` gives you each page with its translation invalidated; what it returns is yours to drop.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.mappings.get(addr >> PAGE_SHIFT);
    if (mapping === undefined || mapping.start !== addr) throw KernelError.InvalidArgument;
    pageTable.unmapRange(mapping.start, mapping.end);
    for (let n = addr >> PAGE_SHIFT; n < mapping.end >> PAGE_SHIFT; n++) this.mappings.delete(n);
    return 0n;
  }

  /** The page at `addr` and the rights of its region, or `null`: `Pager.getUserPage`. All pages are there, so nothing has to be brought in. */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = this.mappings.get(addr >> PAGE_SHIFT);
    if (mapping === undefined) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    if (pa === null) throw KernelError.BadAddress;
    return [PageRef.fromPa(pa), mapping.prot];
  }

  /** Whether the regions allow the access: `Pager.accessOk`. */
  accessOk(va: Va, isWrite: boolean): boolean {
    const mapping = this.mappings.get(va >> PAGE_SHIFT);
    if (mapping === undefined) return false;
    return contains(mapping.prot, isWrite ? Permission.WRITE : Permission.READ);
  }

  /** Whether a page number from `first` up to, not including, `end` is taken. Looks at the smaller side of the two: the range may be huge. */
  private overlaps(first: bigint, end: bigint): boolean {
    if (end - first > BigInt(this.mappings.size)) {
      for (const n of this.mappings.keys()) if (n >= first && n < end) return true;
    } else {
      for (let n = first; n < end; n++) if (this.mappings.has(n)) return true;
    }
    return false;
  }

  /** A page for a region with the rights `prot`: zeros, or the block of `file` at byte `position`. */
  private contents(prot: Permission, file: RegularFile | null, position: bigint): Page {
    if (file === null) return Page.new();
    const page = file.mmap(FileBlockNumber.fromOffset(position));
    return contains(prot, Permission.WRITE) ? privateCopy(page) : page;
  }
}
