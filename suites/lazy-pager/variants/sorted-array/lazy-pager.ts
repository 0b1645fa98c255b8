/** Lazy paging with a sorted array of regions. */
import {
  attempt,
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  PageTableMappingError,
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
  load(): Page {
    return Page.new();
  }
}

export class FileBackedLoader implements MmLoader {
  constructor(
    readonly file: RegularFile,
    readonly start: Va,
    readonly firstBlock: FileBlockNumber,
  ) {}

  load(addr: Va): Page {
    return this.file.mmap(FileBlockNumber.add(this.firstBlock, (addr - this.start) / 4096n));
  }
}

export class VmAreaStruct {
  constructor(
    readonly loader: MmLoader,
    readonly start: Va,
    readonly pages: bigint,
    readonly prot: Permission,
  ) {}

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
    return !this.isPresent;
  }
}

export class LazyPager implements Pager {
  private readonly regions: VmAreaStruct[] = [];

  clone(): LazyPager {
    const copy = new LazyPager();
    for (const region of this.regions) copy.regions.push(region.clone());
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
    if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
    if (file !== null && (offset & 4095n) !== 0n) throw KernelError.InvalidArgument;
    if (size <= 0n || file?.size() === 0n) throw KernelError.InvalidArgument;
    if (addr === 0n || Va.offset(addr) !== 0n) throw KernelError.InvalidArgument;
    const pages = (size - 1n) / 4096n + 1n;
    if (addr + pages * 4096n > 0x8000_0000_0000n) throw KernelError.InvalidArgument;
    // The first region that ends after the start is the only one that can be in the way.
    const at = this.firstEndingAfter(addr);
    const next = this.regions[at];
    if (next !== undefined && next.start < addr + pages * 4096n) throw KernelError.Busy;
    const loader =
      file === null
        ? new AnonLoader()
        : new FileBackedLoader(file, addr, FileBlockNumber.fromOffset(offset));
    this.regions.splice(at, 0, new VmAreaStruct(loader, addr, pages, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const at = this.firstEndingAfter(addr);
    const region = this.regions[at];
    if (region?.start !== addr) throw KernelError.NoSuchEntry;
    for (let page = 0n; page < region.pages; page++) {
      const unmapped = attempt(() => pageTable.unmap(Va.add(addr, page * 4096n)));
      if (unmapped.ok) unmapped.value.drop();
      else if (unmapped.error !== PageTableMappingError.NotExist) throw KernelError.IOError;
    }
    this.regions.splice(at, 1);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.vmaAt(addr);
    if (region === null) return null;
    const va = Va.pageDown(addr);
    const pte = attempt(() => pageTable.walk(va));
    if (!pte.ok) pageTable.map(va, region.loader.load(va), region.prot);
    return [PageRef.fromPa(pageTable.walk(va).pa()!), region.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const prot = this.vmaAt(va)?.prot ?? 0n;
    return (prot & (isWrite ? Permission.WRITE : Permission.READ)) !== 0n;
  }

  doLazyLoad(pageTable: PageTable, { faultAddr, isWriteAccess }: PageFaultReason): void {
    const region = this.vmaAt(faultAddr);
    if (region === null) throw KernelError.BadAddress;
    if (isWriteAccess && !contains(region.prot, Permission.WRITE))
      throw KernelError.OperationNotPermitted;
    this.getUserPage(pageTable, faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    const region = this.regions[this.firstEndingAfter(va)];
    return region !== undefined && region.start <= va ? region : null;
  }

  /** Place of the first region that ends after `va`; the number of regions if none does. */
  private firstEndingAfter(va: Va): number {
    let low = 0;
    let high = this.regions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.regions[middle]!.end <= va) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
