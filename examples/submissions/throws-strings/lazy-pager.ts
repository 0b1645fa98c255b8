import {
  contains,
  FileBlockNumber,
  Page,
  PAGE_SIZE,
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
    const pageStart = Va.pageDown(addr);
    const position = this.offset + (pageStart - this.start);
    return this.file.mmap(FileBlockNumber.fromOffset(position));
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
  vmas: VmAreaStruct[] = [];

  findVma(addr: Va): VmAreaStruct | null {
    for (const vma of this.vmas) {
      if (vma.has(addr)) return vma;
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
    if (addr === 0n || Va.offset(addr) !== 0n) throw 'invalid argument';
    if (size === 0n) throw 'invalid argument';
    const pages = (size + PAGE_SIZE - 1n) / PAGE_SIZE;
    const end = addr + pages * PAGE_SIZE;
    // kernel addresses are way beyond this, too
    if (end > 0x8000_0000_0000n) throw 'invalid argument';
    if ((prot & Permission.READ) === 0n) throw 'invalid argument';
    if (file !== null) {
      if (offset % PAGE_SIZE !== 0n) throw 'invalid argument';
      if (file.size() === 0n) throw 'invalid argument';
    }
    for (const vma of this.vmas) {
      if (addr < vma.end && vma.start < end) throw 'overlap';
    }

    let loader: MmLoader;
    if (file === null) {
      loader = new AnonLoader();
    } else {
      loader = new FileBackedLoader(file, addr, offset);
    }
    this.vmas.push(new VmAreaStruct(loader, addr, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const index = this.vmas.findIndex((vma) => vma.start === addr);
    if (index === -1) throw 'invalid argument';
    const vma = this.vmas[index];
    for (let offset = 0n; vma.start + offset < vma.end; offset += PAGE_SIZE) {
      const va = Va.add(vma.start, offset);
      if (this.isLoaded(pageTable, va)) {
        const page = pageTable.unmap(va);
        page.drop();
      }
    }
    this.vmas.splice(index, 1);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const vma = this.findVma(addr);
    if (vma === null) return null;
    const va = Va.pageDown(addr);
    if (!this.isLoaded(pageTable, va)) {
      const page = vma.loader.load(va);
      pageTable.map(va, page, vma.prot);
    }
    const pa = pageTable.walk(va).pa();
    if (pa === null) return null;
    return [PageRef.fromPa(pa), vma.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.findVma(va);
    if (vma === null) return false;
    if (isWrite) {
      return (vma.prot & Permission.WRITE) !== 0n;
    }
    return (vma.prot & Permission.READ) !== 0n;
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const vma = this.findVma(reason.faultAddr);
    if (vma === null) throw 'no mapping';
    const va = Va.pageDown(reason.faultAddr);
    // another thread has loaded it already
    if (this.isLoaded(pageTable, va)) return;
    // A write to a read-only region is loaded read-only here and fails at the next fault.
    const page = vma.loader.load(va);
    pageTable.map(va, page, vma.prot);
  }

  isLoaded(pageTable: PageTable, va: Va): boolean {
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
    } else if (isCowFault(reason)) {
      doCopyOnWrite(this, pageTable, reason);
    } else {
      throw 'access denied';
    }
  }

  clone(): LazyPager {
    const other = new LazyPager();
    for (const vma of this.vmas) {
      other.vmas.push(vma.clone());
    }
    return other;
  }

}
