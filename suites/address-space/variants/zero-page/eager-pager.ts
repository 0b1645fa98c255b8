/** Eager paging with one page of zeros for everything that is zero and cannot be written. When memory runs short, even that one is given back. */
import {
  attempt,
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Permission,
  Va,
  type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { pagesOf, rangeAt, rangeToMap, type UserRange } from './user-range';

interface Mapping extends UserRange {
  readonly prot: Permission;
}

export class EagerPager implements Pager {
  private mappings: readonly Mapping[] = [];
  /** Made when it is first needed, kept until the process ends or memory runs short. */
  private zeros: Page | null = null;

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const range = rangeToMap(this.mappings, addr, size, prot, file, offset);
    const undo: (() => void)[] = [];
    try {
      for (const va of pagesOf(range)) {
        this.orWithoutZeros(() => {
          const page = this.pageFor(file, offset + (va - addr), contains(prot, Permission.WRITE));
          pageTable.map(va, page, prot);
        });
        undo.push(() => pageTable.unmap(va).drop());
      }
    } catch (error) {
      while (undo.length > 0) undo.pop()!();
      throw error;
    }
    this.mappings = [...this.mappings, { ...range, prot }];
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const mapping = this.mappings.find(({ start }) => start === addr);
    if (mapping === undefined) throw KernelError.InvalidArgument;
    for (const va of pagesOf(mapping)) pageTable.unmap(va).drop();
    this.mappings = this.mappings.filter((each) => each !== mapping);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const mapping = rangeAt(this.mappings, addr);
    if (mapping === null) return null;
    const { pte } = pageTable.walkMut(Va.pageDown(addr));
    return [PageRef.fromPa(pte.pa()!), mapping.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return this.mappings.some(
      ({ start, end, prot }) =>
        va >= start && va < end && contains(prot, isWrite ? Permission.WRITE : Permission.READ),
    );
  }

  drop(): void {
    this.zeros?.drop();
    this.zeros = null;
  }

  /** Calls `work`; if memory runs short, gives up the page of zeros, which frees it if no region shows it any more, and tries once more. */
  private orWithoutZeros(work: () => void): void {
    const done = attempt(work);
    if (done.ok) return;
    if (done.error !== KernelError.NoMemory || this.zeros === null) throw done.error;
    this.drop();
    work();
  }

  private pageFor(file: RegularFile | null, position: bigint, isWritten: boolean): Page {
    if (file === null || position >= file.size()) {
      if (isWritten) return Page.new();
      this.zeros ??= Page.new();
      return this.zeros.clone();
    }
    return file.mmap(FileBlockNumber.fromOffset(position));
  }
}
