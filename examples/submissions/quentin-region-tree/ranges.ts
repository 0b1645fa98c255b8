/** What both pagers check and convert in the same way. */
import {
  KernelError,
  Permission,
  type PageTableMappingError,
  type RegularFile,
  type Va,
} from 'keos';

/** First address that is not in user space. Not a `Va`. */
export const USER_END = 1n << 47n;

/** The error of a range that overlaps a region. */
export const overlap: KernelError = KernelError.InvalidArgument;

/**
 * Checks the arguments of `Pager.mmap`, all but overlaps, and returns the exclusive end of the region.
 *
 * Everything wrong here is `InvalidArgument`, so the order does not matter.
 */
export function rangeToMap(
  addr: Va,
  size: bigint,
  prot: Permission,
  file: RegularFile | null,
  offset: bigint,
): bigint {
  const end = addr + (((size + 0xfffn) >> 12n) << 12n);
  if (
    addr === 0n ||
    (addr & 0xfffn) !== 0n ||
    addr >= USER_END ||
    end > USER_END ||
    size === 0n ||
    (prot & Permission.READ) === 0n ||
    (file !== null && ((offset & 0xfffn) !== 0n || file.size() === 0n))
  ) {
    throw KernelError.InvalidArgument;
  }
  return end;
}

const kernelErrors = new Set<unknown>(Object.values(KernelError));

/** A pager lets out nothing but `KernelError`s. */
export function asKernelError(error: PageTableMappingError | KernelError): KernelError {
  return kernelErrors.has(error) ? (error as KernelError) : KernelError.InvalidArgument;
}
