/** Lazy paging with regions in a singly linked list. */
import {
  attempt,
  contains,
  KernelError,
  Page,
  PageRef,
  Permission,
  PFErrorCode,
  tlbShutdown,
  Va,
  type RegularFile,
} from 'keos';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

export interface MmLoader {
  load(addr: Va): Page;
}

export class AnonLoader implements MmLoader {
  load(): Page {
    return Page.new();
  }
}

export class FileBackedLoader implements MmLoader {
  constructor(
    readonly file: RegularFile,
    readonly start: Va,
    readonly offset: bigint,
  ) {}

  load(addr: Va): Page {
    const bytes = new Uint8Array(4096);
    const position = this.offset + (addr - this.start);
    let filled = 0;
    while (filled < bytes.length) {
      const got = this.file.read(position + BigInt(filled), bytes.subarray(filled));
      if (got === 0) break;
      filled += got;
    }
    const page = Page.new();
    page.innerMut().copyFrom(bytes);
    return page;
  }
}

export class VmAreaStruct {
  next: VmAreaStruct | null = null;

  constructor(
    readonly loader: MmLoader,
    readonly start: Va,
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
  private head: VmAreaStruct | null = null;

  clone(): LazyPager {
    const copy = new LazyPager();
    // The order is turned round; nothing depends on it.
    for (const region of this.all()) {
      const twin = region.clone();
      twin.next = copy.head;
      copy.head = twin;
    }
    return copy;
  }

  private *all(): Generator<VmAreaStruct> {
    for (let at = this.head; at !== null; at = at.next) yield at;
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    if (size === 0n) throw KernelError.NoSpace;
    const end = addr + size + ((4096n - (size % 4096n)) % 4096n);
    const isBad =
      addr === 0n ||
      addr % 4096n !== 0n ||
      addr >= 1n << 47n ||
      end > 1n << 47n ||
      (prot & 1n) === 0n;
    if (isBad || (file !== null && offset % 4096n !== 0n)) throw KernelError.InvalidArgument;
    if (file !== null && file.size() === 0n) throw KernelError.NoExec;
    for (const region of this.all()) {
      if (region.end > addr && end > region.start) throw KernelError.NoMemory;
    }
    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, addr, offset);
    const region = new VmAreaStruct(loader, addr, end, prot);
    region.next = this.head;
    this.head = region;
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    let before: VmAreaStruct | null = null;
    let region = this.head;
    while (region !== null && region.start !== addr) {
      before = region;
      region = region.next;
    }
    if (region === null) throw KernelError.NoSuchEntry;
    const pages: Page[] = [];
    for (let at = 0n; addr + at < region.end; at += 4096n) {
      const pte = attempt(() => pageTable.walk(Va.add(addr, at)));
      const pa = pte.ok ? pte.value.clear() : null;
      if (pa !== null) pages.push(Page.fromPa(pa));
    }
    if (pages.length > 0) tlbShutdown(pageTable.root);
    for (const page of pages) page.drop();
    if (before === null) this.head = region.next;
    else before.next = region.next;
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.vmaAt(addr);
    if (region === null) return null;
    const pa = this.present(pageTable, region, addr);
    return [PageRef.fromPa(pa), region.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    for (const { start, end, prot } of this.all())
      if (va >= start && va < end)
        return contains(prot, isWrite ? Permission.WRITE : Permission.READ);
    return false;
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const region = this.vmaAt(reason.faultAddr);
    if (region === null || !this.accessOk(reason.faultAddr, reason.isWriteAccess))
      throw KernelError.BadAddress;
    this.present(pageTable, region, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    for (const region of this.all()) if (va >= region.start && va < region.end) return region;
    return null;
  }

  /** Address of the frame of a page, loaded if it was not there. */
  private present(pageTable: PageTable, region: VmAreaStruct, addr: Va) {
    const va = Va.pageDown(addr);
    const known = attempt(() => pageTable.walk(va).pa());
    if (known.ok && known.value !== null) return known.value;
    const page = region.loader.load(va);
    const pa = page.pa();
    pageTable.map(va, page, region.prot);
    return pa;
  }
}
