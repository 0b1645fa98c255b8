/** Eager paging with regions in a tree that is replaced as a whole. */
import {
  FileBlockNumber,
  KernelError,
  Page,
  PAGE_MASK,
  PageRef,
  Permission,
  Va,
  type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { inserted, lastBelow, without, type Region, type Tree } from './region-tree';

export class EagerPager implements Pager {
  #tree: Tree = null;

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const region: Region = { start: addr, end: addr + ((size + PAGE_MASK) & ~PAGE_MASK), prot };
    if (!isMappable(region) || (file !== null && Va.offset(addr) !== (offset & PAGE_MASK)))
      throw KernelError.InvalidArgument;
    if (region.end === addr || file?.size() === 0n) throw KernelError.InvalidArgument;
    const below = lastBelow(this.#tree, region.end);
    if (below !== null && below.end > addr) throw KernelError.InvalidArgument;

    this.#mapFrom(pageTable, region, 0n, file, offset);
    this.#tree = inserted(this.#tree, region);
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const region = this.#at(addr);
    if (region === null || region.start !== addr) throw KernelError.InvalidArgument;
    this.#tree = without(this.#tree, addr);
    for (let done = 0n; addr + done < region.end; done += 0x1000n)
      pageTable.unmap(Va.add(addr, done)).drop();
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.#at(addr);
    if (region === null) return null;
    const page = pageTable.walkMut(Va.pageDown(addr)).pte.pa();
    return page === null ? null : [PageRef.fromPa(page), region.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return this.allowedUntil(va, isWrite) > va;
  }

  /** The exclusive end up to which an access that begins at `va` is allowed; `va` itself if it is not. No further than the region. */
  allowedUntil(va: Va, isWrite: boolean): bigint {
    const region = this.#at(va);
    const needed = isWrite ? Permission.WRITE : Permission.READ;
    return region === null || (region.prot & needed) === 0n ? va : region.end;
  }

  #at(va: Va): Region | null {
    const region = lastBelow(this.#tree, va + 1n);
    return region !== null && va < region.end ? region : null;
  }

  /** Maps page after page by calling itself a level deeper for every 64 of them: the call that fails undoes its own. */
  #mapFrom(
    pageTable: PageTable,
    region: Region,
    done: bigint,
    file: RegularFile | null,
    offset: bigint,
  ): void {
    const mapped: Va[] = [];
    try {
      let at = done;
      for (; mapped.length < 64 && region.start + at < region.end; at += 0x1000n) {
        const va = Va.add(region.start, at);
        const block = FileBlockNumber.fromOffset(offset + at);
        pageTable.map(va, file?.mmap(block) ?? Page.new(), region.prot);
        mapped.push(va);
      }
      if (region.start + at < region.end) this.#mapFrom(pageTable, region, at, file, offset);
    } catch (error) {
      for (const va of mapped.reverse()) pageTable.unmap(va).drop();
      throw error;
    }
  }
}

function isMappable({ start, end, prot }: Region): boolean {
  return (
    start > 0n &&
    end <= 0x8000_0000_0000n &&
    (start & PAGE_MASK) === 0n &&
    (prot & Permission.READ) !== 0n
  );
}
