/** Mistakes that show only when there are many pages or many page tables. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const edit = (find: string, put: string): Edit => ({ file: 'page-table.ts', find, put });

const INVALIDATE = '    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();\n';

export const mutants: readonly Mutant[] = [
  {
    id: 'one-flush-for-many',
    mistake:
      'From the thirty-fourth page on, unmap leaves the processor to one flush of all, which nobody has written.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates-many',
    edits: [
      edit('  readonly root: PageTableRoot;\n', '  readonly root: PageTableRoot;\n  #pages = 0;\n'),
      edit(
        '    pte.setPa(pa).setFlags(leafFlags(perm));\n',
        '    pte.setPa(pa).setFlags(leafFlags(perm));\n    this.#pages++;\n',
      ),
      edit(INVALIDATE, `    if (this.#pages > 33) return Page.fromPa(pa);\n${INVALIDATE}`),
    ],
  },
  {
    id: 'four-tables-are-invalidated',
    mistake: 'Only the first four page tables are noted as those that processors may run.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates-tables',
    edits: [
      edit('/** A page table of a user', 'let tables = 0;\n\n/** A page table of a user'),
      edit(
        '  readonly root: PageTableRoot;\n',
        '  readonly root: PageTableRoot;\n  readonly #number = ++tables;\n',
      ),
      edit(INVALIDATE, `    if (this.#number > 4) return Page.fromPa(pa);\n${INVALIDATE}`),
    ],
  },
];
