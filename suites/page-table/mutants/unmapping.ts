/** Mistakes in unmap: the entry, the page that comes back, and the processors. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'takes-32-bits-of-the-address',
    mistake:
      'unmap takes the address of the frame from the word of the entry, and only 32 bits of it.',
    rule: 'PT-9',
    check: 'pt-high-memory-unmap',
    edits: [
      {
        file: 'page-table.ts',
        find: 'const pa = this.walk(va).clear();',
        put: `const pte = this.walk(va);
    const pa = (pte.word & 0xffff_f000n) as Pa;
    pte.clear();`,
      },
    ],
  },
  {
    id: 'unmap-keeps-the-leaf',
    mistake: 'unmap reads the address out of the entry, but leaves the entry present.',
    rule: 'PT-9',
    check: 'pt-unmap',
    source: 'contract U1',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
`,
        put: `    const pa = this.walk(va).pa();
`,
      },
    ],
  },
  {
    id: 'emptied-table-stays-linked',
    mistake:
      'A page table that has become empty is freed, but its directory entry still points to it.',
    rule: 'PT-15',
    check: 'pt-unmap-ownership',
    source: 'contract U5',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pde = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei);
    const table = pde.intoPt();
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    if ([...table].every((entry) => entry.pa() === null)) Page.fromPa(pde.pa()!).drop();
    return page;
`,
      },
    ],
  },
  {
    id: 'emptiness-from-entry-0',
    mistake: 'A page table counts as empty if its first entry is.',
    rule: 'PT-8',
    check: 'pt-neighbours',
    source: 'contract U6',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pde = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei);
    const table = pde.intoPt();
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    if (table.at(0).pa() === null) release(pde);
    return page;
`,
      },
    ],
  },
  {
    id: 'emptiness-without-the-last-entry',
    mistake: 'When a page table is checked for being empty, its last entry is left out.',
    rule: 'PT-8',
    check: 'pt-neighbours',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pde = this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei);
    const table = pde.intoPt();
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    if ([...table].slice(0, 511).every((entry) => entry.pa() === null)) release(pde);
    return page;
`,
      },
    ],
  },
  {
    id: 'unmap-clears-the-directory',
    mistake: 'unmap empties the directory entry instead of the leaf.',
    rule: 'PT-8',
    check: 'pt-neighbours',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const { pml4ei, pdptei, pdei } = PtIndices.fromVa(va);
    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    this.root.at(pml4ei).intoPdp().at(pdptei).intoPd().at(pdei).clear();
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
      },
    ],
  },
  {
    id: 'unmap-releases-too',
    mistake: 'unmap releases the frame and returns a Page on it all the same.',
    rule: 'PT-15',
    check: 'pt-unmap-ownership',
    source: 'contract U7',
    edits: [
      {
        file: 'page-table.ts',
        find: `    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry`,
        put: `    if (pa === null) throw PageTableMappingError.NotExist;
    Page.fromPa(pa).drop();
    return StaleTLBEntry`,
      },
    ],
  },
  {
    id: 'unmap-returns-a-copy',
    mistake: 'unmap returns a new page with the same bytes instead of the one that was mapped.',
    rule: 'PT-9',
    check: 'pt-unmap',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const old = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    const copy = Page.new();
    copy.innerMut().copyFrom(old.inner());
    old.drop();
    return copy;
`,
      },
    ],
  },
  {
    id: 'unmap-keeps-a-reference',
    mistake: 'unmap returns a clone of the page and forgets the reference of the entry.',
    rule: 'PT-15',
    check: 'pt-unmap-ownership',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate().clone();
`,
      },
    ],
  },
  {
    id: 'unmap-rounds-down',
    mistake: 'unmap takes an unaligned address for its page.',
    rule: 'PT-2',
    check: 'pt-unaligned',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
`,
        put: `    const pa = this.walk(Va.pageDown(va)).clear();
`,
      },
    ],
  },
  {
    id: 'unmap-of-nothing-is-unaligned',
    mistake: 'unmap of an address that is not mapped throws the wrong error.',
    rule: 'PT-10',
    check: 'pt-absent',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
`,
        put: `    if (!attempt(() => this.walk(va)).ok && Va.offset(va) === 0n) throw PageTableMappingError.Unaligned;
    const pa = this.walk(va).clear();
`,
      },
      {
        file: 'page-table.ts',
        find: `import {
  contains,`,
        put: `import {
  attempt,
  contains,`,
      },
    ],
  },
  {
    id: 'unmap-does-not-invalidate',
    mistake: 'unmap empties the entry and does not tell the processors.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates',
    source: 'contract T1',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    return Page.fromPa(pa);
`,
      },
    ],
  },
  {
    id: 'unmap-invalidates-first',
    mistake:
      'unmap invalidates the page, and empties the entry after that: a processor may have loaded the translation again.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates',
    source: 'contract T9',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
    if (pa === null) throw PageTableMappingError.NotExist;
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const pte = this.walk(va);
    const pa = pte.pa();
    if (pa === null) throw PageTableMappingError.NotExist;
    const page = StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
    pte.clear();
    return page;
`,
      },
    ],
  },
  {
    id: 'unmap-by-hand',
    mistake:
      'unmap writes zero into the word of the entry and adopts the frame; nothing is invalidated.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates',
    source: 'contract T12',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
`,
        put: `    const pte = this.walk(va);
    const pa = pte.pa();
    pte.word = 0n;
`,
      },
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    return Page.fromPa(pa);
`,
      },
    ],
  },
  {
    id: 'unmap-invalidates-page-0',
    mistake: 'The invalidation is for address 0 instead of the one unmapped.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    return StaleTLBEntry.new(Va.pageDown(0n as Va), Page.fromPa(pa)).invalidate();
`,
      },
    ],
  },
  {
    id: 'unmap-reloads-own-cr3-only',
    mistake: 'unmap switches this processor away and back to flush it; the others are not told.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates-all-cpus',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    const cr3 = readCr3();
    const spare = PageTableRoot.newBoxedWithKernelAddr();
    loadPt(spare.pa());
    loadPt(cr3);
    spare.drop();
    return Page.fromPa(pa);
`,
      },
      {
        file: 'page-table.ts',
        find: `  contains,
  Page,`,
        put: `  contains,
  loadPt,
  Page,`,
      },
    ],
  },
  {
    id: 'invalidation-left-pending',
    mistake: 'unmap returns the page out of its StaleTLBEntry without invalidating it.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates',
    edits: [
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).page;
`,
      },
    ],
  },
  {
    id: 'invalidated-only-if-accessed',
    mistake:
      'unmap invalidates only if the entry was accessed, but looks after it has been emptied.',
    rule: 'PT-11',
    check: 'pt-unmap-invalidates',
    edits: [
      {
        file: 'page-table.ts',
        find: `    const pa = this.walk(va).clear();
`,
        put: `    const pte = this.walk(va);
    const pa = pte.clear();
`,
      },
      {
        file: 'page-table.ts',
        find: `    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
        put: `    if (!contains(pte.flags(), PteFlags.A)) return Page.fromPa(pa);
    return StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate();
`,
      },
    ],
  },
  {
    id: 'entries-counted-in-seven-bits',
    mistake:
      'The entries in use are counted in seven free bits of the entry above, and a table is released when they say none.',
    rule: 'PT-8',
    check: 'pt-many-neighbours',
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
