/** For which assignments students write the code that an automatic mutant is in. */
import type { AutomaticMutant } from '../harness/quality/automatic-mutant.ts';
import type { Planted } from '../harness/quality/planted.ts';
import { matches } from '../harness/runner/worker-job.ts';

/** By patterns of ids: the first that fits counts. */
const WRITTEN_FOR: readonly (readonly [string, readonly string[]])[] = [
  ['page-table.ts*', ['page-table']],
  ['eager-pager.ts*', ['address-space']],
  ['mm-struct.ts*', ['address-space']],
  // Lazy pagers visit no page of a region.
  ['user-range.ts pagesOf:*', ['address-space']],
  ['user-range.ts*', ['address-space', 'lazy-pager']],
  ['leaves.ts*', ['lazy-pager']],
  // Only a fork clones.
  ['lazy-pager.ts *.clone:*', ['fork']],
  ['lazy-pager.ts LazyPager.handlePageFault:*', ['lazy-pager', 'fork']],
  ['lazy-pager.ts*', ['lazy-pager']],
  ['fork.ts*', ['fork']],
  ['demand-paging.ts*', ['demand-paging']],
];

/** The mutants that are graded as `assignment`. Throws if one of `mutants` is in code that belongs to none. */
export function plantedIn(
  assignment: string,
  mutants: readonly AutomaticMutant[],
): readonly Planted[] {
  return mutants
    .filter(({ id }) => {
      const found = WRITTEN_FOR.find(([pattern]) => matches(pattern, id));
      if (found === undefined) throw new Error(`for which assignment does one write ${id}?`);
      return found[1].includes(assignment);
    })
    .map(({ id, files }) => ({ assignment, id, mutants: [], files }));
}
