/** Mistakes in what comes of a write to a shared page. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const COPY = 'copy.innerMut().copyFrom(stale.page.inner());';
const SET = 'walked.setPage(copy, flags | PteFlags.RW);';
const REGION = `if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;`;
const OUT_OF_DATE = 'if (contains(flags, PteFlags.RW)) return;';
const RELEASE = 'stale.invalidate().drop();';

/** The whole of a copy, from the first allocation to the end. */
const WHOLE = `  const copy = Page.new();
  const stale = walked.clear();
  if (stale === null) throw new Error('doCopyOnWrite: the leaf that was walked to is not present');
  ${COPY}
  ${SET}
  ${RELEASE}
`;

const instead = (put: string): Edit => ({ file: 'fork.ts', find: WHOLE, put });
/** What only the edited model imports. */
const imported = (name: string): Edit => ({
  file: 'fork.ts',
  find: '  tlbShutdown,\n',
  put: `  ${name},\n  tlbShutdown,\n`,
});

export const mutants: readonly Mutant[] = [
  {
    id: 'leaf-decides',
    mistake: 'Whether a write is legal is read from RW of the leaf, which no shared page has.',
    rule: 'CW-4',
    check: 'cw-write-child',
    source: 'contract K37',
    edits: [
      {
        file: 'fork.ts',
        find: OUT_OF_DATE,
        put: 'if (!contains(flags, PteFlags.RW)) throw KernelError.InvalidAccess;',
      },
    ],
  },
  {
    id: 'any-present-fault',
    mistake: 'isCowFault is true for every fault on a page that is present.',
    rule: 'CW-11',
    check: 'cw-forbidden-elsewhere',
    source: 'contract K2',
    edits: [
      {
        file: 'fork.ts',
        find: 'return reason.isPresent && reason.isWriteAccess;',
        put: 'return reason.isPresent;',
      },
    ],
  },
  {
    id: 'no-cow-fault',
    mistake: 'isCowFault is never true.',
    rule: 'CW-4',
    check: 'cw-write-child',
    edits: [
      {
        file: 'fork.ts',
        find: 'return reason.isPresent && reason.isWriteAccess;',
        put: 'return reason.isPresent && !reason.isPresent;',
      },
    ],
  },
  {
    id: 'region-is-not-asked',
    mistake: 'The region has to exist, but its WRITE is not looked at.',
    rule: 'CW-11',
    check: 'cw-forbidden',
    source: 'contract K3',
    edits: [
      { file: 'fork.ts', find: REGION, put: 'if (vma === null) throw KernelError.InvalidAccess;' },
    ],
  },
  {
    id: 'read-only-files-are-copied',
    mistake: 'WRITE is looked at for anonymous memory only.',
    rule: 'CW-11',
    check: 'cw-forbidden',
    edits: [
      {
        file: 'fork.ts',
        find: REGION,
        put: `if (vma === null) throw KernelError.InvalidAccess;
  const isAnonymous = vma.loader.load.length === 1 && !('file' in vma.loader);
  if (isAnonymous && !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;`,
      },
    ],
  },
  {
    id: 'absent-leaf-panics',
    mistake:
      'A write fault for a page that is not there runs into the error of walkMut, which becomes an exception.',
    rule: 'CW-11',
    check: 'cw-forbidden-elsewhere',
    edits: [
      {
        file: 'fork.ts',
        find: 'if (!leaf.ok) throw KernelError.InvalidAccess;',
        put: "if (!leaf.ok) throw new Error('no leaf');",
      },
    ],
  },
  {
    id: 'writable-in-place',
    mistake: 'The fault just sets RW in the leaf that is there.',
    rule: 'CW-8',
    check: 'cw-isolated',
    source: 'contract K6',
    edits: [instead('  walked.pte.setFlags(flags | PteFlags.RW);\n')],
  },
  {
    id: 'loads-again',
    mistake: 'The new page comes from the loader of the region, not from the old page.',
    rule: 'CW-7',
    check: 'cw-copy-contents',
    source: 'contract K10',
    edits: [
      { file: 'fork.ts', find: COPY, put: '' },
      {
        file: 'fork.ts',
        find: 'const copy = Page.new();',
        put: 'const copy = vma.loader.load(va);',
      },
    ],
  },
  {
    id: 'copies-backwards',
    mistake: 'The new page is copied over the old one.',
    rule: 'CW-7',
    check: 'cw-copy-contents',
    source: 'contract K11',
    edits: [{ file: 'fork.ts', find: COPY, put: 'stale.page.innerMut().copyFrom(copy.inner());' }],
  },
  {
    id: 'copies-nothing',
    mistake: 'The new page is left as it came: zeros.',
    rule: 'CW-7',
    check: 'cw-copy-contents',
    edits: [{ file: 'fork.ts', find: COPY, put: '' }],
  },
  {
    id: 'copies-half',
    mistake: 'The loop that copies words ends at 256 instead of 512.',
    rule: 'CW-7',
    check: 'cw-copy-contents',
    edits: [
      {
        file: 'fork.ts',
        find: COPY,
        put: `for (let i = 0; i < 2048; i++) copy.innerMut().set(i, stale.page.inner().get(i));`,
      },
    ],
  },
  {
    id: 'copies-but-the-last-byte',
    mistake: 'The loop that copies bytes ends one too early.',
    rule: 'CW-7',
    check: 'cw-copy-contents',
    edits: [
      {
        file: 'fork.ts',
        find: COPY,
        put: `for (let i = 0; i < 4095; i++) copy.innerMut().set(i, stale.page.inner().get(i));`,
      },
    ],
  },
  {
    id: 'copy-is-an-alias',
    mistake:
      'Page.clone is taken for a copy of the bytes: it is one more handle on the same frame.',
    rule: 'CW-8',
    check: 'cw-isolated',
    source: 'contract K13',
    edits: [
      instead(`  const stale = walked.clear();
  if (stale === null) throw new Error('doCopyOnWrite: the leaf that was walked to is not present');
  walked.setPage(stale.page.clone(), flags | PteFlags.RW);
  ${RELEASE}
`),
    ],
  },
  {
    id: 'copy-has-xd',
    mistake: 'The copy of an executable page cannot be executed.',
    rule: 'CW-12',
    check: 'cw-rights-of-copies',
    source: 'contract K16',
    edits: [
      {
        file: 'fork.ts',
        find: SET,
        put: 'walked.setPage(copy, flags | PteFlags.RW | PteFlags.XD);',
      },
    ],
  },
  {
    id: 'copy-lacks-xd',
    mistake: 'The leaf of the copy is made of P, RW and US: data becomes executable.',
    rule: 'CW-12',
    check: 'cw-rights-of-copies',
    edits: [
      {
        file: 'fork.ts',
        find: SET,
        put: 'walked.setPage(copy, (flags & PteFlags.US) | PteFlags.P | PteFlags.RW);',
      },
    ],
  },
  {
    id: 'copy-is-for-everybody',
    mistake: 'The leaf of the copy always has US: memory of the kernel can be read by the program.',
    rule: 'CW-12',
    check: 'cw-rights-of-copies',
    edits: [
      {
        file: 'fork.ts',
        find: SET,
        put: 'walked.setPage(copy, flags | PteFlags.RW | PteFlags.US);',
      },
    ],
  },
  {
    id: 'copy-lacks-us',
    mistake: 'The leaf of the copy lacks US, so that the write of the program faults for ever.',
    rule: 'CW-4',
    check: 'cw-write-child',
    edits: [
      {
        file: 'fork.ts',
        find: SET,
        put: 'walked.setPage(copy, (flags | PteFlags.RW) & ~PteFlags.US);',
      },
    ],
  },
  {
    id: 'copy-is-read-only',
    mistake: 'The leaf of the copy has the flags of the old one, without RW.',
    rule: 'CW-4',
    check: 'cw-write-child',
    edits: [{ file: 'fork.ts', find: SET, put: 'walked.setPage(copy, flags);' }],
  },
  {
    id: 'fault-address-as-it-is',
    mistake: 'The fault address is not rounded down to its page.',
    rule: 'CW-4',
    check: 'cw-write-child',
    source: 'contract K19',
    edits: [
      {
        file: 'fork.ts',
        find: 'const va = Va.pageDown(reason.faultAddr);',
        put: 'const va = reason.faultAddr;',
      },
    ],
  },
  {
    id: 'second-user-may-not-write',
    mistake:
      'A page that was copied by another process before counts as settled, and its write is refused.',
    rule: 'CW-4',
    check: 'cw-write-parent',
    edits: [
      {
        file: 'fork.ts',
        find: OUT_OF_DATE,
        put: `${OUT_OF_DATE}
  const frame = walked.pte.pa() ?? 0n;
  if (settled.has(frame)) throw KernelError.InvalidAccess;`,
      },
      { file: 'fork.ts', find: RELEASE, put: `${RELEASE}\n  settled.add(frame);` },
      {
        file: 'fork.ts',
        find: 'export function isCowFault(',
        put: `const settled = new Set<bigint>();

export function isCowFault(`,
      },
    ],
  },
  {
    id: 'copy-without-invalidation',
    mistake: 'The new frame is written into the leaf, and nothing is invalidated.',
    rule: 'CW-10',
    check: 'cw-copy-invalidates',
    source: 'contract T7',
    edits: [
      instead(`  const copy = Page.new();
  const pa = walked.pte.pa();
  if (pa === null) throw KernelError.InvalidAccess;
  copy.innerMut().copyFrom(PageRef.fromPa(pa).inner());
  walked.pte.setPa(copy.intoRaw()).setFlags(flags | PteFlags.RW);
  Page.fromPa(pa).drop();
`),
    ],
  },
  {
    id: 'copy-invalidates-first',
    mistake:
      'Translations are dropped first, then the new frame is written into the leaf: a processor may have loaded the old one again.',
    rule: 'CW-10',
    check: 'cw-copy-invalidates',
    source: 'contract T9',
    edits: [
      instead(`  const copy = Page.new();
  const pa = walked.pte.pa();
  if (pa === null) throw KernelError.InvalidAccess;
  tlbShutdown(pageTable.root);
  copy.innerMut().copyFrom(PageRef.fromPa(pa).inner());
  walked.pte.setPa(copy.intoRaw()).setFlags(flags | PteFlags.RW);
  Page.fromPa(pa).drop();
`),
    ],
  },
  {
    id: 'invalidates-the-next-page',
    mistake: 'The stale entry is made for the address after the page.',
    rule: 'CW-10',
    check: 'cw-copy-invalidates',
    source: 'contract W7',
    edits: [
      instead(`  const copy = Page.new();
  const pa = walked.pte.pa();
  if (pa === null) throw KernelError.InvalidAccess;
  copy.innerMut().copyFrom(PageRef.fromPa(pa).inner());
  walked.pte.setPa(copy.intoRaw()).setFlags(flags | PteFlags.RW);
  StaleTLBEntry.new(Va.add(va, 4096n), Page.fromPa(pa)).invalidate().drop();
`),
      imported('StaleTLBEntry'),
    ],
  },
  {
    id: 'stale-entry-forgotten',
    mistake: 'The StaleTLBEntry is dropped on the floor: invalidate() is never called.',
    rule: 'CW-4',
    check: 'cw-write-child',
    edits: [{ file: 'fork.ts', find: RELEASE, put: '' }],
  },
  {
    id: 'copies-the-region',
    mistake: 'The first write to a region copies all of its pages that are shared.',
    rule: 'CW-16',
    check: 'cw-copy-cost',
    edits: [
      instead(`  for (const { va: each, pte } of leaves(pageTable.root, vma.start, vma.end)) {
    if (contains(pte.flags(), PteFlags.RW)) continue;
    const shared = pageTable.walkMut(each);
    const copy = Page.new();
    const stale = shared.clear();
    if (stale === null) throw KernelError.InvalidAccess;
    ${COPY}
    shared.setPage(copy, flags | PteFlags.RW);
    ${RELEASE}
  }
`),
    ],
  },
  {
    id: 'copies-writable-pages',
    mistake: 'A fault that is out of date makes another copy.',
    rule: 'CW-16',
    check: 'cw-copy-cost',
    edits: [{ file: 'fork.ts', find: OUT_OF_DATE, put: '' }],
  },
  {
    id: 'demand-fault-restores-rw',
    mistake: 'A late demand fault on a shared page gives it the rights of its region again.',
    rule: 'CW-3',
    check: 'cw-read-only-stays',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: 'if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);',
        put: `const leaf = attempt(() => pageTable.walk(va));
    if (!leaf.ok) pageTable.map(va, vma.loader.load(va), vma.prot);
    else if (allows(vma.prot, true)) leaf.value.setFlags(leaf.value.flags() | PteFlags.RW);`,
      },
      { file: 'lazy-pager.ts', find: '  PFErrorCode,\n', put: '  PFErrorCode,\n  PteFlags,\n' },
    ],
  },
  {
    id: 'counts-two-users',
    mistake: 'Whoever comes second takes the frame over, although a third process still has it.',
    rule: 'CW-8',
    check: 'cw-generations',
    source: 'contract K30',
    edits: [
      {
        file: 'fork.ts',
        find: OUT_OF_DATE,
        put: `${OUT_OF_DATE}
  const frame = walked.pte.pa() ?? 0n;
  if (left.delete(frame)) {
    walked.pte.setFlags(flags | PteFlags.RW);
    return;
  }
  left.add(frame);`,
      },
      {
        file: 'fork.ts',
        find: 'export function isCowFault(',
        put: `const left = new Set<bigint>();

export function isCowFault(`,
      },
    ],
  },
  {
    id: 'access-ok-asks-for-copies',
    mistake: 'accessOk refuses to let the kernel write once the process has forked.',
    rule: 'CW-17',
    check: 'cw-pager-calls',
    source: 'contract A18',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: 'return vma !== null && allows(vma.prot, isWrite);',
        put: 'return vma !== null && allows(vma.prot, isWrite) && !(isWrite && this.isShared);',
      },
      {
        file: 'lazy-pager.ts',
        find: '  readonly vmas: VmAreaStruct[];\n',
        put: '  readonly vmas: VmAreaStruct[];\n  isShared = false;\n',
      },
      {
        file: 'fork.ts',
        find: '  return child;\n',
        put: '  mm.pager.isShared = true;\n  child.pager.isShared = true;\n  return child;\n',
      },
    ],
  },
  {
    id: 'user-page-permission-from-leaf',
    mistake: 'getUserPage reads the permission from the leaf: a shared page seems to lack WRITE.',
    rule: 'CW-17',
    check: 'cw-pager-calls',
    source: 'contract G10',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: 'return pa === null ? null : [PageRef.fromPa(pa), vma.prot];',
        put: `const isWritable = contains(pageTable.walk(Va.pageDown(addr)).flags(), PteFlags.RW);
    const prot = isWritable ? vma.prot : vma.prot & ~Permission.WRITE;
    return pa === null ? null : [PageRef.fromPa(pa), prot];`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  PFErrorCode,
  Va,
  type Permission,
`,
        put: `  Permission,
  PFErrorCode,
  PteFlags,
  Va,
`,
      },
    ],
  },
  {
    id: 'munmap-trusts-its-notes',
    mistake: 'munmap goes by a set of loaded pages in the pager, which fork does not copy.',
    rule: 'CW-17',
    check: 'cw-pager-calls',
    source: 'contract L13',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: 'for (const { va } of loaded) pageTable.unmap(va).drop();',
        put: 'for (const { va } of loaded) if (this.known.delete(va)) pageTable.unmap(va).drop();',
      },
      {
        file: 'lazy-pager.ts',
        find: '  readonly vmas: VmAreaStruct[];\n',
        put: '  readonly vmas: VmAreaStruct[];\n  readonly known = new Set<Va>();\n',
      },
      {
        file: 'lazy-pager.ts',
        find: '    const va = Va.pageDown(addr);\n    if (!attempt',
        put: '    const va = Va.pageDown(addr);\n    this.known.add(va);\n    if (!attempt',
      },
    ],
  },
  {
    id: 'copies-the-next-page',
    mistake: 'A copy-on-write fault copies the next page of the region, too.',
    rule: 'CW-16',
    check: 'cw-copy-cost',
    edits: [
      {
        file: 'fork.ts',
        find: '  const va = Va.pageDown(reason.faultAddr);\n',
        put: `  const va = Va.pageDown(reason.faultAddr);
  if (!copyPage(pageTable, va)) return;
  const next = (va + 4096n) as Va;
  if (next < vma.end && attempt(() => pageTable.walk(next)).ok) attempt(() => copyPage(pageTable, next));
}

function copyPage(pageTable: PageTable, va: Va): boolean {
`,
      },
      {
        file: 'fork.ts',
        find: 'if (contains(flags, PteFlags.RW)) return;',
        put: 'if (contains(flags, PteFlags.RW)) return false;',
      },
      {
        file: 'fork.ts',
        find: '  stale.invalidate().drop();\n',
        put: '  stale.invalidate().drop();\n  return true;\n',
      },
    ],
  },
  {
    id: 'copied-code-is-for-users',
    mistake: 'The copy of an executable page is mapped for user mode, whatever the page was for.',
    rule: 'CW-12',
    check: 'cw-rights-of-copies',
    edits: [
      {
        file: 'fork.ts',
        find: `walked.setPage(copy, flags | PteFlags.RW);`,
        put: `walked.setPage(copy, flags | PteFlags.RW | (contains(flags, PteFlags.XD) ? 0n : PteFlags.US));`,
      },
    ],
  },
];
