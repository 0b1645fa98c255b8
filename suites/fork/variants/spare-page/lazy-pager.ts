/** Lazy paging: `mmap` writes down what belongs where, and a page fault brings the page. */
import {
  attempt,
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  PFErrorCode,
  Va,
  type Permission,
  type RegularFile,
} from 'keos';
import { doCopyOnWrite, isCowFault } from './fork';
import { leaves } from './leaves';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { allows, rangeAt, rangeToMap, type UserRange } from './user-range';

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

/** A mapped range: where its pages come from and what they may do. Nothing in it changes, so a clone shares the loader. */
export class VmAreaStruct implements UserRange {
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
  readonly vmas: VmAreaStruct[];
  /** A page kept ready for the next copy. */
  spare: Page | null = null;

  constructor(vmas: VmAreaStruct[] = []) {
    this.vmas = vmas;
  }

  /** A pager with the same regions, from now on independent of this one. */
  clone(): LazyPager {
    return new LazyPager(this.vmas.map((vma) => vma.clone()));
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const { start, end } = rangeToMap(this.vmas, addr, size, prot, file, offset);
    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, start, offset);
    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const index = this.vmas.findIndex((vma) => vma.start === addr);
    const vma = this.vmas[index];
    if (vma === undefined) throw KernelError.InvalidArgument;
    // Listed first: unmapping may free tables that the listing is still in.
    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
    for (const { va } of loaded) pageTable.unmap(va).drop();
    this.vmas.splice(index, 1);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const vma = this.vmaAt(addr);
    if (vma === null) return null;
    this.load(pageTable, vma, addr);
    // With a page in reserve the kernel gets one that the process shares with nobody.
    if (this.spare !== null && allows(vma.prot, true)) {
      const write = PFErrorCode.PRESENT | PFErrorCode.WRITE_ACCESS;
      doCopyOnWrite(this, pageTable, new PageFaultReason(write, addr));
    }
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), vma.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.vmaAt(va);
    return vma !== null && allows(vma.prot, isWrite);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const vma = this.vmaAt(reason.faultAddr);
    if (vma === null) throw KernelError.BadAddress;
    // A fetch looks like a read here: the page is loaded without the right to execute, and the access faults again.
    if (!allows(vma.prot, reason.isWriteAccess)) throw KernelError.InvalidAccess;
    this.load(pageTable, vma, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  /** The process is gone, and the page kept ready with it. */
  drop(): void {
    this.spare?.drop();
    this.spare = null;
  }

  /** The region that `va` is in. */
  vmaAt(va: Va): VmAreaStruct | null {
    return rangeAt(this.vmas, va);
  }

  /** Makes the page of `addr` present. It may be so already: another thread may have taken the same fault first. */
  private load(pageTable: PageTable, vma: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
  }
}
