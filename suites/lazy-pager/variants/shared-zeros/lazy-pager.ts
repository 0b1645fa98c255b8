/** Lazy paging that spends no frame on zeros that nobody can change. */
import {
  attempt,
  contains,
  FileBlockNumber,
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
import { leaves } from './leaves';
import { allows, rangeAt, rangeToMap, type UserRange } from './user-range';

export interface MmLoader {
  load(addr: Va): Page;
}

/** Zeros of one's own, to be written to. */
export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

/** The zeros of everybody in this process. */
class SharedZeros implements MmLoader {
  private page: Page | null = null;

  load(_addr: Va): Page {
    this.page ??= Page.new();
    return this.page.clone();
  }

  drop(): void {
    this.page?.drop();
    this.page = null;
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
  private readonly vmas = new Map<bigint, VmAreaStruct>();
  private readonly zeros = new SharedZeros();

  clone(): LazyPager {
    const copy = new LazyPager();
    for (const [start, vma] of this.vmas) {
      const loader = vma.loader instanceof SharedZeros ? copy.zeros : vma.loader;
      copy.vmas.set(start, new VmAreaStruct(loader, vma.start, vma.end, vma.prot));
    }
    return copy;
  }

  drop(): void {
    this.zeros.drop();
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const { start, end } = rangeToMap(this.vmas.values(), addr, size, prot, file, offset);
    const anonymous = allows(prot, true) ? new AnonLoader() : this.zeros;
    const loader = file === null ? anonymous : new FileBackedLoader(file, start, offset);
    this.vmas.set(addr, new VmAreaStruct(loader, start, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const vma = this.vmas.get(addr);
    if (vma === undefined) throw KernelError.InvalidArgument;
    for (const { va } of [...leaves(pageTable.root, vma.start, vma.end)])
      pageTable.unmap(va).drop();
    tlbShutdown(pageTable.root);
    this.vmas.delete(addr);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const vma = this.vmaAt(addr);
    if (vma === null) return null;
    this.load(pageTable, vma, addr);
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
    if (!allows(vma.prot, reason.isWriteAccess)) throw KernelError.InvalidAccess;
    this.load(pageTable, vma, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    return rangeAt(this.vmas.values(), va);
  }

  private load(pageTable: PageTable, vma: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
  }
}
