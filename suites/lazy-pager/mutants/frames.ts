/** Frames that are lost or released twice. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'munmap-keeps-frames',
    mistake: 'munmap does not drop the pages that it gets back.',
    rule: 'LP-21',
    check: 'lp-frames',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded) pageTable.unmap(va);
`,
      },
    ],
  },
  {
    id: 'munmap-releases-at-exit',
    mistake: 'munmap keeps the pages in a list, which is released when the process exits.',
    rule: 'LP-21',
    check: 'lp-little-memory',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded) this.graveyard.push(pageTable.unmap(va));
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly graveyard: Page[] = [];
  drop(): void {
    for (const page of this.graveyard) page.drop();
  }
`,
      },
    ],
  },
  {
    id: 'munmap-keeps-last-frame',
    mistake: 'munmap drops all pages but the last.',
    rule: 'LP-21',
    check: 'lp-frames',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded.slice(0, -1)) pageTable.unmap(va).drop();
    for (const { va } of loaded.slice(-1)) pageTable.unmap(va);
`,
      },
    ],
  },
  {
    id: 'munmap-drops-twice',
    mistake: 'munmap gives every page back twice.',
    rule: 'LP-21',
    check: 'lp-frames',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded) {
      const page = pageTable.unmap(va);
      const pa = page.pa();
      page.drop();
      Page.fromPa(pa).drop();
    }
`,
      },
    ],
  },
  {
    id: 'loaded-pages-kept',
    mistake: 'Every page that is loaded is kept in a list for ever.',
    rule: 'LP-21',
    check: 'lp-frames',
    source: 'contract F8',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `pageTable.map(va, vma.loader.load(va), vma.prot);`,
        put: `{
      const page = vma.loader.load(va);
      this.pages.push(page.clone());
      pageTable.map(va, page, vma.prot);
    }`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly pages: Page[] = [];
`,
      },
    ],
  },
  {
    id: 'spurious-fault-leaks',
    mistake: 'The page is loaded before anyone looks whether there is one, and then forgotten.',
    rule: 'LP-21',
    check: 'lp-frames',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
        put: `    const va = Va.pageDown(addr);
    const page = vma.loader.load(va);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, page, vma.prot);
`,
      },
    ],
  },
  {
    id: 'user-page-counted-down',
    mistake: 'getUserPage makes an owner of the frame and drops it.',
    rule: 'LP-21',
    check: 'lp-frames',
    source: 'contract F6',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return pa === null ? null : [PageRef.fromPa(pa), vma.prot];
`,
        put: `    if (pa === null) return null;
    const view = PageRef.fromPa(pa);
    Page.fromPa(pa).drop();
    return [view, vma.prot];
`,
      },
    ],
  },
  {
    id: 'user-page-counted-up',
    mistake: 'getUserPage makes an owner of the frame and keeps it.',
    rule: 'LP-21',
    check: 'lp-frames',
    source: 'contract F7',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return pa === null ? null : [PageRef.fromPa(pa), vma.prot];
`,
        put: `    if (pa === null) return null;
    const view = PageRef.fromPa(pa);
    view.intoPage();
    return [view, vma.prot];
`,
      },
    ],
  },
  {
    id: 'exit-drops-too-much',
    mistake: 'The drop of the pager releases pages that the page table owns.',
    rule: 'LP-21',
    check: 'lp-frames',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `pageTable.map(va, vma.loader.load(va), vma.prot);`,
        put: `{
      const page = vma.loader.load(va);
      this.pages.push(page.pa());
      pageTable.map(va, page, vma.prot);
    }`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly pages: Pa[] = [];

  drop(): void {
    for (const pa of this.pages) Page.fromPa(pa).drop();
  }
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
  type RegularFile,
`,
        put: `  type Pa,
  type Permission,
  type RegularFile,
`,
      },
    ],
  },
];
