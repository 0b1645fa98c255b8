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
  FileBlockNumber,
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

/** One mapped region: say, its size and its rights. */
export class Mapping {
  start: Va;
  end: bigint;
  prot: Permission;

  constructor(start: Va, end: bigint, prot: Permission) {
    this.start = start;
    this.end = end;
    this.prot = prot;
  }
}

/** The pager that maps every page at once. */
export class EagerPager implements Pager {
  mappings: Map<bigint, Mapping> = new Map();

  find(addr: Va): Mapping | null {
    for (const m of this.mappings.values()) {
      if (addr >= m.start && addr < m.end) return m;
    }
    return null;
  }

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
    if (addr === 0n || Va.offset(addr) !== 0n) throw KernelError.InvalidArgument;
    if (size === 0n) throw KernelError.InvalidArgument;
    const count = (size + PAGE_SIZE - 1n) / PAGE_SIZE;
    const end = addr + count * PAGE_SIZE;
    if (end > 0x8000_0000_0000n) throw KernelError.InvalidArgument;
    if ((prot & Permission.READ) === 0n) throw KernelError.InvalidArgument;
    if (file !== null && offset % PAGE_SIZE !== 0n) throw KernelError.InvalidArgument;
    if (file !== null && file.size() === 0n) throw KernelError.InvalidArgument;
    for (const m of this.mappings.values()) {
      if (addr < m.end && m.start < end) throw KernelError.FileExist;
    }

    const done: Va[] = [];
    try {
      for (let i = 0n; i < count; i++) {
        const va = Va.add(addr, i * PAGE_SIZE);
        let page: Page;
        if (file === null) page = Page.new();
        else page = file.mmap(FileBlockNumber.new(offset / PAGE_SIZE + i));
        pageTable.map(va, page, prot);
        done.push(va);
      }
    } catch (e) {
      for (const va of done) pageTable.unmap(va).drop();
      throw e;
    }
    this.mappings.set(addr, new Mapping(addr, end, prot));
    return addr;
  }

  /**
   * Unmaps every page of the region that starts at `addr` and forgets the region. Result (`0n`) and errors: `Pager.munmap`.
   *
   * `PageTable.unmap` gives you each page with its translation invalidated; what it returns is yours to drop.
   */
  munmap(pageTable: PageTable, addr: Va): bigint {
    const m = this.mappings.get(addr);
    if (m === undefined) throw KernelError.InvalidArgument;
    for (let i = 0n; m.start + i < m.end; i += PAGE_SIZE) {
      pageTable.unmap(Va.add(m.start, i)).drop();
    }
    this.mappings.delete(addr);
    return 0n;
  }

  /** The page at `addr` and the rights of its region, or `null`: `Pager.getUserPage`. All pages are there, so nothing has to be brought in. */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const m = this.find(addr);
    if (m === null) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    if (pa === null) return null;
    return [PageRef.fromPa(pa), m.prot];
  }

  /** Whether the regions allow the access: `Pager.accessOk`. */
  accessOk(va: Va, isWrite: boolean): boolean {
    const m = this.find(va);
    if (m === null) return false;
    return (m.prot & (isWrite ? Permission.WRITE : Permission.READ)) !== 0n;
  }
}
