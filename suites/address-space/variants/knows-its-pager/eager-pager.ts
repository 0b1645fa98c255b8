/** Eager paging whose pager is told from any other object: by private names, by what is kept for it elsewhere, and by its identity. */
import {
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

const END = 0x8000_0000_0000n;

interface Region {
  readonly start: Va;
  /** Exclusive. */
  readonly end: bigint;
  readonly prot: Permission;
}

/** The rights of each page that is mapped, by page number. */
const rightsOf = new WeakMap<object, Map<bigint, Permission>>();

export class EagerPager implements Pager {
  readonly #regions = new Map<bigint, Region>();
  readonly #self = this;

  constructor() {
    rightsOf.set(this, new Map());
  }

  /** Whether every page of a range may be accessed. */
  static covers(pager: Pager, start: bigint, end: bigint, isWrite: boolean): boolean {
    const rights = rightsOf.get(pager);
    if (rights === undefined) throw new TypeError('this pager is unknown');
    const needed = isWrite ? Permission.WRITE : Permission.READ;
    let page = start >> 12n;
    do if (((rights.get(page) ?? 0n) & needed) === 0n) return false;
    while (++page << 12n < end);
    return true;
  }

  /** The pager, if it is one of this class. */
  static of(pager: Pager): EagerPager {
    if (!(#regions in pager)) throw new TypeError('this is no EagerPager');
    return pager;
  }

  /** Removes a region. */
  static remove(pager: EagerPager, pageTable: PageTable, addr: Va): bigint {
    if (pager !== pager.#self) throw new TypeError('this pager is another one');
    const region = pager.#regions.get(addr);
    if (region === undefined) throw KernelError.NoSuchEntry;
    pager.#unmap(pageTable, region.start, region.end);
    pager.#regions.delete(addr);
    return 0n;
  }

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = (addr + size + 0xfffn) & ~0xfffn;
    const isAligned = (addr & 0xfffn) === 0n && (file === null || (offset & 0xfffn) === 0n);
    if (!isAligned || addr === 0n || addr >= END || end > END) throw KernelError.InvalidArgument;
    if ((prot & Permission.READ) === 0n) throw KernelError.InvalidArgument;
    if (size === 0n || file?.size() === 0n) throw KernelError.NoSuchEntry;
    for (const region of this.#regions.values())
      if (region.start < end && addr < region.end) throw KernelError.FileExist;

    const rights = rightsOf.get(this)!;
    let at: bigint = addr;
    try {
      for (; at < end; at += 0x1000n) {
        const block = FileBlockNumber.fromOffset(offset + (at - addr));
        pageTable.map(at as Va, file === null ? Page.new() : file.mmap(block), prot);
        rights.set(at >> 12n, prot);
      }
    } catch (error) {
      this.#unmap(pageTable, addr, at);
      throw error;
    }
    this.#regions.set(addr, { start: addr, end, prot });
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    return EagerPager.remove(this, pageTable, addr);
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const prot = rightsOf.get(this)!.get(addr >> 12n);
    if (prot === undefined) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return EagerPager.covers(this, va, va, isWrite);
  }

  #unmap(pageTable: PageTable, start: Va, end: bigint): void {
    const rights = rightsOf.get(this)!;
    for (let at: bigint = start; at < end; at += 0x1000n) {
      pageTable.unmap(at as Va).drop();
      rights.delete(at >> 12n);
    }
  }
}
