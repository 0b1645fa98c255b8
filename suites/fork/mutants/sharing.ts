/** Mistakes in what a fork makes: the child, its page table, its pager. */
import type { Mutant } from '../../../harness/index.ts';

const SHARE = 'table.map(va, PageRef.fromPa(pa).intoPage(), perm);';
const SHARE_ALL = 'for (const leaf of loaded) share(leaf, child.pageTable);';
const CLONE = 'return new LazyPager(this.vmas.map((vma) => vma.clone()));';

export const mutants: readonly Mutant[] = [
  {
    id: 'fork-copies-eagerly',
    mistake: 'fork gives the child a copy of every loaded page.',
    rule: 'CW-2',
    check: 'cw-same-frame',
    source: 'contract K26',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE,
        put: `const copy = Page.new();
  copy.innerMut().copyFrom(PageRef.fromPa(pa).inner());
  table.map(va, copy, perm);`,
      },
    ],
  },
  {
    id: 'fork-skips-read-only-regions',
    mistake:
      'Loaded pages of read-only regions are not given to the child, which loads them again.',
    rule: 'CW-2',
    check: 'cw-read-only-pages',
    source: 'contract K24',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE_ALL,
        put: `for (const leaf of loaded) {
      if (contains(mm.pager.vmaAt(leaf.va)?.prot ?? 0n, Permission.WRITE)) share(leaf, child.pageTable);
    }`,
      },
    ],
  },
  {
    id: 'fork-skips-shared-pages',
    mistake: 'Pages that an earlier fork has made read-only are not shared by the next one.',
    rule: 'CW-2',
    check: 'cw-fork-again',
    source: 'contract K29',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE_ALL,
        put: `for (const leaf of loaded) {
      const isWritable = contains(mm.pager.vmaAt(leaf.va)?.prot ?? 0n, Permission.WRITE);
      if (!isWritable || contains(leaf.pte.flags(), PteFlags.RW)) share(leaf, child.pageTable);
    }`,
      },
    ],
  },
  {
    id: 'fork-shares-first-pages',
    mistake: 'Only the first page of each region is shared.',
    rule: 'CW-2',
    check: 'cw-same-frame',
    source: 'contract K25',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE_ALL,
        put: `for (const leaf of loaded) {
      if (mm.pager.vmaAt(leaf.va)?.start === leaf.va) share(leaf, child.pageTable);
    }`,
      },
    ],
  },
  {
    id: 'fork-shares-one-table-of-a-region',
    mistake: 'Only the first 512 pages of each region are shared.',
    rule: 'CW-2',
    check: 'cw-fork-large',
    source: 'bug-finding scenario 70',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE_ALL,
        put: `for (const leaf of loaded) {
      const start = mm.pager.vmaAt(leaf.va)?.start ?? leaf.va;
      if (leaf.va - start < 512n * 4096n) share(leaf, child.pageTable);
    }`,
      },
    ],
  },
  {
    id: 'fork-stops-at-gap',
    mistake: 'The loop over a region ends at the first page that is not loaded.',
    rule: 'CW-2',
    check: 'cw-same-frame',
    source: 'contract L12',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE_ALL,
        put: `const present = new Set(loaded.map(({ va }) => va));
    for (const leaf of loaded) {
      const start = mm.pager.vmaAt(leaf.va)?.start ?? leaf.va;
      let isReached = true;
      for (let va = start; va < leaf.va; va = Va.add(va, 4096n)) isReached &&= present.has(va);
      if (isReached) share(leaf, child.pageTable);
    }`,
      },
    ],
  },
  {
    id: 'fork-looks-at-first-half-terabyte',
    mistake: 'Only the first entry of the PML4 is followed.',
    rule: 'CW-1',
    check: 'cw-fork-anywhere',
    edits: [
      {
        file: 'fork.ts',
        find: 'const loaded = [...leaves(mm.pageTable.root)];',
        put: 'const loaded = [...leaves(mm.pageTable.root, 0n, 1n << 39n)];',
      },
    ],
  },
  {
    id: 'fork-truncates-addresses',
    mistake: 'The child’s pages are mapped at the low 32 bits of their addresses.',
    rule: 'CW-1',
    check: 'cw-fork-anywhere',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE,
        put: `const low = Va.new(va & 0xffff_ffffn) ?? va;
  table.map(low, PageRef.fromPa(pa).intoPage(), perm);`,
      },
    ],
  },
  {
    id: 'fork-shares-nothing',
    mistake: 'The child gets the regions and an empty page table.',
    rule: 'CW-1',
    check: 'cw-fork',
    edits: [{ file: 'fork.ts', find: SHARE_ALL, put: '' }],
  },
  {
    id: 'fork-shares-tables',
    mistake: 'The child’s root gets the entries of the parent’s: the tables below are the same.',
    rule: 'CW-1',
    check: 'cw-fork',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE_ALL,
        put: `for (let i = 0; i < 256; i++) {
      const entry = mm.pageTable.root.at(i);
      const pa = entry.pa();
      if (pa !== null) child.pageTable.root.indexMut(i).setPa(pa).setFlags(entry.flags());
    }`,
      },
    ],
  },
  {
    id: 'fork-returns-parent',
    mistake: 'fork returns the parent itself.',
    rule: 'CW-1',
    check: 'cw-fork',
    edits: [
      {
        file: 'fork.ts',
        find: '  return child;\n',
        put: '  child.pageTable.drop();\n  return mm;\n',
      },
    ],
  },
  {
    id: 'fork-loads-everything',
    mistake: 'fork first brings in every page of every region.',
    rule: 'CW-5',
    check: 'cw-not-loaded',
    source: 'contract K28',
    edits: [
      {
        file: 'fork.ts',
        find: '  const child = new MmStruct(',
        put: `  for (const vma of mm.pager.vmas) {
    for (let va = vma.start; va + 4096n < vma.end; va = Va.add(va, 4096n)) {
      mm.pager.getUserPage(mm.pageTable, va);
    }
  }
  const child = new MmStruct(`,
      },
    ],
  },
  {
    id: 'fork-maps-zero-pages',
    mistake: 'The child gets a page of zeros wherever its parent has nothing loaded.',
    rule: 'CW-5',
    check: 'cw-not-loaded',
    edits: [
      {
        file: 'fork.ts',
        find: SHARE_ALL,
        put: `for (const leaf of loaded) share(leaf, child.pageTable);
    for (const vma of mm.pager.vmas) {
      const present = attempt(() => child.pageTable.walk(vma.start)).ok;
      if (!present) child.pageTable.map(vma.start, Page.new(), vma.prot);
    }`,
      },
    ],
  },
  {
    id: 'clone-shares-the-list',
    mistake: 'LazyPager.clone hands its own array of regions to the clone.',
    rule: 'CW-13',
    check: 'cw-regions-apart',
    source: 'contract L14',
    edits: [{ file: 'lazy-pager.ts', find: CLONE, put: 'return new LazyPager(this.vmas);' }],
  },
  {
    id: 'clone-is-the-pager',
    mistake: 'LazyPager.clone returns the pager itself.',
    rule: 'CW-13',
    check: 'cw-regions-apart',
    edits: [{ file: 'lazy-pager.ts', find: CLONE, put: 'return this;' }],
  },
  {
    id: 'clone-is-empty',
    mistake: 'LazyPager.clone makes a pager without regions.',
    rule: 'CW-4',
    check: 'cw-write-child',
    edits: [{ file: 'lazy-pager.ts', find: CLONE, put: 'return new LazyPager();' }],
  },
  {
    id: 'clone-loses-the-last-region',
    mistake: 'The loop of clone stops one region short.',
    rule: 'CW-1',
    check: 'cw-fork-anywhere',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: CLONE,
        put: `const vmas = this.vmas.map((vma) => vma.clone());
    return new LazyPager(vmas.length > 1 ? vmas.slice(0, -1) : vmas);`,
      },
    ],
  },
  {
    id: 'clone-is-a-page-short',
    mistake: 'VmAreaStruct.clone ends the cloned region one page early.',
    rule: 'CW-4',
    check: 'cw-write-child',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: 'return new VmAreaStruct(this.loader, this.start, this.end, this.prot);',
        put: 'return new VmAreaStruct(this.loader, this.start, this.end - 4096n, this.prot);',
      },
    ],
  },
];
