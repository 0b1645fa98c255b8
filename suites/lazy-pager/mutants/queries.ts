/** Mistakes in getUserPage and accessOk. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'user-page-not-loaded',
    mistake: 'getUserPage returns null for a page that is not loaded yet.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    source: 'contract G6',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) return null;
    this.load(pageTable, vma, addr);
`,
        put: `    if (vma === null || !attempt(() => pageTable.walk(Va.pageDown(addr))).ok) return null;
`,
      },
    ],
  },
  {
    id: 'user-page-loaded-again',
    mistake: 'getUserPage loads a page that is there already, and fails.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    source: 'contract G7',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) return null;
    this.load(pageTable, vma, addr);
`,
        put: `    if (vma === null) return null;
    const page = vma.loader.load(addr);
    if (!attempt(() => pageTable.map(Va.pageDown(addr), page, vma.prot)).ok) return null;
`,
      },
    ],
  },
  {
    id: 'user-page-from-the-offset',
    mistake: 'getUserPage returns a view that begins at the address.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    source: 'contract G2',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return pa === null ? null : [PageRef.fromPa(pa), vma.prot];
`,
        put: `    return pa === null ? null : [PageRef.fromPa(Pa.add(pa, Va.offset(addr))), vma.prot];
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  KernelError,
  Page,`,
        put: `  KernelError,
  Pa,
  Page,`,
      },
    ],
  },
  {
    id: 'user-page-by-the-table',
    mistake:
      'getUserPage asks the page table only, and answers null for what is not loaded and the frame for the kernel.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    source: 'contract G4',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) return null;
    this.load(pageTable, vma, addr);
`,
        put: `    if (!attempt(() => pageTable.walk(Va.pageDown(addr))).ok || vma === null) return null;
`,
      },
    ],
  },
  {
    id: 'user-page-throws',
    mistake: 'getUserPage throws for an address that is not mapped.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    source: 'contract G5',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) return null;
    this.load`,
        put: `    if (vma === null) throw KernelError.BadAddress;
    this.load`,
      },
    ],
  },
  {
    id: 'user-page-needs-write',
    mistake: 'getUserPage answers null for regions without WRITE.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) return null;
    this.load`,
        put: `    if (vma === null || !allows(vma.prot, true)) return null;
    this.load`,
      },
    ],
  },
  {
    id: 'user-page-permission-read',
    mistake: 'getUserPage always says READ.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `[PageRef.fromPa(pa), vma.prot]`,
        put: `[PageRef.fromPa(pa), Permission.READ]`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'user-page-permission-flags',
    mistake: 'getUserPage returns the flags of the entry in place of the permission.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `[PageRef.fromPa(pa), vma.prot]`,
        put: `[PageRef.fromPa(pa), pageTable.walk(Va.pageDown(addr)).flags() & 0xfn as Permission]`,
      },
    ],
  },
  {
    id: 'user-page-of-region-start',
    mistake: 'getUserPage returns the first page of the region, whatever the address.',
    rule: 'LP-19',
    check: 'lp-get-user-page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) return null;
    this.load(pageTable, vma, addr);
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
`,
        put: `    if (vma === null) return null;
    this.load(pageTable, vma, vma.start);
    const pa = pageTable.walk(vma.start).pa();
`,
      },
    ],
  },
  {
    id: 'access-ok-ignores-write',
    mistake: 'accessOk does not look whether the access is a write.',
    rule: 'LP-20',
    check: 'lp-access-ok',
    source: 'contract A1',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return vma !== null && allows(vma.prot, isWrite);
`,
        put: `    return vma !== null && allows(vma.prot, false && isWrite);
`,
      },
    ],
  },
  {
    id: 'access-ok-always-write',
    mistake: 'accessOk asks for WRITE, for reads too.',
    rule: 'LP-20',
    check: 'lp-access-ok',
    source: 'contract A2',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return vma !== null && allows(vma.prot, isWrite);
`,
        put: `    return vma !== null && allows(vma.prot, true || isWrite);
`,
      },
    ],
  },
  {
    id: 'access-ok-needs-user',
    mistake: 'accessOk asks for USER.',
    rule: 'LP-20',
    check: 'lp-access-ok',
    source: 'contract A3',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return vma !== null && allows(vma.prot, isWrite);
`,
        put: `    return vma !== null && allows(vma.prot, isWrite) && contains(vma.prot, Permission.USER);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
`,
      },
    ],
  },
  {
    id: 'access-ok-end-inclusive',
    mistake: 'For accessOk a region contains the byte after its end.',
    rule: 'LP-20',
    check: 'lp-access-ok',
    source: 'contract A4',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const vma = this.vmaAt(va);
    return vma !== null && allows`,
        put: `    const vma = this.vmaAt(va) ?? this.vmas.find((each) => each.end === va) ?? null;
    return vma !== null && allows`,
      },
    ],
  },
  {
    id: 'access-ok-needs-loaded',
    mistake: 'accessOk is false for pages that nothing has touched.',
    rule: 'LP-20',
    check: 'lp-access-ok',
    source: 'contract A16',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return vma !== null && allows(vma.prot, isWrite);
`,
        put: `    return vma !== null && allows(vma.prot, isWrite) && this.loaded.has(Va.pageDown(va));
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map`,
        put: `    this.loaded.add(va);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly loaded = new Set<bigint>();
`,
      },
    ],
  },
  {
    id: 'access-ok-next-region',
    mistake: 'accessOk asks the region at or after the address.',
    rule: 'LP-20',
    check: 'lp-access-ok',
    source: 'contract A19',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const vma = this.vmaAt(va);
    return vma !== null && allows`,
        put: `    const vma = [...this.vmas].sort((a, b) => Number(a.start - b.start)).find((each) => va < each.end) ?? null;
    return vma !== null && allows`,
      },
    ],
  },
  {
    id: 'access-ok-loads',
    mistake: 'accessOk loads the page to see whether it can, and gives it back.',
    rule: 'LP-20',
    check: 'lp-access-ok',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return vma !== null && allows(vma.prot, isWrite);
`,
        put: `    vma?.loader.load(Va.pageDown(va)).drop();
    return vma !== null && allows(vma.prot, isWrite);
`,
      },
    ],
  },
];
