import {
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PAGE_SIZE,
  PageRef,
  PageTableMappingError,
  Permission,
  PFErrorCode,
  Va,
  type RegularFile,
} from 'keos';
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
  file: RegularFile;
  start: Va;
  offset: bigint;

  constructor(file: RegularFile, start: Va, offset: bigint) {
    this.file = file;
    this.start = start;
    this.offset = offset;
  }

  load(addr: Va): Page {
    const index = (Va.pageDown(addr) - this.start) / PAGE_SIZE;
    return this.file.mmap(FileBlockNumber.new(index));
  }
}

export class VmAreaStruct {
  readonly loader: MmLoader;
  start: Va;
  end: bigint;
  prot: Permission;

  constructor(loader: MmLoader, start: Va, end: bigint, prot: Permission) {
    this.loader = loader;
    this.start = start;
    this.end = end;
    this.prot = prot;
  }

  has(addr: bigint): boolean {
    return addr >= this.start && addr < this.end;
  }

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
  areas: VmAreaStruct[] = [];

  area(addr: Va): VmAreaStruct | null {
    for (const a of this.areas) {
      if (a.has(addr)) return a;
    }
    return null;
  }

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    if (addr === 0n || Va.offset(addr) !== 0n) throw KernelError.InvalidArgument;
    if (size === 0n) throw KernelError.InvalidArgument;
    const pages = (size + PAGE_SIZE - 1n) / PAGE_SIZE;
    const end = addr + pages * PAGE_SIZE;
    if (end > 0x8000_0000_0000n) throw KernelError.InvalidArgument;
    if ((prot & Permission.READ) === 0n) throw KernelError.InvalidArgument;
    if (file !== null) {
      if (offset % PAGE_SIZE !== 0n) throw KernelError.InvalidArgument;
      if (file.size() === 0n) throw KernelError.InvalidArgument;
    }
    for (const a of this.areas) {
      if (addr < a.end && a.start < end) throw KernelError.FileExist;
    }

    let loader: MmLoader;
    if (file === null) {
      loader = new AnonLoader();
    } else {
      loader = new FileBackedLoader(file, addr, offset);
    }
    this.areas.push(new VmAreaStruct(loader, addr, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const index = this.areas.findIndex((a) => a.start === addr);
    if (index === -1) throw KernelError.InvalidArgument;
    const a = this.areas[index];
    for (let offset = 0n; a.start + offset < a.end; offset += PAGE_SIZE) {
      const va = Va.add(a.start, offset);
      if (this.present(pageTable, va)) {
        const page = pageTable.unmap(va);
        page.drop();
      }
    }
    this.areas.splice(index, 1);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const a = this.area(addr);
    if (a === null) return null;
    const va = Va.pageDown(addr);
    if (!this.present(pageTable, va)) {
      const page = a.loader.load(va);
      pageTable.map(va, page, a.prot);
    }
    const pa = pageTable.walk(va).pa();
    if (pa === null) return null;
    return [PageRef.fromPa(pa), a.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const a = this.area(va);
    if (a === null) return false;
    if (isWrite) {
      return (a.prot & Permission.WRITE) !== 0n;
    }
    return (a.prot & Permission.READ) !== 0n;
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const a = this.area(reason.faultAddr);
    if (a === null) throw KernelError.BadAddress;
    const va = Va.pageDown(reason.faultAddr);
    if (this.present(pageTable, va)) return;
    const page = a.loader.load(va);
    pageTable.map(va, page, a.prot);
  }

  present(pageTable: PageTable, va: Va): boolean {
    try {
      pageTable.walk(va);
      return true;
    } catch (e) {
      if (e === PageTableMappingError.NotExist) return false;
      throw e;
    }
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) {
      this.doLazyLoad(pageTable, reason);
    } else {
      throw KernelError.InvalidAccess;
    }
  }

  clone(): LazyPager {
    const other = new LazyPager();
    for (const a of this.areas) {
      other.areas.push(a.clone());
    }
    return other;
  }

}
