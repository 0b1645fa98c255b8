/** Mistakes in a fork or a copy for which memory runs short. */
import type { Mutant } from '../../../harness/index.ts';

const UNDO = '    child.pageTable.drop();\n    throw error;\n';
const SHARE = 'table.map(va, PageRef.fromPa(pa).intoPage(), perm);';
const PROTECT = 'for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);';
const TAKE = `  const copy = Page.new();
  const stale = walked.clear();
`;

export const mutants: readonly Mutant[] = [
  {
    id: 'failed-fork-keeps-the-child',
    mistake: 'The half-made page table of the child is not dropped.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'bug-finding 5.4',
    edits: [{ file: 'fork.ts', find: UNDO, put: '    throw error;\n' }],
  },
  {
    id: 'failed-fork-keeps-the-root',
    mistake: 'The child’s page table is cleared, but its root is not dropped.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'bug-finding 5.4',
    edits: [
      { file: 'fork.ts', find: UNDO, put: '    child.pageTable.clear();\n    throw error;\n' },
    ],
  },
  {
    id: 'failed-fork-drops-the-parent',
    mistake: 'The page table that is cleared after a failure is the parent’s.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'bug-finding 5.4',
    edits: [
      {
        file: 'fork.ts',
        find: UNDO,
        put: '    child.pageTable.drop();\n    mm.pageTable.clear();\n    throw error;\n',
      },
    ],
  },
  {
    id: 'failed-fork-succeeds',
    mistake: 'The error is swallowed: the child gets the pages that there was memory for.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'bug-finding 5.4',
    edits: [
      {
        file: 'fork.ts',
        find: `  } catch (error) {
${UNDO}`,
        put: '  } catch {\n    // The rest can be loaded later.\n',
      },
    ],
  },
  {
    id: 'failed-fork-throws-another-error',
    mistake: 'What leaves a failed fork is an error of the page table.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'bug-finding 5.4',
    edits: [
      {
        file: 'fork.ts',
        find: `  } catch (error) {
${UNDO}`,
        put: '  } catch {\n    child.pageTable.drop();\n    throw PageTableMappingError.NotExist;\n',
      },
      { file: 'fork.ts', find: '  PageRef,\n', put: '  PageRef,\n  PageTableMappingError,\n' },
    ],
  },
  {
    id: 'failed-fork-without-shootdown',
    mistake:
      'The parent is protected first, and a fork that fails then leaves without a shootdown.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'bug-finding 5.4',
    edits: [
      { file: 'fork.ts', find: `  ${PROTECT}\n`, put: '' },
      { file: 'fork.ts', find: '  try {\n', put: `  ${PROTECT}\n  try {\n` },
    ],
  },
  {
    id: 'failed-fork-keeps-a-reference',
    mistake:
      'doMap is used instead of map, and the reference for the child is not given back when it throws.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'bug-finding 5.4',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE,
        put: 'table.doMap(va, PageRef.fromPa(pa).intoPage().intoRaw(), perm);',
      },
    ],
  },
  {
    id: 'failed-fork-loses-pages',
    mistake:
      'Each leaf of the parent is taken out while its page is mapped in the child, and is not put back when that fails.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    source: 'contract K33',
    edits: [
      {
        file: 'fork.ts',
        find: 'for (const leaf of loaded) share(leaf, child.pageTable);',
        put: `for (const leaf of loaded) {
      const flags = leaf.pte.flags();
      const pa = leaf.pte.pa();
      if (pa === null) continue;
      const page = PageRef.fromPa(pa).intoPage();
      let perm = Permission.READ;
      if (contains(flags, PteFlags.US)) perm |= Permission.USER;
      if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;
      const stale = mm.pageTable.walkMut(leaf.va).clear();
      stale?.invalidate().drop();
      child.pageTable.map(leaf.va, page.clone(), perm);
      leaf.pte.setPa(page.intoRaw()).setFlags(flags);
    }`,
      },
    ],
  },
  {
    id: 'failed-fork-is-remembered',
    mistake: 'A flag says that a fork is going on, and a failure does not take it back.',
    rule: 'CW-9',
    check: 'cw-fork-fails',
    edits: [
      {
        file: 'fork.ts',
        find: '  const loaded = [',
        put: `  if (forking.has(mm.pager)) throw KernelError.Busy;
  forking.add(mm.pager);
  const loaded = [`,
      },
      {
        file: 'fork.ts',
        find: '  return child;\n',
        put: '  forking.delete(mm.pager);\n  return child;\n',
      },
      {
        file: 'fork.ts',
        find: 'export function isCowFault(',
        put: `const forking = new Set<LazyPager>();

export function isCowFault(`,
      },
    ],
  },
  {
    id: 'failed-copy-leaves-stale-entry',
    mistake:
      'The leaf is cleared before the new page is taken: a shortage leaves the old translation pending.',
    rule: 'CW-9',
    check: 'cw-copy-fails',
    edits: [
      {
        file: 'fork.ts',
        find: TAKE,
        put: '  const stale = walked.clear();\n  const copy = Page.new();\n',
      },
    ],
  },
  {
    id: 'failed-copy-loses-the-page',
    mistake: 'The old page is gone by the time the new one cannot be had.',
    rule: 'CW-9',
    check: 'cw-copy-fails',
    source: 'bug-finding 5.4',
    edits: [
      {
        file: 'fork.ts',
        find: TAKE,
        put: `  const taken = attempt(() => Page.new());
  const stale = walked.clear();
  if (!taken.ok) {
    stale?.invalidate().drop();
    throw taken.error;
  }
  const copy = taken.value;
`,
      },
    ],
  },
  {
    id: 'failed-copy-writes-in-place',
    mistake: 'Without memory for a copy, the shared page becomes writable.',
    rule: 'CW-9',
    check: 'cw-copy-fails',
    edits: [
      {
        file: 'fork.ts',
        find: TAKE,
        put: `  const taken = attempt(() => Page.new());
  if (!taken.ok) {
    walked.pte.setFlags(flags | PteFlags.RW);
    return;
  }
  const copy = taken.value;
  const stale = walked.clear();
`,
      },
    ],
  },
  {
    id: 'failed-copy-is-no-error',
    mistake: 'A shortage is swallowed, and the write faults for ever.',
    rule: 'CW-9',
    check: 'cw-copy-fails',
    source: 'bug-finding 5.4',
    edits: [
      {
        file: 'fork.ts',
        find: TAKE,
        put: `  const taken = attempt(() => Page.new());
  if (!taken.ok) return;
  const copy = taken.value;
  const stale = walked.clear();
`,
      },
    ],
  },
];
