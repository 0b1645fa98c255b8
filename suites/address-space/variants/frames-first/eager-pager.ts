/** Eager paging in two steps: every frame is had and filled before the first page is mapped. Its state is in closures. */
import {
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  PageTableMappingError,
  Permission,
  Va,
  type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

interface Mapping {
  readonly pages: readonly Va[];
  readonly prot: Permission;
}

const END = 0x8000_0000_0000n;

export class EagerPager implements Pager {
  readonly mmap: Pager['mmap'];
  readonly munmap: Pager['munmap'];
  readonly getUserPage: Pager['getUserPage'];

  /** By start address. */
  get accessOk(): Pager['accessOk'] {
    return this.#accessOk;
  }

  readonly #accessOk: Pager['accessOk'];

  constructor() {
    const mappings: { [start: string]: Mapping } = Object.create(null);
    const at = (va: bigint): Mapping | null => {
      for (const start in mappings) {
        const { pages } = mappings[start];
        if (va >= pages[0] && va <= pages[pages.length - 1] + 0xfffn) return mappings[start];
      }
      return null;
    };

    this.mmap = (pageTable, addr, size, prot, file, offset) => {
      // With several things wrong, each of their errors is right: here the strange ones come first.
      if (size === 0n) throw KernelError.OperationNotPermitted;
      if (file?.size() === 0n) throw KernelError.NoSuchEntry;
      const last = (addr + size - 1n) | 0xfffn;
      if (addr === 0n || (addr & 0xfffn) !== 0n || addr >= END) throw KernelError.InvalidArgument;
      if ((prot & 1n) !== 1n) throw KernelError.InvalidArgument;
      if (file !== null && (offset & 0xfffn) !== 0n) throw KernelError.InvalidArgument;
      if (last >= END) throw KernelError.InvalidArgument;
      for (const start in mappings) {
        const { pages } = mappings[start];
        if (pages[0] <= last && addr <= pages[pages.length - 1]) throw KernelError.TooManyOpenFile;
      }

      const frames = takeFrames((last + 1n - addr) >> 12n, prot, file, offset);
      const pages = frames.map((_, i) => Va.add(addr, BigInt(i) * 0x1000n));
      let mapped = 0;
      try {
        for (; mapped < pages.length; mapped++) pageTable.map(pages[mapped], frames[mapped], prot);
      } catch (error) {
        // The page that could not be mapped was dropped by map.
        for (const frame of frames.slice(mapped + 1)) frame.drop();
        for (const va of pages.slice(0, mapped)) pageTable.unmap(va).drop();
        throw error;
      }
      mappings[String(addr)] = { pages, prot };
      return addr;
    };

    this.munmap = (pageTable, addr) => {
      const mapping = mappings[String(addr)];
      if (mapping === undefined) throw KernelError.FileExist;
      delete mappings[String(addr)];
      for (const va of mapping.pages) {
        const stale = pageTable.walkMut(va).clear();
        if (stale === null) throw PageTableMappingError.NotExist;
        stale.invalidate().drop();
      }
      return 0n;
    };

    this.getUserPage = (pageTable, addr) => {
      const mapping = at(addr);
      if (mapping === null) return null;
      const pa = pageTable.walk(Va.pageDown(addr)).pa();
      return pa === null ? null : [PageRef.fromPa(pa), mapping.prot];
    };

    this.#accessOk = (va, isWrite) => ((at(va)?.prot ?? 0n) & (isWrite ? 2n : 1n)) !== 0n;
    Object.freeze(this);
  }
}

/** All the frames, filled, or none. Memory without a file that nobody may write to is one frame of zeros, shared by all its pages. */
function takeFrames(
  count: bigint,
  prot: Permission,
  file: RegularFile | null,
  offset: bigint,
): Page[] {
  const frames: Page[] = [];
  const isWritten = (prot & Permission.WRITE) !== 0n;
  const block = FileBlockNumber.fromOffset(offset);
  try {
    for (let i = 0n; i < count; i++) {
      if (file !== null) frames.push(file.mmap(FileBlockNumber.add(block, i)));
      else frames.push(isWritten || i === 0n ? Page.new() : frames[0].clone());
    }
  } catch (error) {
    for (const frame of frames) frame.drop();
    throw error;
  }
  return frames;
}
