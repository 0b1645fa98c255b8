/** `PageFlags`. Bit positions: Intel SDM vol. 3A, section "Paging-Structure Entries" (figure "Formats of CR3 and Paging-Structure Entries with 4-Level Paging"). */
import type * as veridian from '../../contract/veridian.ts';

export const PageFlags: typeof veridian.PageFlags = Object.freeze({
  PRESENT: 1n << 0n,
  WRITABLE: 1n << 1n,
  USER: 1n << 2n,
  WRITE_THROUGH: 1n << 3n,
  NO_CACHE: 1n << 4n,
  ACCESSED: 1n << 5n,
  DIRTY: 1n << 6n,
  HUGE: 1n << 7n,
  GLOBAL: 1n << 8n,
  NO_EXECUTE: 1n << 63n,
  EXECUTABLE: 0n,
});
