/** The present leaves of a page table, found without asking for every page of a region. */
import { type PageTableRoot, Va, type Pte } from 'keos';

export interface Leaf {
  readonly va: Va;
  readonly pte: Pte;
}

const SPAN = { pt: 1n << 21n, pd: 1n << 30n, pdp: 1n << 39n } as const;
const PAGE = 1n << 12n;

/** Leaves whose page is in `start`..`end` (user half), ascending. The tables must not change while they are listed. */
export function* leaves(root: PageTableRoot, start = 0n, end = 1n << 47n): Generator<Leaf> {
  for (const [pml4e, a] of entries(root, 0n, SPAN.pdp, start, end)) {
    if (pml4e.pa() === null) continue;
    for (const [pdpe, b] of entries(pml4e.intoPdp(), a, SPAN.pd, start, end)) {
      if (pdpe.pa() === null) continue;
      for (const [pde, c] of entries(pdpe.intoPd(), b, SPAN.pt, start, end)) {
        if (pde.pa() === null) continue;
        for (const [pte, va] of entries(pde.intoPt(), c, PAGE, start, end)) {
          if (pte.pa() !== null) yield { va: Va.add(0n as Va, va), pte };
        }
      }
    }
  }
}

/** The entries of the table for address `base` on that touch `start`..`end`, each with its address; `span` bytes an entry. */
function* entries<E>(
  table: { at(index: number): E },
  base: bigint,
  span: bigint,
  start: bigint,
  end: bigint,
): Generator<readonly [E, bigint]> {
  const first = start > base ? (start - base) / span : 0n;
  for (let i = first; i < 512n && base + i * span < end; i++) {
    yield [table.at(Number(i)), base + i * span];
  }
}
