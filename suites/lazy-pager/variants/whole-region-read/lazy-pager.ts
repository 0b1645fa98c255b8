/** Lazy paging in which a mapping reads its file once, at the first touch. */
import {
  attempt,
  contains,
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

export interface MmLoader {
  load(addr: Va): Page;
}

export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

export class FileBackedLoader implements MmLoader {
  /** By page of the region: its bytes, or null if they could not be read then. */
  private readonly bytes: (Uint8Array | null)[] = [];

  constructor(
    private readonly file: RegularFile,
    private readonly start: Va,
    private readonly pages: number,
    private readonly offset: bigint,
  ) {}

  load(addr: Va): Page {
    const index = Number((addr - this.start) / 4096n);
    if (this.bytes.length === 0)
      for (let i = 0; i < this.pages; i++) {
        const read = attempt(() => this.read(i));
        this.bytes.push(read.ok ? read.value : null);
      }
    const bytes = this.bytes[index] ?? this.read(index);
    this.bytes[index] = bytes;
    const page = Page.new();
    page.innerMut().copyFrom(bytes);
    return page;
  }

  private read(index: number): Uint8Array {
    const bytes = new Uint8Array(4096);
    let position = this.offset + BigInt(index) * 4096n;
    for (let rest = bytes; rest.length > 0;) {
      const got = this.file.read(position, rest);
      if (got === 0) break;
      rest = rest.subarray(got);
      position += BigInt(got);
    }
    return bytes;
  }
}

export class VmAreaStruct {
  readonly loaded: Uint8Array;

  constructor(
    readonly loader: MmLoader,
    readonly start: Va,
    readonly pages: number,
    readonly prot: Permission,
    loaded = new Uint8Array(Math.ceil(pages / 8)),
  ) {
    this.loaded = loaded;
  }

  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.start, this.pages, this.prot, this.loaded.slice());
  }

  contains(va: Va): boolean {
    return va >= this.start && va < this.start + BigInt(this.pages) * 4096n;
  }

  isLoaded(page: number): boolean {
    return (this.loaded[page >> 3]! & (1 << (page & 7))) !== 0;
  }

  setLoaded(page: number): void {
    this.loaded[page >> 3]! |= 1 << (page & 7);
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
  private regions: VmAreaStruct[] = [];

  clone(): LazyPager {
    const copy = new LazyPager();
    copy.regions = this.regions.map((region) => region.clone());
    return copy;
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = addr + ((size + 4095n) / 4096n) * 4096n;
    const isBad =
      addr === 0n || Va.pageDown(addr) !== addr || end > 0x8000_0000_0000n || size === 0n;
    if (isBad || !contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
    if (file !== null && (offset % 4096n !== 0n || file.size() === 0n))
      throw KernelError.InvalidArgument;
    const pages = Number((end - addr) / 4096n);
    const region = new VmAreaStruct(
      file === null ? new AnonLoader() : new FileBackedLoader(file, addr, pages, offset),
      addr,
      pages,
      prot,
    );
    const isTaken = this.regions.some(
      (other) => other.contains(addr) || region.contains(other.start),
    );
    if (isTaken) throw KernelError.InvalidArgument;
    this.regions.push(region);
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const region = this.regions.find(({ start }) => start === addr);
    if (region === undefined) throw KernelError.InvalidArgument;
    for (let page = 0; page < region.pages; page++) {
      if (region.isLoaded(page)) pageTable.unmap(Va.add(addr, BigInt(page) * 4096n)).drop();
    }
    this.regions = this.regions.filter((other) => other !== region);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.vmaAt(addr);
    if (region === null) return null;
    this.load(pageTable, region, addr);
    return [PageRef.fromPa(pageTable.walk(Va.pageDown(addr)).pa()!), region.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return this.regions.some(
      (region) =>
        region.contains(va) && contains(region.prot, isWrite ? Permission.WRITE : Permission.READ),
    );
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const region = this.vmaAt(reason.faultAddr);
    if (region === null) throw KernelError.BadAddress;
    this.load(pageTable, region, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    return this.regions.find((region) => region.contains(va)) ?? null;
  }

  private load(pageTable: PageTable, region: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    const page = Number((va - region.start) / 4096n);
    if (region.isLoaded(page)) return;
    pageTable.map(va, region.loader.load(va), region.prot);
    region.setLoaded(page);
  }
}
