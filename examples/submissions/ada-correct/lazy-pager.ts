/** Ada's lazy pager. The bookkeeping is in region-map.ts. */
import {
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  PageTableMappingError,
  PAGE_SIZE,
  PFErrorCode,
  Va,
  type Permission,
  type Pte,
  type RegularFile,
} from 'keos';
import { vaOf } from './bits';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { RegionMap, type Span } from './region-map';

export interface MmLoader {
  load(addr: Va): Page;
}

export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

export class FileBackedLoader implements MmLoader {
  readonly #file: RegularFile;
  readonly #start: Va;
  readonly #firstBlock: FileBlockNumber;

  constructor(file: RegularFile, start: Va, offset: bigint) {
    this.#file = file;
    this.#start = start;
    this.#firstBlock = FileBlockNumber.fromOffset(offset);
  }

  load(addr: Va): Page {
    const pagesIn = (addr - this.#start) / PAGE_SIZE; // bigint division rounds down
    return this.#file.mmap(FileBlockNumber.add(this.#firstBlock, pagesIn));
  }
}

export class VmAreaStruct implements Span {
  constructor(
    readonly loader: MmLoader,
    readonly start: bigint,
    readonly end: bigint,
    readonly prot: Permission,
  ) {}

  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.start, this.end, this.prot);
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
    return !this.isPresent;
  }
}

export class LazyPager implements Pager {
  readonly regions = new RegionMap<VmAreaStruct>();

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = this.regions.checkNew(addr, size, prot, file, offset);
    const loader = file ? new FileBackedLoader(file, addr, offset) : new AnonLoader();
    this.regions.add(new VmAreaStruct(loader, addr, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const region = this.regions.get(addr);
    if (region === undefined) throw KernelError.InvalidArgument;
    for (let at = region.start; at < region.end; at += PAGE_SIZE) {
      const va = vaOf(at);
      if (leafAt(pageTable, va)) pageTable.unmap(va).drop();
    }
    this.regions.remove(addr);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.regions.containing(addr);
    if (!region) return null;
    const pa = this.#present(pageTable, region, addr).pa();
    return pa === null ? null : [PageRef.fromPa(pa), region.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return this.regions.permits(va, isWrite);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const region = this.regions.containing(reason.faultAddr);
    if (!region) throw KernelError.BadAddress;
    if (!this.regions.permits(reason.faultAddr, reason.isWriteAccess)) throw KernelError.InvalidAccess;
    this.#present(pageTable, region, reason.faultAddr);
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
    for (const region of this.regions) copy.regions.add(region.clone());
    return copy;
  }

  /** The leaf for `addr`, after loading the page if need be. */
  #present(pageTable: PageTable, region: VmAreaStruct, addr: Va): Pte {
    const va = Va.pageDown(addr);
    const leaf = leafAt(pageTable, va);
    if (leaf) return leaf;
    pageTable.map(va, region.loader.load(va), region.prot);
    return pageTable.walk(va);
  }
}

/** walk() with null for "not there" */
export function leafAt(pageTable: PageTable, va: Va): Pte | null {
  try {
    return pageTable.walk(va);
  } catch (error) {
    if (error === PageTableMappingError.NotExist) return null;
    throw error;
  }
}
