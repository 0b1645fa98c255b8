// Project: lazy paging
import {
  KernelError,
  Page,
  PageRef,
  Permission,
  PFErrorCode,
  Va,
  attempt,
  contains,
  type RegularFile,
} from 'keos';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import { END_OF_USER, PAGE } from './words';

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
    private file: RegularFile,
    private start: Va,
    private offset: bigint,
  ) {}

  load(addr: Va): Page {
    const position = this.offset + (Va.pageDown(addr) - this.start);
    const buffer = new Uint8Array(4096);
    let done = 0;
    // read() may give less than I ask for
    while (done < 4096 && position + BigInt(done) < this.file.size()) {
      done += this.file.read(position + BigInt(done), buffer.subarray(done));
    }
    const page = Page.new();
    page.innerMut().copyFrom(buffer);
    return page;
  }
}

export class VmAreaStruct {
  constructor(
    readonly loader: MmLoader,
    readonly from: bigint,
    readonly to: bigint,
    readonly rights: Permission,
  ) {}

  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.from, this.to, this.rights);
  }

  contains(addr: bigint): boolean {
    return this.from <= addr && addr < this.to;
  }

  may(right: Permission): boolean {
    return contains(this.rights, right);
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

const refuse = (error: KernelError): never => {
  throw error;
};

export class LazyPager {
  /** sorted by address, not overlapping */
  areas: VmAreaStruct[] = [];
  /** all pages there are, for statistics */
  pages: { at: bigint; loaded: boolean }[] = [];

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = addr + ((size + PAGE - 1n) / PAGE) * PAGE;
    // remember every page of the area
    for (let a: bigint = addr; a < end; a += PAGE) this.pages.push({ at: a, loaded: false });
    if (addr === 0n || addr % PAGE || size === 0n) refuse(KernelError.InvalidArgument);
    if (end > END_OF_USER) refuse(KernelError.InvalidArgument);
    if (!contains(prot, Permission.READ)) refuse(KernelError.InvalidArgument);
    if (file && (offset % PAGE || !file.size())) refuse(KernelError.InvalidArgument);

    // the new area goes in front of the first one that ends behind its start
    const next = this.areas.findIndex((area) => area.to > addr);
    const place = next < 0 ? this.areas.length : next;
    if (next >= 0 && this.areas[next].from < end) refuse(KernelError.Busy);
    const loader = file ? new FileBackedLoader(file, addr, offset) : new AnonLoader();
    this.areas.splice(place, 0, new VmAreaStruct(loader, addr, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const area = this.at(addr);
    if (!area || area.from !== addr) throw KernelError.NoSuchEntry;
    for (let a = area.from; a < area.to; a += PAGE) {
      const page = attempt(() => pageTable.unmap(a as Va));
      if (page.ok) page.value.drop();
    }
    this.areas = this.areas.filter((other) => other !== area);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const area = this.at(addr);
    if (!area) return null;
    this.bringIn(pageTable, area, addr);
    const pa = pageTable.walk(Va.pageDown(addr)).pa()!;
    return [PageRef.fromPa(pa), area.rights];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return this.at(va)?.may(isWrite ? Permission.WRITE : Permission.READ) ?? false;
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const area = this.at(reason.faultAddr);
    if (!area) throw KernelError.BadAddress;
    if (reason.isWriteAccess && !area.may(Permission.WRITE)) throw KernelError.InvalidAccess;
    this.bringIn(pageTable, area, reason.faultAddr);
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
    const twin = new LazyPager();
    twin.areas = this.areas.map((area) => area.clone());
    return twin;
  }

  /** binary search */
  at(addr: bigint): VmAreaStruct | undefined {
    let lo = 0;
    let hi = this.areas.length - 1;
    while (lo <= hi) {
      const mid = (lo + hi) >> 1;
      const area = this.areas[mid];
      if (area.contains(addr)) return area;
      if (addr < area.from) hi = mid - 1;
      else lo = mid + 1;
    }
    return undefined;
  }

  private bringIn(pageTable: PageTable, area: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (attempt(() => pageTable.walk(va)).ok) return;
    pageTable.map(va, area.loader.load(va), area.rights);
  }
}
