/** The rule by which file contents are made, known to both the machine and the grader. */
import { PAGE_SIZE } from '../x86/page-table-entry.ts';

/**
 * The byte at `position` of a file made with `seed`: never zero, so that a byte of the file differs from a zero-filled one, and
 * different from block to block.
 */
export function fileByte(seed: number, position: number): number {
  const block = Math.floor(position / PAGE_SIZE);
  return (
    1 +
    ((seed * 31 + block * 57 + (position % PAGE_SIZE) * 7 + ((position % PAGE_SIZE) >> 8)) % 251)
  );
}
