/** Flag sets of `keos`. Bit positions: Intel SDM vol. 3A, section "Paging-Structure Entries" (figure "Formats of CR3 and Paging-Structure Entries with 4-Level Paging"). */
import type * as keos from '../../contract/keos.ts';
import { u64 } from './checks.ts';
import { machine } from './active-machine.ts';

/** Bits 12..51: the address field. All other bits of an entry are flags. */
export const ADDRESS_BITS = 0x000f_ffff_ffff_f000n;

export const Permission: typeof keos.Permission = Object.freeze({
  READ: 1n,
  WRITE: 2n,
  EXECUTABLE: 4n,
  USER: 8n,
  ALL_CASES: Object.freeze(Array.from({ length: 16 }, (_, i) => BigInt(i))),
});

export const PFErrorCode: typeof keos.PFErrorCode = Object.freeze({
  PRESENT: 1n,
  WRITE_ACCESS: 2n,
  USER: 4n,
  RESERVED_WRITE: 8n,
  INSTRCUTION_FETCH: 16n,
});

const COMMON = {
  P: 1n << 0n,
  RW: 1n << 1n,
  US: 1n << 2n,
  PWT: 1n << 3n,
  PCD: 1n << 4n,
  A: 1n << 5n,
  IGN_9: 1n << 9n,
  IGN_10: 1n << 10n,
  R: 1n << 11n,
  XD: 1n << 63n,
} as const;

export const Pml4eFlags: typeof keos.Pml4eFlags = Object.freeze({ ...COMMON });
export const PdpeFlags: typeof keos.PdpeFlags = Object.freeze({ ...COMMON });
export const PdeFlags: typeof keos.PdeFlags = Object.freeze({ ...COMMON, PS: 1n << 7n });
export const PteFlags: typeof keos.PteFlags = Object.freeze({
  ...COMMON,
  D: 1n << 6n,
  PAT: 1n << 7n,
  G: 1n << 8n,
  PK_0: 1n << 59n,
  PK_1: 1n << 60n,
  PK_2: 1n << 61n,
  PK_3: 1n << 62n,
});

/** See `contains` in the contract. */
export function contains(set: bigint, flag: bigint): boolean {
  machine().enter();
  u64('contains', 'the set', set);
  u64('contains', 'the flag', flag);
  machine().leave();
  return (set & flag) === flag;
}
