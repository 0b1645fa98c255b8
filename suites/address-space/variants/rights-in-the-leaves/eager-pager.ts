/** Eager paging that keeps only starts and ends: what a page may, and whether there is one, is read from the page table. */
import {
  attempt,
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Permission,
  PteFlags,
  tlbShutdown,
  Va,
  type Pte,
  type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

const PAGE = 4096n;

export class EagerPager implements Pager {
  /** Exclusive ends by start. */
  private readonly ends = new Map<bigint, bigint>();
  /** The page table of the process: `accessOk` is not given one. */
  private table: PageTable | null = null;

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = addr + size + ((PAGE - (size % PAGE)) % PAGE);
    if (addr === 0n || addr % PAGE > 0n || end > 0x8000_0000_0000n)
      throw KernelError.InvalidArgument;
    if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
    if (file && offset % PAGE > 0n) throw KernelError.InvalidArgument;
    if (size === 0n || (file && file.size() === 0n)) throw KernelError.NotSupportedOperation;
    for (const [start, until] of this.ends)
      if (start < end && addr < until) throw KernelError.InvalidArgument;

    this.table = pageTable;
    this.ends.set(addr, end);
    let at: Va = addr;
    try {
      for (let left = (end - addr) / PAGE; left > 0n; left--) {
        const block = FileBlockNumber.new((offset + (at - addr)) / PAGE);
        pageTable.map(at, file ? file.mmap(block) : Page.new(), prot);
        // The page after the last one may be no address.
        if (left > 1n) at = Va.add(at, PAGE);
        else at = addr;
      }
    } catch (error) {
      this.ends.delete(addr);
      this.release(pageTable, addr, at);
      throw error;
    }
    return at;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const end = this.ends.get(addr);
    if (!end) throw KernelError.BadAddress;
    this.ends.delete(addr);
    this.release(pageTable, addr, end);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const leaf = this.leaf(pageTable, addr);
    const pa = leaf && leaf.pa();
    return leaf && pa !== null ? [PageRef.fromPa(pa), rightsOf(leaf)] : null;
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const leaf = this.table && this.leaf(this.table, va);
    return leaf !== null && (!isWrite || contains(leaf.flags(), PteFlags.RW));
  }

  /** The leaf of a user address; `null` if there is none. */
  private leaf(pageTable: PageTable, va: Va): Pte | null {
    if (va >= 0x8000_0000_0000n) return null;
    const found = attempt(() => pageTable.walk(Va.pageDown(va)));
    return found.ok ? found.value : null;
  }

  /** Empties all leaves, then invalidates them all at once, then lets the frames go. */
  private release(pageTable: PageTable, start: Va, end: bigint): void {
    const frames: Page[] = [];
    for (let at: bigint = start; at < end; at += PAGE) {
      const pa = pageTable.walk(at as Va).clear();
      if (pa !== null) frames.push(Page.fromPa(pa));
    }
    tlbShutdown(pageTable.root);
    for (const frame of frames) frame.drop();
  }
}

/** The rights that `PageTable.map` has made these flags from. */
function rightsOf(leaf: Pte): Permission {
  const flags = leaf.flags();
  return (
    Permission.READ |
    (contains(flags, PteFlags.RW) ? Permission.WRITE : 0n) |
    (contains(flags, PteFlags.US) ? Permission.USER : 0n) |
    (contains(flags, PteFlags.XD) ? 0n : Permission.EXECUTABLE)
  );
}
