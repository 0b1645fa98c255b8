/** Mistakes in who owns a frame. */
import type { Mutant } from '../../../harness/index.ts';

const SHARE = 'table.map(va, PageRef.fromPa(pa).intoPage(), perm);';
const UNMAP = `    for (const { va } of loaded) pageTable.unmap(va).drop();
`;
const RELEASE = 'stale.invalidate().drop();';

export const mutants: readonly Mutant[] = [
  {
    id: 'sharing-is-not-counted',
    mistake:
      'The child’s leaf takes over the reference of the parent’s: Page.fromPa instead of PageRef.',
    rule: 'CW-14',
    check: 'cw-exit-order',
    source: 'contract K22',
    edits: [{ file: 'fork.ts', find: SHARE, put: 'table.map(va, Page.fromPa(pa), perm);' }],
  },
  {
    id: 'sharing-is-counted-twice',
    mistake: 'Each shared frame gets two more references.',
    rule: 'CW-15',
    check: 'cw-frames',
    source: 'contract K23',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE,
        put: `PageRef.fromPa(pa).intoPage().intoRaw();
  ${SHARE}`,
      },
    ],
  },
  {
    id: 'old-page-is-kept',
    mistake: 'The page that invalidate() hands back is not dropped.',
    rule: 'CW-15',
    check: 'cw-frames',
    source: 'contract K17',
    edits: [{ file: 'fork.ts', find: RELEASE, put: 'stale.invalidate();' }],
  },
  {
    id: 'old-page-is-dropped-twice',
    mistake: 'A copy gives up two references of the old frame.',
    rule: 'CW-14',
    check: 'cw-exit-order',
    source: 'contract K18',
    edits: [
      {
        file: 'fork.ts',
        find: RELEASE,
        put: `const old = stale.invalidate();
  const pa = old.pa();
  old.drop();
  Page.fromPa(pa).drop();`,
      },
    ],
  },
  {
    id: 'copies-are-collected',
    mistake: 'The pager keeps a handle on every copy in an array that nobody empties.',
    rule: 'CW-15',
    check: 'cw-frames',
    source: 'contract F8',
    edits: [
      {
        file: 'fork.ts',
        find: 'const stale = walked.clear();',
        put: 'collected.push(copy.clone());\n  const stale = walked.clear();',
      },
      {
        file: 'fork.ts',
        find: 'export function isCowFault(',
        put: `const collected: Page[] = [];

export function isCowFault(`,
      },
    ],
  },
  {
    id: 'scratch-page-is-kept',
    mistake: 'The bytes go through a scratch page that is never dropped.',
    rule: 'CW-15',
    check: 'cw-frames',
    edits: [
      {
        file: 'fork.ts',
        find: 'const copy = Page.new();',
        put: 'const scratch = Page.new();\n  const copy = Page.new();',
      },
      {
        file: 'fork.ts',
        find: 'copy.innerMut().copyFrom(stale.page.inner());',
        put: `scratch.innerMut().copyFrom(stale.page.inner());
  copy.innerMut().copyFrom(scratch.inner());`,
      },
    ],
  },
  {
    id: 'last-user-keeps-the-frame',
    mistake:
      'The frame of a page that was shared twice loses a reference at each fork, to make up for the child.',
    rule: 'CW-14',
    check: 'cw-exit-order',
    source: 'contract K32',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE,
        put: `${SHARE}
  if (!contains(flags, PteFlags.RW) && contains(flags, PteFlags.D)) Page.fromPa(pa).drop();`,
      },
    ],
  },
  {
    id: 'munmap-wipes-shared-pages',
    mistake:
      'munmap wipes the pages that it gets back, also those that parent or child still show.',
    rule: 'CW-13',
    check: 'cw-regions-of-generations',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: UNMAP,
        put: `    for (const { va } of loaded) {
      const page = pageTable.unmap(va);
      if (vma.loader instanceof AnonLoader) page.innerMut().fill(0);
      page.drop();
    }
`,
      },
    ],
  },
  {
    id: 'munmap-wipes-copies',
    mistake: 'munmap wipes the pages that the process has copied: its children may show them.',
    rule: 'CW-13',
    check: 'cw-regions-of-generations',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: UNMAP,
        put: `    for (const { va } of loaded) {
      const page = pageTable.unmap(va);
      if (this.copies.delete(va)) page.innerMut().fill(0);
      page.drop();
    }
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  readonly copies = new Set<bigint>();
`,
      },
      {
        file: 'fork.ts',
        find: RELEASE,
        put: `pager.copies.add(va);
  ${RELEASE}`,
      },
    ],
  },
  {
    id: 'old-pages-kept-until-exit',
    mistake: 'Pages that copies have replaced are released only when the process exits.',
    rule: 'CW-15',
    check: 'cw-little-memory',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  readonly replaced: Page[] = [];

  drop(): void {
    for (const page of this.replaced) page.drop();
    this.replaced.length = 0;
  }
`,
      },
      {
        file: 'fork.ts',
        find: RELEASE,
        put: 'pager.replaced.push(stale.invalidate());',
      },
    ],
  },
];
