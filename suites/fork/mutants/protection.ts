/** Mistakes in what a fork takes away: rights of leaves, and translations of processors. */
import type { Mutant } from '../../../harness/index.ts';

const PROTECT = 'for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);';
const SHOOTDOWN = '  tlbShutdown(mm.pageTable.root);\n';
const USER = 'if (contains(flags, PteFlags.US)) perm |= Permission.USER;';
const EXECUTE = 'if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;';

export const mutants: readonly Mutant[] = [
  {
    id: 'child-stays-writable',
    mistake: 'The child’s leaves have the rights of their regions, RW too.',
    rule: 'CW-3',
    check: 'cw-read-only-both',
    source: 'contract K21',
    edits: [
      {
        file: 'fork.ts',
        find: '  return child;\n',
        put: `  for (const { va, pte } of leaves(child.pageTable.root)) {
    const vma = child.pager.vmaAt(va);
    if (vma !== null && contains(vma.prot, Permission.WRITE)) pte.setFlags(pte.flags() | PteFlags.RW);
  }
  return child;
`,
      },
    ],
  },
  {
    id: 'parent-stays-writable',
    mistake: 'The parent’s leaves keep RW.',
    rule: 'CW-3',
    check: 'cw-read-only-both',
    edits: [{ file: 'fork.ts', find: PROTECT, put: '' }],
  },
  {
    id: 'both-stay-writable',
    mistake: 'Nothing is protected: parent and child go on with the same memory.',
    rule: 'CW-3',
    check: 'cw-read-only-both',
    source: 'bug-finding 1.3',
    edits: [
      { file: 'fork.ts', find: PROTECT, put: '' },
      {
        file: 'fork.ts',
        find: USER,
        put: `if (contains(flags, PteFlags.RW)) perm |= Permission.WRITE;
  ${USER}`,
      },
    ],
  },
  {
    id: 'protects-first-pages',
    mistake: 'Only the first page of each region is made read-only in the parent.',
    rule: 'CW-3',
    check: 'cw-read-only-both',
    source: 'contract K25',
    edits: [
      {
        file: 'fork.ts',
        find: PROTECT,
        put: `for (const { va, pte } of loaded) {
    if (mm.pager.vmaAt(va)?.start === va) pte.setFlags(pte.flags() & ~PteFlags.RW);
  }`,
      },
    ],
  },
  {
    id: 'protects-data-only',
    mistake:
      'Executable pages are taken for code that nobody writes, and stay writable in the parent.',
    rule: 'CW-3',
    check: 'cw-read-only-both',
    edits: [
      {
        file: 'fork.ts',
        find: PROTECT,
        put: `for (const { pte } of loaded) {
    if (contains(pte.flags(), PteFlags.XD)) pte.setFlags(pte.flags() & ~PteFlags.RW);
  }`,
      },
    ],
  },
  {
    id: 'protects-once',
    mistake: 'A pager that has forked once counts as protected, and is not again.',
    rule: 'CW-3',
    check: 'cw-read-only-again',
    edits: [
      {
        file: 'fork.ts',
        find: PROTECT,
        put: `if (!protectedPagers.has(mm.pager)) {
    for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);
  }
  protectedPagers.add(mm.pager);`,
      },
      {
        file: 'fork.ts',
        find: 'export function isCowFault(',
        put: `const protectedPagers = new Set<LazyPager>();

export function isCowFault(`,
      },
    ],
  },
  {
    id: 'fork-without-shootdown',
    mistake: 'Nothing is invalidated after the leaves have lost RW.',
    rule: 'CW-6',
    check: 'cw-shootdown',
    source: 'contract T4',
    edits: [{ file: 'fork.ts', find: SHOOTDOWN, put: '' }],
  },
  {
    id: 'shootdown-before-the-leaves',
    mistake:
      'tlbShutdown comes before the leaves lose RW: a processor may have loaded them again by then.',
    rule: 'CW-6',
    check: 'cw-shootdown',
    source: 'contract T6',
    edits: [
      { file: 'fork.ts', find: PROTECT, put: `tlbShutdown(mm.pageTable.root);\n  ${PROTECT}` },
      { file: 'fork.ts', find: `${SHOOTDOWN}  return child;`, put: '  return child;' },
    ],
  },
  {
    id: 'shootdown-of-the-child',
    mistake: 'tlbShutdown is called for the child’s page table, which no processor runs.',
    rule: 'CW-6',
    check: 'cw-shootdown',
    edits: [{ file: 'fork.ts', find: SHOOTDOWN, put: '  tlbShutdown(child.pageTable.root);\n' }],
  },
  {
    id: 'fork-flushes-its-own-cpu',
    mistake: 'Only the processor that forks is flushed, by loading CR3 twice.',
    rule: 'CW-6',
    check: 'cw-shootdown-all-cpus',
    edits: [
      {
        file: 'fork.ts',
        find: SHOOTDOWN,
        put: '  loadPt(child.pageTable.pa());\n  loadPt(mm.pageTable.pa());\n',
      },
      { file: 'fork.ts', find: '  tlbShutdown,\n', put: '  loadPt,\n' },
    ],
  },
  {
    id: 'shootdown-of-the-first-fork',
    mistake: 'The shootdown is left out if the pager has forked before.',
    rule: 'CW-6',
    check: 'cw-shootdown-all-cpus',
    edits: [
      {
        file: 'fork.ts',
        find: SHOOTDOWN,
        put: `  if (!shotDown.has(mm.pager)) tlbShutdown(mm.pageTable.root);
  shotDown.add(mm.pager);
`,
      },
      {
        file: 'fork.ts',
        find: 'export function isCowFault(',
        put: `const shotDown = new Set<LazyPager>();

export function isCowFault(`,
      },
    ],
  },
  {
    id: 'invalidates-one-page',
    mistake: 'Only the last loaded page is invalidated, instead of all of them.',
    rule: 'CW-6',
    check: 'cw-shootdown',
    edits: [
      {
        file: 'fork.ts',
        find: SHOOTDOWN,
        put: `  const last = loaded.at(-1);
  const pa = last?.pte.pa() ?? null;
  if (last !== undefined && pa !== null) {
    StaleTLBEntry.new(last.va, PageRef.fromPa(pa).intoPage()).invalidate().drop();
  }
`,
      },
      { file: 'fork.ts', find: '  tlbShutdown,\n', put: '  StaleTLBEntry,\n' },
    ],
  },
  {
    id: 'protect-drops-xd',
    mistake: 'The parent’s leaves lose XD together with RW.',
    rule: 'CW-12',
    check: 'cw-rights',
    source: 'contract K27',
    edits: [
      {
        file: 'fork.ts',
        find: PROTECT,
        put: 'for (const { pte } of loaded) pte.setFlags(pte.flags() & ~(PteFlags.RW | PteFlags.XD));',
      },
    ],
  },
  {
    id: 'protect-drops-us',
    mistake: 'The parent’s leaves lose US together with RW.',
    rule: 'CW-1',
    check: 'cw-fork',
    source: 'contract K27',
    edits: [
      {
        file: 'fork.ts',
        find: PROTECT,
        put: 'for (const { pte } of loaded) pte.setFlags(pte.flags() & ~(PteFlags.RW | PteFlags.US));',
      },
    ],
  },
  {
    id: 'child-executes-data',
    mistake: 'The child’s leaves never have XD.',
    rule: 'CW-12',
    check: 'cw-rights',
    edits: [{ file: 'fork.ts', find: EXECUTE, put: 'perm |= Permission.EXECUTABLE;' }],
  },
  {
    id: 'child-cannot-execute',
    mistake: 'The child’s leaves always have XD.',
    rule: 'CW-12',
    check: 'cw-rights',
    edits: [{ file: 'fork.ts', find: EXECUTE, put: '' }],
  },
  {
    id: 'child-reads-kernel-pages',
    mistake: 'The child’s leaves always have US.',
    rule: 'CW-12',
    check: 'cw-rights',
    edits: [{ file: 'fork.ts', find: USER, put: 'perm |= Permission.USER;' }],
  },
];
