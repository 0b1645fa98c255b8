import { KernelError, PageTableMappingError, PAGE_MASK, PAGE_SIZE, Va, type Pte } from 'keos';
import type { PageTable } from './page-table';

/** Number of pages that `bytes` bytes need. */
export function pageCount(bytes: bigint): bigint {
  return (bytes >> 12n) + ((bytes & PAGE_MASK) === 0n ? 0n : 1n);
}

/** Calls `f` with the address of every page of [start, start + n pages). */
export function forEachPage(start: Va, n: bigint, f: (va: Va) => void): void {
  let va = start;
  for (let i = 1n; i <= n; i++) {
    f(va);
    // not after the last page: the end of user space is not a Va
    if (i < n) va = Va.add(va, PAGE_SIZE);
  }
}

/** Like PageTable.walk, but gives null where nothing is mapped. */
export function lookup(table: PageTable, va: Va): Pte | null {
  try {
    return table.walk(va);
  } catch (err) {
    if (err !== PageTableMappingError.NotExist) throw err;
  }
  return null;
}

/** Throws `err` unless `ok`. */
export function check(ok: boolean, err: KernelError = KernelError.InvalidArgument): void {
  if (!ok) throw err;
}
