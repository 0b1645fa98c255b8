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
import { check, forEachPage, lookup, pageCount } from './util';

const USER_SPACE_END = 1n << 47n;

// ---------------------------------------------------------------- loaders

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
  private readonly firstBlock: bigint;

  constructor(file: RegularFile, start: Va, offset: bigint) {
    this.file = file;
    this.start = start;
    this.firstBlock = offset / 4096n;
  }

  load(addr: Va): Page {
    const pageNo = (addr - this.start) / 4096n;
    const block = FileBlockNumber.new(this.firstBlock + pageNo);
    return this.file.mmap(block);
  }
}

// ---------------------------------------------------------------- regions and faults

export class VmAreaStruct {
  readonly loader: MmLoader;
  readonly start: Va;
  readonly nPages: bigint;
  readonly prot: Permission;

  constructor(loader: MmLoader, start: Va, nPages: bigint, prot: Permission) {
    this.loader = loader;
    this.start = start;
    this.nPages = nPages;
    this.prot = prot;
  }

  /** one byte past the last page */
  get end(): bigint {
    return this.start + this.nPages * 4096n;
  }

  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.start, this.nPages, this.prot);
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

// ---------------------------------------------------------------- the pager

export class LazyPager implements Pager {
  /** key: start address */
  maps = new Map<bigint, VmAreaStruct>();

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const nPages = pageCount(size);
    const end = addr + nPages * 4096n;
    check(addr !== 0n);
    check(Va.offset(addr) === 0n);
    check(nPages > 0n);
    check(end <= USER_SPACE_END);
    check(contains(prot, Permission.READ));
    if (file !== null) {
      check(offset % 4096n === 0n);
      check(file.size() !== 0n);
    }
    for (const m of this.maps.values()) {
      const before = end <= m.start;
      const behind = addr >= m.end;
      check(before || behind, KernelError.FileExist);
    }

    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, addr, offset);
    this.maps.set(addr, new VmAreaStruct(loader, addr, nPages, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const m = this.maps.get(addr);
    if (m === undefined) throw KernelError.NoSuchEntry;
    forEachPage(m.start, m.nPages, (va) => {
      if (lookup(pageTable, va) !== null) pageTable.unmap(va).drop();
    });
    this.maps.delete(addr);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const m = this.vmaOf(addr);
    if (m === null) return null;
    const va = Va.pageDown(addr);
    this.touch(pageTable, m, va);
    const leaf = pageTable.walk(va);
    const pa = leaf.pa();
    if (pa === null) return null;
    return [PageRef.fromPa(pa), m.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const m = this.vmaOf(va);
    if (m === null) return false;
    const needed = isWrite ? Permission.WRITE : Permission.READ;
    return contains(m.prot, needed);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const m = this.vmaOf(reason.faultAddr);
    if (m === null) throw KernelError.BadAddress;
    if (reason.isWriteAccess && !contains(m.prot, Permission.WRITE)) {
      throw KernelError.InvalidAccess;
    }
    this.touch(pageTable, m, Va.pageDown(reason.faultAddr));
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
    this.maps.forEach((m, start) => copy.maps.set(start, m.clone()));
    return copy;
  }

  // --- private

  vmaOf(addr: Va): VmAreaStruct | null {
    for (const m of this.maps.values()) {
      if (addr >= m.start && addr < m.end) return m;
    }
    return null;
  }

  private touch(pageTable: PageTable, m: VmAreaStruct, va: Va): void {
    if (lookup(pageTable, va) !== null) return; // is there already
    const page = m.loader.load(va);
    pageTable.map(va, page, m.prot); // drops the page if it fails
  }
}
