/** Ranges of whole pages in user space, as both pagers keep them. */
import {
  contains,
  KernelError,
  PAGE_MASK,
  PAGE_SIZE,
  Permission,
  Va,
  type RegularFile,
} from 'keos';

/** Exclusive end of user space. A range may end here, although this is no `Va`. */
const USER_END = 0x8000_0000_0000n;

/** Whole pages from `start` up to, not including, `end`. */
export interface UserRange {
  readonly start: Va;
  readonly end: bigint;
}

/**
 * The pages that `mmap` with these arguments asks for. Throws `KernelError.InvalidArgument` for what no mapping can be; `taken` must
 * not overlap it either. Everything is checked here, before the first side effect.
 */
export function rangeToMap(
  taken: Iterable<UserRange>,
  addr: Va,
  size: bigint,
  prot: Permission,
  file: RegularFile | null,
  offset: bigint,
): UserRange {
  // A bigint does not wrap: a sum past 2^64 is simply past the end of user space, as is a kernel address.
  const end = addr + ((size + PAGE_MASK) & ~PAGE_MASK);
  if (addr === 0n || Va.offset(addr) !== 0n || size === 0n || end > USER_END) {
    throw KernelError.InvalidArgument;
  }
  if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
  if (file !== null && ((offset & PAGE_MASK) !== 0n || file.size() === 0n)) {
    throw KernelError.InvalidArgument;
  }
  for (const other of taken) {
    if (addr < other.end && other.start < end) throw KernelError.FileExist;
  }
  return { start: addr, end };
}

/** The range of `ranges` that `va` is in. */
export function rangeAt<R extends UserRange>(ranges: Iterable<R>, va: Va): R | null {
  for (const range of ranges) if (range.start <= va && va < range.end) return range;
  return null;
}

/** Whether a right in `prot` covers the access. */
export function allows(prot: Permission, isWrite: boolean): boolean {
  return contains(prot, isWrite ? Permission.WRITE : Permission.READ);
}

/** The start of each page of the range. (Steps by offset: the end may be no `Va`.) */
export function* pagesOf({ start, end }: UserRange): Generator<Va> {
  for (let offset = 0n; start + offset < end; offset += PAGE_SIZE) yield Va.add(start, offset);
}
