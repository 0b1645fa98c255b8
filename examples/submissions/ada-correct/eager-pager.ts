/** Ada's eager pager: same regions, but every page is there from the start. */
import {
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  PAGE_SIZE,
  Va,
  type Permission,
  type RegularFile,
} from 'keos';
import { vaOf } from './bits';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { RegionMap, type Span } from './region-map';

export class Mapping implements Span {
  constructor(
    readonly start: bigint,
    readonly end: bigint,
    readonly prot: Permission,
  ) {}
}

export class EagerPager implements Pager {
  readonly regions = new RegionMap<Mapping>();

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = this.regions.checkNew(addr, size, prot, file, offset);
    let at: bigint = addr;
    try {
      for (; at < end; at += PAGE_SIZE) {
        const page = file ? file.mmap(FileBlockNumber.fromOffset(offset + at - addr)) : Page.new();
        pageTable.map(vaOf(at), page, prot);
      }
    } catch (error) {
      // `at` is the page that failed; all before it are mapped
      unmapAll(pageTable, addr, at);
      throw error;
    }
    this.regions.add(new Mapping(addr, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.regions.get(addr);
    if (mapping === undefined) throw KernelError.InvalidArgument;
    unmapAll(pageTable, mapping.start, mapping.end);
    this.regions.remove(addr);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = this.regions.containing(addr);
    if (!mapping) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), mapping.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return this.regions.permits(va, isWrite);
  }
}

function unmapAll(pageTable: PageTable, start: bigint, end: bigint): void {
  for (let at = start; at < end; at += PAGE_SIZE) pageTable.unmap(vaOf(at)).drop();
}
