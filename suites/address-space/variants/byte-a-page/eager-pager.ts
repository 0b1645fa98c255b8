/** Eager paging without regions: a byte for each page of user space says what it may and where a region starts and ends. */
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

const START = 16;
const LAST = 32;

/** Bytes of pages, 512 to a chunk. A byte is 0 if its page is in no region; otherwise READ is in it. */
class PageBytes {
  private readonly chunks = new Map<number, Uint8Array>();

  get(page: number): number {
    return this.chunks.get(Math.floor(page / 512))?.[page % 512] ?? 0;
  }

  set(page: number, byte: number): void {
    const key = Math.floor(page / 512);
    let chunk = this.chunks.get(key);
    if (chunk === undefined) this.chunks.set(key, (chunk = new Uint8Array(512)));
    chunk[page % 512] = byte;
  }

  /** Whether a page from `first` up to, not including, `end` has a byte. Looks at chunks that exist, so the range may be huge. */
  any(first: number, end: number): boolean {
    for (const [key, chunk] of this.chunks) {
      const from = Math.max(first - key * 512, 0);
      const to = Math.min(end - key * 512, 512);
      if (from < to && chunk.subarray(from, to).some((byte) => byte !== 0)) return true;
    }
    return false;
  }
}

/** Number of the page that a user address is in; -1 for a kernel address. */
function pageNumber(va: Va): number {
  return va < 0x8000_0000_0000n ? Number(va >> 12n) : -1;
}

function address(page: number): Va {
  return Va.new(BigInt(page) << 12n)!;
}

export class EagerPager implements Pager {
  private readonly pages = new PageBytes();

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const first = pageNumber(addr);
    const count = (size + 0xfffn) >> 12n;
    const isBad =
      first <= 0 ||
      Va.offset(addr) !== 0n ||
      BigInt(first) + count > 0x8_0000_0000n ||
      count === 0n ||
      !(prot & Permission.READ) ||
      (file !== null && (offset % 4096n !== 0n || file.size() === 0n));
    if (isBad) throw KernelError.InvalidArgument;
    const end = first + Number(count);
    if (this.pages.any(first, end)) throw KernelError.InvalidArgument;

    for (let page = first; page < end; page++) {
      try {
        pageTable.map(address(page), this.fill(file, offset, page - first), prot);
      } catch (error) {
        while (page-- > first) this.take(pageTable, page);
        throw error;
      }
    }
    for (let page = first; page < end; page++) this.pages.set(page, Number(prot));
    this.pages.set(first, this.pages.get(first) | START);
    this.pages.set(end - 1, this.pages.get(end - 1) | LAST);
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    let page = pageNumber(addr);
    if (Va.offset(addr) !== 0n || (this.pages.get(page) & START) === 0)
      throw KernelError.BadAddress;
    for (let byte = 0; (byte & LAST) === 0; page++) {
      byte = this.pages.get(page);
      this.take(pageTable, page);
      this.pages.set(page, 0);
    }
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const byte = this.pages.get(pageNumber(addr));
    if (byte === 0) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), BigInt(byte & 15)];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    return (this.pages.get(pageNumber(va)) & (isWrite ? 2 : 1)) > 0;
  }

  private fill(file: RegularFile | null, offset: bigint, index: number): Page {
    if (file === null) return Page.new();
    return file.mmap(FileBlockNumber.add(FileBlockNumber.fromOffset(offset), BigInt(index)));
  }

  private take(pageTable: PageTable, page: number): void {
    pageTable.unmap(address(page)).drop();
  }
}
