// Ada - small helpers on addresses. No state in here.
import { PAGE_MASK, PAGE_SHIFT, Va } from 'keos';

/** first address that user space does NOT have (no Va, so bigint) */
export const USER_TOP = 1n << 47n;

export function isAligned(n: bigint): boolean {
  return (n & PAGE_MASK) === 0n;
}

export function roundUp(n: bigint): bigint {
  return ((n + PAGE_MASK) >> PAGE_SHIFT) << PAGE_SHIFT;
}

/** Table index of `va` at a level: 0 is the page table, 3 the PML4. */
export function indexAt(va: bigint, level: number): number {
  const shift = PAGE_SHIFT + 9n * BigInt(level);
  return Number((va >> shift) % 512n);
}

/** For addresses that we computed ourselves and know to be fine. */
export function vaOf(n: bigint): Va {
  const va = Va.new(n);
  if (va === null) throw new Error(`not an address: ${n.toString(16)}`);
  return va;
}
