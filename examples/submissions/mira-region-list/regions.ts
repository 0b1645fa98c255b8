/** What both pagers share: a sorted array of regions with binary search, the checks of `mmap`, and the reading of one page of a file. */
import { KernelError, Page, Permission, type RegularFile, type Va } from 'keos';

/** Exclusive end of user space. */
export const USER_END = 0x8000_0000_0000n;
const LOW = 0xfffn;
const PAGE = 4096;

/** A run of whole pages with the same rights. `end` is exclusive and may be no address. */
export interface Region {
  readonly start: Va;
  readonly end: bigint;
  readonly prot: Permission;
}

/** Regions that never overlap, sorted by start. */
export class RegionList<R extends Region> {
  private readonly list: R[] = [];

  /** Position of the last region that starts at or before `at`, or -1. */
  private rank(at: bigint): number {
    let lo = 0;
    let hi = this.list.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.list[mid]!.start <= at) lo = mid + 1;
      else hi = mid;
    }
    return lo - 1;
  }

  /** The region that contains `at`. */
  find(at: bigint): R | null {
    const region = this.list[this.rank(at)];
    return region !== undefined && at < region.end ? region : null;
  }

  overlaps(start: bigint, end: bigint): boolean {
    const before = this.list[this.rank(end - 1n)];
    return before !== undefined && before.end > start;
  }

  insert(region: R): void {
    this.list.splice(this.rank(region.start) + 1, 0, region);
  }

  /** Takes out the region that starts exactly at `start`, or returns `null`. */
  remove(start: bigint): R | null {
    const at = this.rank(start);
    const region = this.list[at];
    if (region === undefined || region.start !== start) return null;
    this.list.splice(at, 1);
    return region;
  }

  [Symbol.iterator](): Iterator<R> {
    return this.list[Symbol.iterator]();
  }

  accessOk(at: bigint, isWrite: boolean): boolean {
    const region = this.find(at);
    return (
      region !== null && (region.prot & (isWrite ? Permission.WRITE : Permission.READ)) !== 0n
    );
  }
}

/** Checks the arguments of `Pager.mmap`, then the overlap. Returns the exclusive end of the region. */
export function checkRegion(
  regions: RegionList<Region>,
  addr: Va,
  size: bigint,
  prot: Permission,
  file: RegularFile | null,
  offset: bigint,
): bigint {
  const end = addr + ((size + LOW) & ~LOW);
  const bad =
    addr === 0n ||
    (addr & LOW) !== 0n ||
    addr >= USER_END ||
    end > USER_END ||
    (prot & Permission.READ) === 0n ||
    (file !== null && (offset & LOW) !== 0n) ||
    size === 0n ||
    (file !== null && file.size() === 0n);
  if (bad) throw KernelError.InvalidArgument;
  if (regions.overlaps(addr, end)) throw KernelError.FileExist;
  return end;
}

/** A page of its own with the bytes of `file` from `position` on, zeros past the end. */
export function readPage(file: RegularFile, position: bigint): Page {
  const bytes = new Uint8Array(PAGE);
  let got = 0;
  if (position < file.size()) {
    while (got < PAGE) {
      const n = file.read(position + BigInt(got), bytes.subarray(got));
      if (n === 0) break;
      got += n;
    }
  }
  // All that can fail is behind us but for this call, which then owns nothing.
  const page = Page.new();
  if (got > 0) page.innerMut().copyFrom(bytes, 0, 0, got);
  return page;
}
