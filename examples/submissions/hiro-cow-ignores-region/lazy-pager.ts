/* lazy-pager.ts
 *
 * Assignment 4. mmap only writes a Vma into the map, pages come with the page faults.
 */
import {
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Permission,
  PFErrorCode,
  Va,
  contains,
  type RegularFile,
} from 'keos';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { check, for_each_page, leaf_or_null, page_count } from './util';

const USER_SPACE_END = 1n << 47n;

// === loaders

export interface MmLoader {
  load(addr: Va): Page;
}

export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

export class FileBackedLoader implements MmLoader {
  private readonly file: RegularFile;
  private readonly start: Va;
  private readonly first_block: bigint;

  constructor(file: RegularFile, start: Va, offset: bigint) {
    this.file = file;
    this.start = start;
    this.first_block = offset / 4096n;
  }

  load(addr: Va): Page {
    const page_no = (addr - this.start) / 4096n;
    const block = FileBlockNumber.new(this.first_block + page_no);
    return this.file.mmap(block);
  }
}

// === regions and faults

export class VmAreaStruct {
  readonly loader: MmLoader;
  readonly start: Va;
  readonly n_pages: bigint;
  readonly prot: Permission;

  constructor(loader: MmLoader, start: Va, n_pages: bigint, prot: Permission) {
    this.loader = loader;
    this.start = start;
    this.n_pages = n_pages;
    this.prot = prot;
  }

  /** one byte past the last page */
  get end(): bigint {
    return this.start + this.n_pages * 4096n;
  }

  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.start, this.n_pages, this.prot);
  }
}

export class PageFaultReason {
  readonly faultAddr: Va;
  readonly isWriteAccess: boolean;
  readonly isPresent: boolean;

  constructor(ec: PFErrorCode, cr2: Va) {
    this.faultAddr = cr2;
    this.isWriteAccess = contains(ec, PFErrorCode.WRITE_ACCESS);
    this.isPresent = contains(ec, PFErrorCode.PRESENT);
  }

  isDemandPagingFault(): boolean {
    return this.isPresent === false;
  }
}

// === the pager

export class LazyPager implements Pager {
  /** key: start address */
  vmas = new Map<bigint, VmAreaStruct>();

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const n_pages = page_count(size);
    const end = addr + n_pages * 4096n;
    check(addr !== 0n);
    check(Va.offset(addr) === 0n);
    check(n_pages > 0n);
    check(end <= USER_SPACE_END);
    check(contains(prot, Permission.READ));
    if (file !== null) {
      check(offset % 4096n === 0n);
      check(file.size() !== 0n);
    }
    for (const vma of this.vmas.values()) {
      const before = end <= vma.start;
      const behind = addr >= vma.end;
      check(before || behind, KernelError.FileExist);
    }

    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, addr, offset);
    this.vmas.set(addr, new VmAreaStruct(loader, addr, n_pages, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const vma = this.vmas.get(addr);
    if (vma === undefined) throw KernelError.NoSuchEntry;
    for_each_page(vma.start, vma.n_pages, (va) => {
      if (leaf_or_null(pageTable, va) !== null) pageTable.unmap(va).drop();
    });
    this.vmas.delete(addr);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const vma = this.find_vma(addr);
    if (vma === null) return null;
    const va = Va.pageDown(addr);
    this.fetch_page(pageTable, vma, va);
    const leaf = pageTable.walk(va);
    const pa = leaf.pa();
    if (pa === null) return null;
    return [PageRef.fromPa(pa), vma.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.find_vma(va);
    if (vma === null) return false;
    const needed = isWrite ? Permission.WRITE : Permission.READ;
    return contains(vma.prot, needed);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const vma = this.find_vma(reason.faultAddr);
    if (vma === null) throw KernelError.BadAddress;
    if (reason.isWriteAccess && !contains(vma.prot, Permission.WRITE)) {
      throw KernelError.InvalidAccess;
    }
    this.fetch_page(pageTable, vma, Va.pageDown(reason.faultAddr));
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) {
      this.doLazyLoad(pageTable, reason);
    } else if (isCowFault(reason)) {
      doCopyOnWrite(this, pageTable, reason);
    } else {
      throw KernelError.InvalidAccess;
    }
  }

  clone(): LazyPager {
    const copy = new LazyPager();
    this.vmas.forEach((vma, start) => copy.vmas.set(start, vma.clone()));
    return copy;
  }

  // --- private

  find_vma(addr: Va): VmAreaStruct | null {
    for (const vma of this.vmas.values()) {
      if (addr >= vma.start && addr < vma.end) return vma;
    }
    return null;
  }

  private fetch_page(pageTable: PageTable, vma: VmAreaStruct, va: Va): void {
    if (leaf_or_null(pageTable, va) !== null) return; // is there already
    const page = vma.loader.load(va);
    pageTable.map(va, page, vma.prot); // drops the page if it fails
  }
}
