/** Eager paging: every page of a mapping is there when `mmap` returns. */
import {
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Va,
  type Permission,
  type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { allows, pagesOf, rangeAt, rangeToMap, type UserRange } from './user-range';

/** A mapped range and the rights it was given. */
export class Mapping implements UserRange {
  constructor(
    readonly start: Va,
    readonly end: bigint,
    readonly perm: Permission,
  ) {}
}

export class EagerPager implements Pager {
  /** By start address. */
  readonly mappings = new Map<bigint, Mapping>();

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const range = rangeToMap(this.mappings.values(), addr, size, prot, file, offset);
    const mapped: Va[] = [];
    try {
      for (const va of pagesOf(range)) {
        const block = FileBlockNumber.fromOffset(offset + (va - addr));
        pageTable.map(va, file === null ? Page.new() : file.mmap(block), prot);
        mapped.push(va);
      }
    } catch (error) {
      for (const va of mapped) pageTable.unmap(va).drop();
      throw error;
    }
    this.mappings.set(addr, new Mapping(range.start, range.end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.mappings.get(addr);
    if (mapping === undefined) throw KernelError.InvalidArgument;
    for (const va of pagesOf(mapping)) pageTable.unmap(va).drop();
    this.mappings.delete(addr);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = rangeAt(this.mappings.values(), addr);
    if (mapping === null) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), mapping.perm];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const mapping = rangeAt(this.mappings.values(), va);
    return mapping !== null && allows(mapping.perm, isWrite);
  }
}
