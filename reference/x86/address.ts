/**
 * Linear and physical addresses inside the machine.
 *
 * A canonical linear address is a *signed* `number`: bits 63..47 are all equal, so the value lies in [-2^47, 2^47) and is
 * exact in a double. Addresses are `bigint` only where people or student code see them.
 *
 * Source: Intel SDM vol. 1, section "Canonical Addressing"; vol. 3A, section "Linear-Address Translation with 4-Level
 * Paging and 5-Level Paging".
 */
import { type Level, PAGE_SIZE } from './page-table-entry.ts';

/** One past the last address of the lower (user) half. Source: Intel SDM vol. 1, "Canonical Addressing". */
export const LOWER_HALF_END = 0x8000_0000_0000;

/** True when bits 63..47 of the 64-bit value are all zeros or all ones. Source: Intel SDM vol. 1, "Canonical Addressing". */
export function isCanonical(value: bigint): boolean {
  return BigInt.asIntN(48, value) === BigInt.asIntN(64, value) && value >= 0n && value < 1n << 64n;
}

/** The signed form of a canonical 64-bit address. The caller has checked {@link isCanonical}. */
export function toLinear(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

/** The unsigned 64-bit form of a signed linear address. */
export function fromLinear(linear: number): bigint {
  return BigInt.asUintN(64, BigInt(linear));
}

/**
 * Index (0..511) that `linear` selects in the structure of `level`: nine bits each, from bit 12, 21, 30, 39 on. Source: Intel SDM vol. 3A, "Linear-Address
 * Translation with 4-Level Paging and 5-Level Paging".
 */
export function tableIndex(linear: number, level: Level): number {
  return Math.floor(linear / SPAN[level]) & 511;
}

/** The indices that `linear` selects below the PML4, level 1 in the lowest nine bits: for who needs all of them, in 32-bit arithmetic. */
export function lowerIndices(linear: number): number {
  return Math.floor(linear / PAGE_SIZE) & 0x7ff_ffff;
}

/** Bytes of linear address space that one entry of a structure of the given level covers. Source: Intel SDM vol. 3A, "Hierarchical Paging Structures: an Overview". */
export const SPAN: Readonly<Record<Level, number>> = {
  1: 2 ** 12,
  2: 2 ** 21,
  3: 2 ** 30,
  4: 2 ** 39,
};

/** `0x` and the hexadecimal digits of an address or entry. */
export function hex(value: bigint | number): string {
  const v = typeof value === 'number' ? fromLinear(value) : value;
  return v < 0n ? `-0x${(-v).toString(16)}` : `0x${v.toString(16)}`;
}
