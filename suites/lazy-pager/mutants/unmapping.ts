/** Mistakes in munmap, and what is left of a region. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'munmap-first-page-only',
    mistake: 'munmap unmaps the first page of the region only.',
    rule: 'LP-14',
    check: 'lp-munmap',
    source: 'contract E28',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
`,
        put: `    const loaded = [...leaves(pageTable.root, vma.start, vma.start + 4096n)];
`,
      },
    ],
  },
  {
    id: 'munmap-needs-every-page',
    mistake: 'munmap of a region that is not loaded altogether fails.',
    rule: 'LP-14',
    check: 'lp-munmap',
    source: 'contract L11',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (let at = 0n; vma.start + at < vma.end; at += 4096n) {
      const page = attempt(() => pageTable.unmap(Va.add(vma.start, at)));
      if (!page.ok) throw KernelError.InvalidArgument;
      page.value.drop();
    }
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `import { leaves } from './leaves';
`,
        put: ``,
      },
    ],
  },
  {
    id: 'munmap-stops-at-a-gap',
    mistake: 'munmap stops at the first page that is not loaded.',
    rule: 'LP-14',
    check: 'lp-munmap',
    source: 'contract L12',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (let at = 0n; vma.start + at < vma.end; at += 4096n) {
      const page = attempt(() => pageTable.unmap(Va.add(vma.start, at)));
      if (!page.ok) break;
      page.value.drop();
    }
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `import { leaves } from './leaves';
`,
        put: ``,
      },
    ],
  },
  {
    id: 'munmap-keeps-the-region',
    mistake: 'munmap unmaps the pages, but the region stays in the list.',
    rule: 'LP-14',
    check: 'lp-munmap',
    source: 'contract E27',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.splice(index, 1);
`,
        put: ``,
      },
    ],
  },
  {
    id: 'munmap-keeps-the-pages',
    mistake: 'munmap forgets the region and leaves its pages mapped.',
    rule: 'LP-14',
    check: 'lp-munmap',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: ``,
      },
      {
        file: 'lazy-pager.ts',
        find: `import { leaves } from './leaves';
`,
        put: ``,
      },
    ],
  },
  {
    id: 'munmap-misses-last-page',
    mistake: 'munmap leaves the last page of the region mapped.',
    rule: 'LP-14',
    check: 'lp-munmap',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
`,
        put: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end - 4096n)];
`,
      },
    ],
  },
  {
    id: 'munmap-one-page-too-many',
    mistake: 'munmap unmaps the page after the region, too.',
    rule: 'LP-18',
    check: 'lp-neighbours',
    source: 'contract E29',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
`,
        put: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end + 4096n)];
`,
      },
    ],
  },
  {
    id: 'munmap-page-before',
    mistake: 'munmap unmaps the page before the region, too.',
    rule: 'LP-18',
    check: 'lp-neighbours',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
`,
        put: `    const loaded = [...leaves(pageTable.root, vma.start - 4096n, vma.end)];
`,
      },
    ],
  },
  {
    id: 'munmap-everything',
    mistake: 'munmap unmaps all pages of the process.',
    rule: 'LP-18',
    check: 'lp-neighbours',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loaded = [...leaves(pageTable.root, vma.start, vma.end)];
`,
        put: `    const loaded = [...leaves(pageTable.root)];
`,
      },
    ],
  },
  {
    id: 'munmap-removes-first-region',
    mistake: 'munmap takes the first region out of the list, whichever it was asked for.',
    rule: 'LP-14',
    check: 'lp-munmap',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.splice(index, 1);
`,
        put: `    this.vmas.splice(0, 1);
`,
      },
    ],
  },
  {
    id: 'munmap-inside',
    mistake: 'munmap of an address inside a region removes the region.',
    rule: 'LP-15',
    check: 'lp-munmap-refuses',
    source: 'contract E26',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const index = this.vmas.findIndex((vma) => vma.start === addr);
`,
        put: `    const index = this.vmas.findIndex((vma) => vma.start <= addr && addr < vma.end && Va.offset(addr) === 0n);
`,
      },
    ],
  },
  {
    id: 'munmap-rounds-down',
    mistake: 'munmap rounds an unaligned address down.',
    rule: 'LP-15',
    check: 'lp-munmap-refuses',
    source: 'contract E31',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const index = this.vmas.findIndex((vma) => vma.start === addr);
`,
        put: `    const index = this.vmas.findIndex((vma) => vma.start === Va.pageDown(addr));
`,
      },
    ],
  },
  {
    id: 'munmap-of-nothing-is-ok',
    mistake: 'munmap of an address where nothing is mapped returns 0.',
    rule: 'LP-15',
    check: 'lp-munmap-refuses',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === undefined) throw KernelError.InvalidArgument;
`,
        put: `    if (vma === undefined) return 0n;
`,
      },
    ],
  },
  {
    id: 'munmap-twice-is-ok',
    mistake: 'munmap remembers the starts of all regions there ever were, and succeeds for them.',
    rule: 'LP-15',
    check: 'lp-munmap-refuses',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === undefined) throw KernelError.InvalidArgument;
`,
        put: `    if (vma === undefined && this.gone.has(addr)) return 0n;
    if (vma === undefined) throw KernelError.InvalidArgument;
    this.gone.add(addr);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly gone = new Set<bigint>();
`,
      },
    ],
  },
  {
    id: 'munmap-does-not-invalidate',
    mistake: 'munmap empties the entries by hand and tells no processor.',
    rule: 'LP-16',
    check: 'lp-munmap-invalidates',
    source: 'contract T10',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { pte } of loaded) {
      const pa = pte.clear();
      if (pa !== null) Page.fromPa(pa).drop();
    }
`,
      },
    ],
  },
  {
    id: 'munmap-invalidates-first',
    mistake: 'munmap invalidates the whole table, and empties the entries by hand after that.',
    rule: 'LP-16',
    check: 'lp-munmap-invalidates',
    source: 'contract T6',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    tlbShutdown(pageTable.root);
    for (const { pte } of loaded) {
      const pa = pte.clear();
      if (pa !== null) Page.fromPa(pa).drop();
    }
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  PFErrorCode,
`,
        put: `  PFErrorCode,
  tlbShutdown,
`,
      },
    ],
  },
  {
    id: 'munmap-invalidates-first-page',
    mistake: 'munmap invalidates the first page only.',
    rule: 'LP-16',
    check: 'lp-munmap-invalidates',
    source: 'contract T3',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const [nth, { va, pte }] of loaded.entries()) {
      if (nth === 0) {
        pageTable.unmap(va).drop();
        continue;
      }
      const pa = pte.clear();
      if (pa !== null) Page.fromPa(pa).drop();
    }
`,
      },
    ],
  },
  {
    id: 'munmap-flushes-own-processor',
    mistake: 'munmap loads CR3 anew instead of sending a shootdown.',
    rule: 'LP-16',
    check: 'lp-munmap-invalidates-all-cpus',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { pte } of loaded) {
      const pa = pte.clear();
      if (pa !== null) Page.fromPa(pa).drop();
    }
    const spare = PageTableRoot.newBoxedWithKernelAddr();
    loadPt(spare.pa());
    loadPt(pageTable.pa());
    spare.drop();
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  KernelError,
  Page,
  PageRef,
`,
        put: `  KernelError,
  loadPt,
  Page,
  PageRef,
  PageTableRoot,
`,
      },
    ],
  },
  {
    id: 'loaded-pages-remembered',
    mistake:
      'Pages that were loaded once are remembered by address, and munmap does not forget them.',
    rule: 'LP-17',
    check: 'lp-remap',
    source: 'contract L13',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
        put: `    const va = Va.pageDown(addr);
    if (this.loaded.has(va)) return;
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
    this.loaded.add(va);
`,
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
    id: 'old-pages-come-back',
    mistake: 'munmap keeps the pages, and a new region at the same place shows them again.',
    rule: 'LP-17',
    check: 'lp-remap',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded) {
      this.kept.get(va)?.drop();
      this.kept.set(va, pageTable.unmap(va));
    }
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
        put: `    if (attempt(() => pageTable.walk(va)).ok) return;
    const kept = this.kept.get(va);
    this.kept.delete(va);
    pageTable.map(va, kept ?? vma.loader.load(va), vma.prot);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly kept = new Map<bigint, Page>();

  drop(): void {
    for (const page of this.kept.values()) page.drop();
  }
`,
      },
    ],
  },
  {
    id: 'rights-of-the-old-region',
    mistake: 'The rights of a page are remembered by address from its first load on.',
    rule: 'LP-17',
    check: 'lp-remap',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `pageTable.map(va, vma.loader.load(va), vma.prot);`,
        put: `pageTable.map(va, vma.loader.load(va), this.rights(va, vma.prot));`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  /** The region that \`va\` is in. */`,
        put: `  private rights(va: Va, prot: Permission): Permission {
    const known = this.known.get(va) ?? prot;
    this.known.set(va, known);
    return known;
  }

  /** The region that \`va\` is in. */`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly known = new Map<bigint, Permission>();
`,
      },
    ],
  },
  {
    id: 'regions-shared-by-processes',
    mistake: 'The list of regions is a variable of the module, which all processes share.',
    rule: 'LP-18',
    check: 'lp-neighbours',
    source: 'contract L14',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `  constructor(vmas: VmAreaStruct[] = []) {
`,
        put: `  constructor(vmas: VmAreaStruct[] = shared) {
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `export class LazyPager implements Pager {
`,
        put: `const shared: VmAreaStruct[] = [];

export class LazyPager implements Pager {
`,
      },
    ],
  },
  {
    id: 'pages-shared-by-processes',
    mistake:
      'Pages are remembered by address in a variable of the module: two processes get the same frame.',
    rule: 'LP-22',
    check: 'lp-private',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
        put: `    const va = Va.pageDown(addr);
    if (attempt(() => pageTable.walk(va)).ok) return;
    const page = pages.get(va) ?? vma.loader.load(va);
    pages.set(va, page);
    pageTable.map(va, page.clone(), vma.prot);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `export class LazyPager implements Pager {
`,
        put: `const pages = new Map<bigint, Page>();

export class LazyPager implements Pager {
  drop(): void {
    for (const page of pages.values()) page.drop();
    pages.clear();
  }

`,
      },
    ],
  },
  {
    id: 'munmap-stops-at-missing-table',
    mistake: 'munmap ends where a page table is missing.',
    rule: 'LP-14',
    check: 'lp-munmap-large',
    source: 'bug-finding scenario 36',
    edits: [
      {
        file: 'leaves.ts',
        find: `    if (entry.pa() === null) continue;
`,
        put: `    if (entry.pa() === null && span === SPAN.pt) break;
    if (entry.pa() === null) continue;
`,
      },
    ],
  },
  {
    id: 'entries-counted-in-seven-bits',
    mistake:
      'The entries in use are counted in seven free bits of the entry above, and a table is released when they say none.',
    rule: 'LP-18',
    check: 'lp-many-neighbours',
    edits: [
      {
        file: 'page-table.ts',
        find: `/** \`count\` zeroed pages, or none at all. */
`,
        put: `function count(entry: Entry<bigint>, change: bigint): bigint {
  const used = 0x7fn << 52n;
  const now = (((entry.flags() & used) >> 52n) + change) & 0x7fn;
  entry.setFlags((entry.flags() & ~used) | (now << 52n));
  return now;
}

/** \`count\` zeroed pages, or none at all. */
`,
      },
      {
        file: 'page-table.ts',
        find: `    pte.setPa(pa).setFlags(leafFlags(perm));
`,
        put: `    pte.setPa(pa).setFlags(leafFlags(perm));
    count(pde, 1n);
`,
      },
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pde = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei);
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    if (count(pde, -1n) === 0n) release(pde);
    return page;
`,
      },
    ],
  },
];
