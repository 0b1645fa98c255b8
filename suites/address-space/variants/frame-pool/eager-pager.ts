/** Eager paging that keeps frames of unmapped regions for new ones, and tries again without them when memory runs short. */
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

interface Mapping extends UserRange {
  readonly prot: Permission;
  readonly isAnonymous: boolean;
}

/** Frames kept at most. */
const MOST = 6;

export class EagerPager implements Pager {
  private readonly mappings = new Map<bigint, Mapping>();
  /** Frames of this process that nothing maps; what is in them is old. */
  private readonly pool: Page[] = [];

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const range = rangeToMap(this.mappings.values(), addr, size, prot, file, offset);
    let mapped = 0n;
    try {
      for (const va of pagesOf(range)) {
        this.withReserve(() => pageTable.map(va, this.page(file, offset + (va - addr)), prot));
        mapped += 0x1000n;
      }
    } catch (error) {
      this.take(pageTable, { start: range.start, end: range.start + mapped }, file === null);
      throw error;
    }
    this.mappings.set(range.start, { ...range, prot, isAnonymous: file === null });
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.mappings.get(addr);
    if (mapping === undefined) throw KernelError.InvalidArgument;
    this.mappings.delete(addr);
    this.take(pageTable, mapping, mapping.isAnonymous);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = rangeAt(this.mappings.values(), addr);
    if (mapping === null) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), mapping.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const mapping = rangeAt(this.mappings.values(), va);
    return mapping !== null && allows(mapping.prot, isWrite);
  }

  drop(): void {
    for (const page of this.pool.splice(0)) page.drop();
  }

  /** Calls `work`; if memory runs short while there are frames in the pool, gives those back and tries once more. */
  private withReserve(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error !== KernelError.NoMemory || this.pool.length === 0) throw error;
      this.drop();
      work();
    }
  }

  /** A page with the block of `file` at `position`, or zeros. */
  private page(file: RegularFile | null, position: bigint): Page {
    if (file !== null && position < file.size())
      return file.mmap(FileBlockNumber.fromOffset(position));
    const page = this.pool.pop();
    if (page === undefined) return Page.new();
    page.innerMut().fill(0);
    return page;
  }

  /** Frames of files may be shared with the file system, which would not like to see them filled anew. */
  private take(pageTable: PageTable, range: UserRange, isAnonymous: boolean): void {
    for (const va of pagesOf(range)) {
      const page = pageTable.unmap(va);
      if (isAnonymous && this.pool.length < MOST) this.pool.push(page);
      else page.drop();
    }
  }
}
