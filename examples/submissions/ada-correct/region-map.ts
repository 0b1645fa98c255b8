/**
 * Regions of an address space, for both pagers.
 *
 * A Map from start address to region, and next to it the start addresses in order. The keys are bigint, so the Map compares
 * them by value. Finding is a binary search in the order.
 */
import { contains, KernelError, Permission, type RegularFile } from 'keos';
import { isAligned, roundUp, USER_TOP } from './bits';

export interface Span {
  readonly start: bigint;
  /** exclusive, may be USER_TOP */
  readonly end: bigint;
  readonly prot: Permission;
}

export class RegionMap<R extends Span> {
  readonly #regions = new Map<bigint, R>();
  #order: bigint[] = [];

  get(start: bigint): R | undefined {
    return this.#regions.get(start);
  }

  /** Number of regions that start at or below `addr`. */
  #rank(addr: bigint): number {
    let lo = 0;
    let hi = this.#order.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.#order[mid]! <= addr) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  /** The region that starts last at or below `addr` (it need not reach that far). */
  #floor(addr: bigint): R | undefined {
    const key = this.#order[this.#rank(addr) - 1];
    return key === undefined ? undefined : this.#regions.get(key);
  }

  containing(addr: bigint): R | undefined {
    const region = this.#floor(addr);
    return region !== undefined && addr < region.end ? region : undefined;
  }

  /** Does [start, end) meet any region? Only the last region that starts before `end` can. */
  overlaps(start: bigint, end: bigint): boolean {
    const region = this.#floor(end - 1n);
    return region !== undefined && region.end > start;
  }

  add(region: R): void {
    this.#order.splice(this.#rank(region.start), 0, region.start);
    this.#regions.set(region.start, region);
  }

  remove(start: bigint): void {
    this.#regions.delete(start);
    this.#order = this.#order.filter((key) => key !== start);
  }

  *[Symbol.iterator](): IterableIterator<R> {
    for (const key of this.#order) {
      const region = this.#regions.get(key);
      if (region !== undefined) yield region;
    }
  }

  /** Everything mmap has to refuse. Returns the exclusive end of the region. */
  checkNew(
    addr: bigint,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = addr + roundUp(size);
    const sane =
      addr > 0n &&
      isAligned(addr) &&
      size > 0n &&
      end <= USER_TOP &&
      contains(prot, Permission.READ) &&
      (file === null || (isAligned(offset) && file.size() > 0n));
    if (!sane) throw KernelError.InvalidArgument;
    if (this.overlaps(addr, end)) throw KernelError.FileExist;
    return end;
  }

  /** What accessOk of a pager answers. */
  permits(addr: bigint, isWrite: boolean): boolean {
    const region = this.containing(addr);
    if (region === undefined) return false;
    return contains(region.prot, isWrite ? Permission.WRITE : Permission.READ);
  }
}
