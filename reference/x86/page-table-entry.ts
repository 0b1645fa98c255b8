/**
 * Bits of a paging-structure entry and the geometry of four-level paging.
 *
 * An entry is handled as two unsigned 32-bit halves (`lo`, `hi`): exact in a `number`, and several times faster than a
 * `bigint` in the walker's inner loop.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", sections "4-Level Paging and 5-Level Paging" and "Access Rights".
 */

/** Bytes in a 4 KiB page, and in every paging structure. Source: Intel SDM vol. 3A, "Hierarchical Paging Structures: an Overview". */
export const PAGE_SIZE = 4096;
/** Entries in one paging structure, of 8 bytes each. Source: Intel SDM vol. 3A, "Hierarchical Paging Structures: an Overview". */
export const ENTRIES_PER_TABLE = 512;

/** Bits 0..8 of an entry. Source: Intel SDM vol. 3A, the tables of entry formats in "4-Level Paging and 5-Level Paging". */
export const LO = {
  PRESENT: 0x001,
  WRITABLE: 0x002,
  USER: 0x004,
  WRITE_THROUGH: 0x008,
  CACHE_DISABLE: 0x010,
  ACCESSED: 0x020,
  DIRTY: 0x040,
  /** Page size: a leaf when set in a PDPTE (1 GiB) or PDE (2 MiB); reserved in a PML4E. In a PTE the bit is PAT. */
  PAGE_SIZE: 0x080,
  GLOBAL: 0x100,
} as const;

/** Bit 63, execute-disable, as the high half holds it. Source: Intel SDM vol. 3A, "Determination of Access Rights". */
export const HI_EXECUTE_DISABLE = 0x8000_0000;
/** Physical-address bits 32..51 of an entry, as the high half holds them. */
export const HI_ADDRESS_MASK = 0x000f_ffff;
/** Physical-address bits 12..31 of an entry, as the low half holds them. */
const LO_ADDRESS_MASK = 0xffff_f000;

/** The level of a paging structure: 4 = PML4, 3 = PDPT, 2 = PD, 1 = PT. */
export type Level = 1 | 2 | 3 | 4;

/** Names of an entry at each level, as the manual abbreviates them (vol. 3A, "Hierarchical Paging Structures: an Overview"). */
export const ENTRY_NAME: Readonly<Record<Level, string>> = {
  4: 'PML4E',
  3: 'PDPTE',
  2: 'PDE',
  1: 'PTE',
};

/** Names of the structure at each level. */
export const TABLE_NAME: Readonly<Record<Level, string>> = {
  4: 'PML4',
  3: 'PDPT',
  2: 'PD',
  1: 'PT',
};

/** Physical address (0..2^52-1) in the address field of an entry, for a 4 KiB page or a table: bits 12..51. Source: as for {@link LO}. */
export function entryAddress(lo: number, hi: number): number {
  const high = hi & HI_ADDRESS_MASK;
  const low = (lo & LO_ADDRESS_MASK) >>> 0;
  // Below 4 GiB, where nearly all addresses are, the engine can stay with integers.
  return high === 0 ? low : high * 2 ** 32 + low;
}
