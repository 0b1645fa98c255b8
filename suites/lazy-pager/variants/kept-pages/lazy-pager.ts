/** Lazy paging with books of its own about what is loaded. */
import {
  attempt,
  contains,
  FileBlockNumber,
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
import { rangeToMap } from './user-range';

export interface MmLoader {
  load(addr: Va): Page;
}

export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

export class FileBackedLoader implements MmLoader {
  constructor(
    private readonly file: RegularFile,
    private readonly start: Va,
    private readonly offset: bigint,
  ) {}

  load(addr: Va): Page {
    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
  }
}

export class VmAreaStruct {
  /** A Page of every page that is loaded, by address: an owner beside the page table. */
  readonly loaded = new Map<bigint, Page>();

  constructor(
    readonly loader: MmLoader,
    readonly start: Va,
    readonly end: bigint,
    readonly prot: Permission,
  ) {}

  clone(): VmAreaStruct {
    const copy = new VmAreaStruct(this.loader, this.start, this.end, this.prot);
    for (const [va, page] of this.loaded) copy.loaded.set(va, page.clone());
    return copy;
  }

  dispose(): void {
    for (const page of this.loaded.values()) page.drop();
    this.loaded.clear();
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
  private readonly regions = new Set<VmAreaStruct>();

  clone(): LazyPager {
    const copy = new LazyPager();
    for (const region of this.regions) copy.regions.add(region.clone());
    return copy;
  }

  drop(): void {
    for (const region of this.regions) region.dispose();
    this.regions.clear();
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const { start, end } = rangeToMap(this.regions, addr, size, prot, file, offset);
    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, start, offset);
    this.regions.add(new VmAreaStruct(loader, start, end, prot));
    return start;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    for (const region of this.regions) {
      if (region.start !== addr) continue;
      for (const va of region.loaded.keys()) {
        const unmapped = attempt(() => pageTable.unmap(Va.new(va)!));
        if (unmapped.ok) unmapped.value.drop();
      }
      region.dispose();
      this.regions.delete(region);
      return 0n;
    }
    throw KernelError.InvalidArgument;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.vmaAt(addr);
    if (region === null) return null;
    const page = this.pageOf(pageTable, region, addr);
    return [PageRef.fromPa(page.pa()), region.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const prot = this.vmaAt(va)?.prot;
    return prot !== undefined && contains(prot, isWrite ? Permission.WRITE : Permission.READ);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const region = this.vmaAt(reason.faultAddr);
    if (region === null) throw KernelError.BadAddress;
    this.pageOf(pageTable, region, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    for (const region of this.regions) if (region.start <= va && va < region.end) return region;
    return null;
  }

  private pageOf(pageTable: PageTable, region: VmAreaStruct, addr: Va): Page {
    const va = Va.pageDown(addr);
    const known = region.loaded.get(va);
    if (known !== undefined && attempt(() => pageTable.walk(va)).ok) return known;
    const page = region.loader.load(va);
    const mine = page.clone();
    try {
      pageTable.map(va, page, region.prot);
    } catch (error) {
      mine.drop();
      throw error;
    }
    region.loaded.set(va, mine);
    return mine;
  }
}
