/** Lazy paging with a map from page numbers to what is behind them. */
import {
  attempt,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  PFErrorCode,
  contains,
  Va,
  type Permission,
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

/** One block of a file, for one page. */
export class FileBackedLoader implements MmLoader {
  constructor(
    private readonly file: RegularFile,
    private readonly block: FileBlockNumber,
  ) {}

  load(_addr: Va): Page {
    return this.file.mmap(this.block);
  }
}

/** One page. All pages of a region name its first page. */
export class VmAreaStruct {
  constructor(
    readonly loader: MmLoader,
    readonly prot: Permission,
    readonly first: bigint,
    readonly count: bigint,
  ) {}

  clone(): VmAreaStruct {
    return this;
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

const LIMIT = 1n << 35n;
const MOST_PAGES = 1n << 20n;

export class LazyPager implements Pager {
  private readonly pages: Map<bigint, VmAreaStruct>;

  constructor(pages: ReadonlyMap<bigint, VmAreaStruct> = new Map()) {
    this.pages = new Map(pages);
  }

  clone(): LazyPager {
    return new LazyPager(this.pages);
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const first = addr >> 12n;
    const count = (size + 4095n) >> 12n;
    if (addr === 0n || (addr & 4095n) !== 0n || (prot & 1n) === 0n || first + count > LIMIT)
      throw KernelError.InvalidArgument;
    if (file !== null && (offset & 4095n) !== 0n) throw KernelError.InvalidArgument;
    if (count === 0n || count > MOST_PAGES || file?.size() === 0n)
      throw KernelError.NotSupportedOperation;
    for (let i = 0n; i < count; i++) if (this.pages.has(first + i)) throw KernelError.FileExist;
    const block = FileBlockNumber.fromOffset(offset);
    for (let i = 0n; i < count; i++) {
      const loader =
        file === null
          ? new AnonLoader()
          : new FileBackedLoader(file, FileBlockNumber.add(block, i));
      this.pages.set(first + i, new VmAreaStruct(loader, prot, first, count));
    }
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const region = (addr & 4095n) === 0n ? this.pages.get(addr >> 12n) : undefined;
    if (region === undefined || region.first !== addr >> 12n) throw KernelError.InvalidArgument;
    for (let i = region.count - 1n; i >= 0n; i--) {
      const va = Va.add(addr, i << 12n);
      if (attempt(() => pageTable.walk(va)).ok) pageTable.unmap(va).drop();
      this.pages.delete(region.first + i);
    }
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const page = this.vmaAt(addr);
    // Whatever keeps the page from being loaded: there is none.
    if (page === null || !attempt(() => this.load(pageTable, page, addr)).ok) return null;
    return [PageRef.fromPa(pageTable.walk(Va.pageDown(addr)).pa()!), page.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return ((this.vmaAt(va)?.prot ?? 0n) & (isWrite ? 2n : 1n)) !== 0n;
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const page = this.vmaAt(reason.faultAddr);
    if (page === null || !this.accessOk(reason.faultAddr, reason.isWriteAccess))
      throw KernelError.InvalidAccess;
    this.load(pageTable, page, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    return this.pages.get(va >> 12n) ?? null;
  }

  private load(pageTable: PageTable, page: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, page.loader.load(va), page.prot);
  }
}
