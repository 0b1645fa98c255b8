// lazy pager (Ines)
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
  segs: VmAreaStruct[] = [];

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = addr + ((size + PAGE - 1n) / PAGE) * PAGE;
    if (addr === 0n || addr % PAGE || size === 0n) refuse(KernelError.InvalidArgument);
    if (end > END_OF_USER) refuse(KernelError.InvalidArgument);
    if (!contains(prot, Permission.READ)) refuse(KernelError.InvalidArgument);
    if (file && (offset % PAGE || !file.size())) refuse(KernelError.InvalidArgument);

    // the new seg goes in front of the first one that ends behind its start
    const next = this.segs.findIndex((seg) => seg.to > addr);
    const place = next < 0 ? this.segs.length : next;
    if (next >= 0 && this.segs[next].from < end) refuse(KernelError.Busy);
    const loader = file ? new FileBackedLoader(file, addr, offset) : new AnonLoader();
    this.segs.splice(place, 0, new VmAreaStruct(loader, addr, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const seg = this.at(addr);
    if (!seg) throw KernelError.NoSuchEntry;
    for (let a = seg.from; a < seg.to; a += PAGE) {
      const page = attempt(() => pageTable.unmap(a as Va));
      if (page.ok) page.value.drop();
    }
    this.segs = this.segs.filter((other) => other !== seg);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const seg = this.at(addr);
    if (!seg) return null;
    this.pageIn(pageTable, seg, addr);
    const pa = pageTable.walk(Va.pageDown(addr)).pa()!;
    return [PageRef.fromPa(pa), seg.rights];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return this.at(va)?.may(isWrite ? Permission.WRITE : Permission.READ) ?? false;
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const seg = this.at(reason.faultAddr);
    if (!seg) throw KernelError.BadAddress;
    if (reason.isWriteAccess && !seg.may(Permission.WRITE)) throw KernelError.InvalidAccess;
    this.pageIn(pageTable, seg, reason.faultAddr);
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
    copy.segs = this.segs.map((seg) => seg.clone());
    return copy;
  }

  /** binary search */
  at(addr: bigint): VmAreaStruct | undefined {
    let lo = 0;
    let hi = this.segs.length - 1;
    while (lo <= hi) {
      const mid = (lo + hi) >> 1;
      const seg = this.segs[mid];
      if (seg.contains(addr)) return seg;
      if (addr < seg.from) hi = mid - 1;
      else lo = mid + 1;
    }
    return undefined;
  }

  private pageIn(pageTable: PageTable, seg: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (attempt(() => pageTable.walk(va)).ok) return;
    pageTable.map(va, seg.loader.load(va), seg.rights);
  }
}
