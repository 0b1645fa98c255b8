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
  for (const [pml4e, a] of present(root, 0n, SPAN.pdp, start, end)) {
    for (const [pdpe, b] of present(pml4e.intoPdp(), a, SPAN.pd, start, end)) {
      for (const [pde, c] of present(pdpe.intoPd(), b, SPAN.pt, start, end)) {
        for (const [pte, va] of present(pde.intoPt(), c, PAGE, start, end)) {
          yield { va: Va.add(0n as Va, va), pte };
        }
      }
    }
  }
}

/** The present entries of the table for address `base` on that touch `start`..`end`, each with its address; `span` bytes an entry. */
function* present<E extends { pa(): bigint | null }>(
  table: { at(index: number): E },
  base: bigint,
  span: bigint,
  start: bigint,
  end: bigint,
): Generator<readonly [E, bigint]> {
  if (end <= base) return;
  const first = start > base ? Number((start - base) / span) : 0;
  const last = Math.min(Number((end - base - 1n) / span), 511);
  for (let i = first; i <= last; i++) {
    const entry = table.at(i);
    if (entry.pa() === null) continue;
    yield [entry, base + BigInt(i) * span];
  }
}
