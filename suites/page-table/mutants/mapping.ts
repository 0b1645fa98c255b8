/** Mistakes in the indices and in doMap. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'map-overwrites',
    mistake: 'An address that is mapped already is mapped over: nothing looks at the leaf first.',
    rule: 'PT-6',
    check: 'pt-duplicated',
    source: 'contract M1',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pte.pa() !== null) throw PageTableMappingError.Duplicated;
    pte.setPa(pa)`,
        put: '    pte.setPa(pa)',
      },
    ],
  },
];
