/** How much a program maps: what its budgets are in proportion to. */
import { PAGE_SIZE } from '../../reference/x86/page-table-entry.ts';
import type { Program } from './program.ts';

/** Ranges of more pages are only there to be refused. */
const MOST_PAGES = 2 ** 16;

/** Pages that the operations of `program` map or register, whether they succeed or not; ranges of more than 65,536 pages are left out. */
export function mappedPages(program: Program): number {
  let pages = 0;
  for (const op of program.ops) {
    if (op.op === 'map' || op.op === 'do-map') pages++;
    else if (op.op === 'mmap' || op.op === 'sys-mmap' || op.op === 'register-lazy') {
      const size = Math.ceil(Number(BigInt(op.size)) / PAGE_SIZE);
      if (size <= MOST_PAGES) pages += size;
    }
  }
  return pages;
}
