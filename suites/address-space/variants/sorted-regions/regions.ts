/** What both pagers need: the checks of `mmap`, a sorted list of regions, and the pages of files. */
import {
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PAGE_MASK,
  PAGE_SIZE,
  Permission,
  Va,
  type RegularFile,
} from 'keos';

/** The exclusive end of user space; not a `Va`. */
export const USER_END = 0x8000_0000_0000n;

/** Whole pages `start`..`end` (exclusive) with the rights `prot`. */
export interface Region {
  readonly start: Va;
  readonly end: bigint;
  readonly prot: Permission;
}

/** Checks the arguments of `Pager.mmap`, all but the overlap, and returns the exclusive end of the region. */
export function checkMmap(
  addr: Va,
  size: bigint,
  prot: Permission,
  file: RegularFile | null,
  offset: bigint,
): bigint {
  if (addr === 0n || (addr & PAGE_MASK) !== 0n || addr >= USER_END) {
    throw KernelError.InvalidArgument;
  }
  if (size <= 0n || !contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
  const end = addr + ((size + PAGE_MASK) & ~PAGE_MASK);
  if (end > USER_END) throw KernelError.InvalidArgument;
  if (file !== null) {
    if ((offset & PAGE_MASK) !== 0n) throw KernelError.InvalidArgument;
    if (file.size() === 0n) throw KernelError.InvalidArgument;
  }
  return end;
}

/** The addresses of the pages in `start`..`end` (exclusive). */
export function* pagesOf(start: Va, end: bigint): Generator<Va> {
  for (let done = 0n; start + done < end; done += PAGE_SIZE) yield Va.add(start, done);
}

/**
 * The page of `file` for byte `offset`. A page from `file.mmap` may be shared with the cache of the file system, so a page that
 * will be written has to be a copy.
 */
export function loadFilePage(file: RegularFile, offset: bigint, writable: boolean): Page {
  const page = file.mmap(FileBlockNumber.fromOffset(offset));
  if (!writable) return page;
  try {
    const copy = Page.new();
    copy.innerMut().copyFrom(page.inner());
    return copy;
  } finally {
    page.drop();
  }
}

/** Regions that do not overlap, sorted by address. */
export class RegionList<R extends Region> {
  private readonly regions: R[] = [];

  /** How many regions start at or below `addr`. */
  private upperBound(addr: bigint): number {
    let low = 0;
    let high = this.regions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.regions[middle].start <= addr) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The region that contains `addr`. */
  find(addr: bigint): R | null {
    const i = this.upperBound(addr) - 1;
    return i >= 0 && addr < this.regions[i].end ? this.regions[i] : null;
  }

  /** The region that starts exactly at `addr`. */
  startingAt(addr: bigint): R | null {
    const region = this.find(addr);
    return region !== null && region.start === addr ? region : null;
  }

  overlaps(start: bigint, end: bigint): boolean {
    // Only the last region that starts below `end` can reach into the range.
    const i = this.upperBound(end - 1n) - 1;
    return i >= 0 && this.regions[i].end > start;
  }

  /** The caller has checked that nothing overlaps. */
  insert(region: R): void {
    this.regions.splice(this.upperBound(region.start), 0, region);
  }

  remove(region: R): void {
    this.regions.splice(this.upperBound(region.start) - 1, 1);
  }

  [Symbol.iterator](): Iterator<R> {
    return this.regions.values();
  }
}

/** `Pager.accessOk` for a list of regions. */
export function regionAllows(regions: RegionList<Region>, va: Va, isWrite: boolean): boolean {
  const region = regions.find(va);
  return region !== null && contains(region.prot, isWrite ? Permission.WRITE : Permission.READ);
}
