// Chloe, lazy pager
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
import { check, forEachPage, findLeaf, pagesFor } from './util';

const USER_SPACE_END = 1n << 47n;

// loaders

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

// regions and faults

export class VmAreaStruct {
  readonly loader: MmLoader;
  readonly start: Va;
  readonly pages: bigint;
  readonly prot: Permission;

  constructor(loader: MmLoader, start: Va, pages: bigint, prot: Permission) {
    this.loader = loader;
    this.start = start;
    this.pages = pages;
    this.prot = prot;
  }

  /** one byte past the last page */
  get end(): bigint {
    return this.start + this.pages * 4096n;
  }

  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.start, this.pages, this.prot);
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

// the pager

export class LazyPager implements Pager {
  /** key: start address */
  areas = new Map<bigint, VmAreaStruct>();

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const pages = pagesFor(size);
    const end = addr + pages * 4096n;
    check(addr !== 0n);
    check(Va.offset(addr) === 0n);
    check(pages > 0n);
    check(end <= USER_SPACE_END);
    check(contains(prot, Permission.READ));
    if (file !== null) {
      check(offset % 4096n === 0n);
      check(file.size() !== 0n);
    }
    for (const area of this.areas.values()) {
      const before = end <= area.start;
      const behind = addr >= area.end;
      check(before || behind, KernelError.FileExist);
    }

    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, addr, offset);
    this.areas.set(addr, new VmAreaStruct(loader, addr, pages, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const area = this.areas.get(addr);
    if (area === undefined) throw KernelError.NoSuchEntry;
    forEachPage(area.start, area.pages, (va) => {
      if (findLeaf(pageTable, va) !== null) pageTable.unmap(va).drop();
    });
    this.areas.delete(addr);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const area = this.areaAt(addr);
    if (area === null) return null;
    const va = Va.pageDown(addr);
    this.ensureLoaded(pageTable, area, va);
    const leaf = pageTable.walk(va);
    const pa = leaf.pa();
    if (pa === null) return null;
    return [PageRef.fromPa(pa), area.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const area = this.areaAt(va);
    if (area === null) return false;
    const needed = isWrite ? Permission.WRITE : Permission.READ;
    return contains(area.prot, needed);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const area = this.areaAt(reason.faultAddr);
    if (area === null) throw KernelError.BadAddress;
    if (reason.isWriteAccess && !contains(area.prot, Permission.WRITE)) {
      throw KernelError.InvalidAccess;
    }
    this.ensureLoaded(pageTable, area, Va.pageDown(reason.faultAddr));
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
    this.areas.forEach((area, start) => copy.areas.set(start, area.clone()));
    return copy;
  }

  // --- private

  areaAt(addr: Va): VmAreaStruct | null {
    for (const area of this.areas.values()) {
      if (addr >= area.start && addr < area.end) return area;
    }
    return null;
  }

  private ensureLoaded(pageTable: PageTable, area: VmAreaStruct, va: Va): void {
    if (findLeaf(pageTable, va) !== null) return; // is there already
    const page = area.loader.load(va);
    pageTable.map(va, page, area.prot); // drops the page if it fails
  }
}
