/** Mistakes that show only when there are many pages or regions. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const lazy = (find: string, put: string): Edit => ({ file: 'lazy-pager.ts', find, put });

export const mutants: readonly Mutant[] = [
  {
    id: 'sixteen-regions-compared',
    mistake: 'A new region is compared with the first sixteen others.',
    rule: 'LP-3',
    check: 'lp-many-overlaps',
    edits: [lazy('rangeToMap(this.vmas, ', 'rangeToMap(this.vmas.slice(0, 16), ')],
  },
  {
    id: 'file-read-thirty-two-times',
    mistake: 'A pager reads thirty-two pages of files; all later ones stay zeros.',
    rule: 'LP-7',
    check: 'lp-long-file',
    edits: [
      lazy(
        '  readonly vmas: VmAreaStruct[];\n',
        '  readonly vmas: VmAreaStruct[];\n  private loads = 0;\n',
      ),
      lazy(
        'pageTable.map(va, vma.loader.load(va), vma.prot);',
        'pageTable.map(va, this.loads++ < 32 ? vma.loader.load(va) : Page.new(), vma.prot);',
      ),
    ],
  },
  {
    id: 'sixty-four-pages-unmapped',
    mistake: 'There is room for sixty-four pages in the list of what munmap unmaps.',
    rule: 'LP-14',
    check: 'lp-munmap-long',
    edits: [
      lazy(
        'for (const { va } of loaded) pageTable',
        'for (const { va } of loaded.slice(0, 64)) pageTable',
      ),
    ],
  },
];
