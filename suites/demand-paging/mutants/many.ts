/** Mistakes that show only when there are many pages or mappings. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const edit = (find: string, put: string): Edit => ({ file: 'demand-paging.ts', find, put });

export const mutants: readonly Mutant[] = [
  {
    id: 'sixteen-mappings',
    mistake: 'There is room for sixteen mappings; later ones are ignored.',
    rule: 'DP-4',
    check: 'dp-many-mappings',
    edits: [
      edit(
        '    this.lazyMappings.set(startVaddr, new',
        '    if (this.lazyMappings.size === 16) return;\n    this.lazyMappings.set(startVaddr, new',
      ),
    ],
  },
  {
    id: 'notes-in-sixty-four-bits',
    mistake:
      'Which pages were faulted in is noted in a word of 64 bits: pages with a higher index are never noted.',
    rule: 'DP-9',
    check: 'dp-many-pages',
    edits: [
      edit(
        '    this.faultedIn[page] = true;\n',
        '    if (page < 64) this.faultedIn[page] = true;\n',
      ),
    ],
  },
  {
    id: 'eight-marked-pages',
    mistake: 'The table has room for eight marked pages: a ninth takes the place of the first.',
    rule: 'DP-16',
    check: 'dp-many-marked',
    edits: [
      edit(
        '    this.entries.set(vaddr, new CowEntry(frame));\n',
        '    const [oldest] = this.entries.keys();\n    if (oldest !== undefined && this.entries.size === 8) this.entries.delete(oldest);\n    this.entries.set(vaddr, new CowEntry(frame));\n',
      ),
    ],
  },
  {
    id: 'file-pages-in-sixteen-bits',
    mistake: 'The distance of a page from the start of its mapping is kept in sixteen bits.',
    rule: 'DP-7',
    check: 'dp-long-file',
    edits: [
      edit(
        'offset + BigInt(page) * PAGE_SIZE, bytes',
        'offset + BigInt.asUintN(16, BigInt(page) * PAGE_SIZE), bytes',
      ),
    ],
  },
];
