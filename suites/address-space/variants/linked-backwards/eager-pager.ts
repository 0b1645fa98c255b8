/** Eager paging with regions in a linked list, files read in pieces, and pages mapped from the last to the first. */
import { KernelError, Page, PageRef, Permission, type RegularFile, type Va } from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

const PAGE = 0x1000n;
const USER_END = 1n << 47n;
/** Bytes asked of a file at a time. */
const PIECE = 700;

/** A region, and the next one above it. */
export class Mapping {
  next: Mapping | null = null;

  constructor(
    readonly first: bigint,
    readonly end: bigint,
    readonly prot: Permission,
  ) {}
}

export class EagerPager implements Pager {
  /** Before the first region. */
  private readonly head = new Mapping(0n, 0n, 0n);

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    // In page numbers: rounding up is a division.
    const count = (size + PAGE - 1n) / PAGE;
    if (addr % PAGE !== 0n || addr < PAGE || addr / PAGE + count > USER_END / PAGE)
      throw KernelError.InvalidArgument;
    if ((prot & Permission.READ) === 0n) throw KernelError.InvalidArgument;
    if (file !== null && offset % PAGE !== 0n) throw KernelError.InvalidArgument;
    if (count === 0n) throw KernelError.NoSpace;
    if (file?.size() === 0n) throw KernelError.NoExec;

    const made = new Mapping(addr, addr + count * PAGE, prot);
    const before = this.before(made.first);
    if (before.end > made.first) throw KernelError.Busy;
    if (before.next !== null && before.next.first < made.end) throw KernelError.FileExist;

    let lowest = made.end;
    try {
      while (lowest > made.first) {
        const at = lowest - PAGE;
        const page = Page.new();
        if (file !== null) this.read(file, offset + (at - made.first), page);
        pageTable.map(at as Va, page, prot);
        lowest = at;
      }
    } catch (error) {
      for (let at = lowest; at < made.end; at += PAGE) pageTable.unmap(at as Va).drop();
      throw error;
    }
    made.next = before.next;
    before.next = made;
    return made.first;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    let before = this.head;
    while (before.next !== null && before.next.first < addr) before = before.next;
    const found = before.next;
    if (found?.first !== addr) throw KernelError.NoSuchEntry;
    before.next = found.next;
    for (let at = found.end - PAGE; at >= found.first; at -= PAGE) pageTable.unmap(at as Va).drop();
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const { prot, end } = this.before(addr);
    if (addr >= end) return null;
    return [PageRef.fromPa(pageTable.walk((addr - (addr % PAGE)) as Va).pa()!), prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const { prot, end } = this.before(va);
    return va < end && (prot & (isWrite ? Permission.WRITE : Permission.READ)) !== 0n;
  }

  /** The last region that starts at or below `address`, or the head of the list. */
  private before(address: bigint): Mapping {
    let found = this.head;
    while (found.next !== null && found.next.first <= address) found = found.next;
    return found;
  }

  /** Fills `page`, which is zero, with the file from `position` on. If that fails, the page is dropped. */
  private read(file: RegularFile, position: bigint, page: Page): void {
    const buffer = new Uint8Array(PIECE);
    const bytes = page.innerMut();
    try {
      for (let at = 0; at < bytes.length;) {
        const wanted = buffer.subarray(0, Math.min(PIECE, bytes.length - at));
        const got = file.read(position + BigInt(at), wanted);
        if (got === 0) return;
        bytes.copyFrom(buffer, at, 0, got);
        at += got;
      }
    } catch (error) {
      page.drop();
      throw error;
    }
  }
}
