/** What both pagers need: the checks of `Pager.mmap`, and three small helpers. */
import {
  contains,
  KernelError,
  Page,
  PAGE_MASK,
  PAGE_SIZE,
  PageTableMappingError,
  Permission,
  type RegularFile,
  type Va,
} from 'keos';

/** The exclusive end of user space. Not a `Va`. */
export const USER_END = 0x8000_0000_0000n;

/**
 * Checks everything about a new region that does not depend on other regions.
 *
 * @returns the exclusive end of the region, a multiple of the page size and at most {@link USER_END}.
 */
export function checkRegion(
  addr: Va,
  size: bigint,
  prot: Permission,
  file: RegularFile | null,
  offset: bigint,
): bigint {
  if (addr <= 0n || addr >= USER_END || (addr & PAGE_MASK) !== 0n)
    throw KernelError.InvalidArgument;
  if (size <= 0n) throw KernelError.InvalidArgument;
  const end = addr + ((size + PAGE_MASK) / PAGE_SIZE) * PAGE_SIZE;
  if (end > USER_END) throw KernelError.InvalidArgument;
  if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
  if (file !== null) {
    if (offset < 0n || (offset & PAGE_MASK) !== 0n) throw KernelError.InvalidArgument;
    if (file.size() === 0n) throw KernelError.InvalidArgument;
  }
  return end;
}

/**
 * Trades `page` (consumed) for a page with the same bytes on a frame that has no other owner. A page from `RegularFile.mmap` may
 * be the file system's own, so it must not be mapped writable: a store would reach the file.
 *
 * @throws KernelError.NoMemory; `page` was dropped then, too.
 */
export function privateCopy(page: Page): Page {
  try {
    const copy = Page.new();
    copy.innerMut().copyFrom(page.inner());
    return copy;
  } finally {
    page.drop();
  }
}

/** What may leave a pager instead of `error`: never a `PageTableMappingError`. */
export function forCaller(error: unknown): unknown {
  switch (error) {
    case PageTableMappingError.Duplicated:
      return KernelError.FileExist;
    case PageTableMappingError.NotExist:
      return KernelError.BadAddress;
    case PageTableMappingError.Unaligned:
    case PageTableMappingError.InvalidPermission:
      return KernelError.InvalidArgument;
    default:
      return error;
  }
}
