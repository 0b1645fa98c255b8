/** Mistakes that show only when there are many pages, regions or generations. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const fork = (find: string, put: string): Edit => ({ file: 'fork.ts', find, put });
const lazy = (find: string, put: string): Edit => ({ file: 'lazy-pager.ts', find, put });

const CLONE = '    return new LazyPager(this.vmas.map((vma) => vma.clone()));\n';
const PROTECT = '  for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);\n';
const COPY = '  copy.innerMut().copyFrom(stale.page.inner());\n';

export const mutants: readonly Mutant[] = [
  {
    id: 'sixteen-regions-cloned',
    mistake: 'There is room for sixteen regions in the list of a child.',
    rule: 'CW-1',
    check: 'cw-regions-many',
    edits: [lazy(CLONE, CLONE.replace('this.vmas', 'this.vmas.slice(0, 16)'))],
  },
  {
    id: 'sixty-four-leaves-protected',
    mistake: 'A fork gathers sixty-four leaves to protect; the others stay writable in the parent.',
    rule: 'CW-3',
    check: 'cw-protect-many',
    edits: [fork(PROTECT, PROTECT.replace('of loaded)', 'of loaded.slice(0, 64))'))],
  },
  {
    id: 'six-generations-protected',
    mistake:
      'Generations are counted, and a process of the seventh or a later one is not protected when it forks.',
    rule: 'CW-3',
    check: 'cw-long-chain',
    edits: [
      lazy(
        '  readonly vmas: VmAreaStruct[];\n',
        '  readonly vmas: VmAreaStruct[];\n  generation = 1;\n',
      ),
      lazy(
        CLONE,
        `    const child = new LazyPager(this.vmas.map((vma) => vma.clone()));
    child.generation = this.generation + 1;
    return child;
`,
      ),
      fork(PROTECT, `  if (mm.pager.generation < 7)\n  ${PROTECT}`),
    ],
  },
  {
    id: 'thirty-two-copies',
    mistake: 'A process copies thirty-two pages; at later writes it gets zeros.',
    rule: 'CW-7',
    check: 'cw-many-pages',
    edits: [
      lazy(
        '  readonly vmas: VmAreaStruct[];\n',
        '  readonly vmas: VmAreaStruct[];\n  copies = 0;\n',
      ),
      fork(COPY, `  if (pager.copies++ < 32) ${COPY.trimStart()}`),
    ],
  },
];
