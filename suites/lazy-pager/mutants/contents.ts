/** Contents that get lost, or show where they should not. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'spurious-fault-fails',
    mistake: 'A fault on a page that is there by now is an error.',
    rule: 'LP-13',
    check: 'lp-spurious',
    source: 'contract D11',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    if (attempt(() => pageTable.walk(Va.pageDown(reason.faultAddr))).ok) throw KernelError.Busy;
    this.load(pageTable, vma, reason.faultAddr);
`,
      },
    ],
  },
  {
    id: 'spurious-fault-reloads',
    mistake: 'A fault on a page that is there by now replaces the page by a fresh one.',
    rule: 'LP-13',
    check: 'lp-spurious',
    source: 'contract D12',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
        put: `    const va = Va.pageDown(addr);
    const page = vma.loader.load(va);
    const old = attempt(() => pageTable.unmap(va));
    if (old.ok) old.value.drop();
    pageTable.map(va, page, vma.prot);
`,
      },
    ],
  },
  {
    id: 'spurious-fault-clears',
    mistake: 'A fault by a store clears the page that it is on.',
    rule: 'LP-13',
    check: 'lp-spurious',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    this.load(pageTable, vma, reason.faultAddr);
    const pa = pageTable.walk(Va.pageDown(reason.faultAddr)).pa();
    if (pa !== null && reason.isWriteAccess && vma.loader instanceof AnonLoader) PageRef.fromPa(pa).innerMut().fill(0);
`,
      },
    ],
  },
  {
    id: 'blocks-cached-and-cloned',
    mistake: 'Pages of files are kept by block, and every mapping gets a clone of the same page.',
    rule: 'LP-22',
    check: 'lp-private',
    source: 'contract B6',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const block = FileBlockNumber.fromOffset(this.offset + (addr - this.start));
    const key = \`\${this.file.ino()}/\${block}\`;
    const page = blocks.get(key) ?? this.file.mmap(block);
    blocks.set(key, page);
    return page.clone();
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `export class FileBackedLoader implements`,
        put: `const blocks = new Map<string, Page>();

export class FileBackedLoader implements`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  /** A pager with the same regions`,
        put: `  drop(): void {
    for (const page of blocks.values()) page.drop();
    blocks.clear();
  }

  /** A pager with the same regions`,
      },
    ],
  },
  {
    id: 'one-zero-page',
    mistake: 'All anonymous memory starts out on one page of zeros, which can be written.',
    rule: 'LP-22',
    check: 'lp-private',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `  load(_addr: Va): Page {
    return Page.new();
`,
        put: `  static zero: Page | null = null;

  load(_addr: Va): Page {
    AnonLoader.zero ??= Page.new();
    return AnonLoader.zero.clone();
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  /** A pager with the same regions`,
        put: `  drop(): void {
    AnonLoader.zero?.drop();
    AnonLoader.zero = null;
  }

  /** A pager with the same regions`,
      },
    ],
  },
  {
    id: 'munmap-writes-back',
    mistake: 'munmap writes the pages of a file mapping back to the file.',
    rule: 'LP-22',
    check: 'lp-private',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded) {
      const page = pageTable.unmap(va);
      if (vma.loader instanceof FileBackedLoader && allows(vma.prot, true)) vma.loader.store(va, page);
      page.drop();
    }
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
  }
`,
        put: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
  }

  store(addr: Va, page: Page): void {
    this.file.write(this.offset + (addr - this.start), page.inner());
  }
`,
      },
    ],
  },
  {
    id: 'blocks-remembered',
    mistake:
      'Blocks of files are remembered, and a new mapping of the file still gets what was read for an older one.',
    rule: 'LP-7',
    check: 'lp-file-mapped-again',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const block = FileBlockNumber.fromOffset(this.offset + (addr - this.start));
    const key = \`\${this.file.ino()}/\${block}\`;
    const page = this.file.mmap(block);
    const known = blocks.get(key) ?? Uint8Array.from({ length: 4096 }, (_, i) => page.inner().get(i));
    blocks.set(key, known);
    page.drop();
    const copy = Page.new();
    copy.innerMut().copyFrom(known);
    return copy;
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `export class FileBackedLoader implements`,
        put: `const blocks = new Map<string, Uint8Array>();

export class FileBackedLoader implements`,
      },
    ],
  },
  {
    id: 'blocks-remembered-by-number',
    mistake:
      'Blocks that were read are remembered until the next mmap, by their number alone: the block of another file shows instead.',
    rule: 'LP-7',
    check: 'lp-files-apart',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const block = FileBlockNumber.fromOffset(this.offset + (addr - this.start));
    const page = this.file.mmap(block);
    const known = blocks.get(block) ?? Uint8Array.from({ length: 4096 }, (_, i) => page.inner().get(i));
    blocks.set(block, known);
    page.drop();
    const copy = Page.new();
    copy.innerMut().copyFrom(known);
    return copy;
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `export class FileBackedLoader implements`,
        put: `const blocks = new Map<bigint, Uint8Array>();

export class FileBackedLoader implements`,
      },
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
`,
        put: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    blocks.clear();
`,
      },
    ],
  },
  {
    id: 'exit-clears-pages',
    mistake:
      'Pages are wiped at exit, so that nobody can read what was in them: also pages of the page cache, which others show.',
    rule: 'LP-7',
    check: 'lp-page-cache',
    edits: [
      {
        file: 'page-table.ts',
        find: `          for (const pte of pde.intoPt()) release(pte);
`,
        put: `          for (const pte of pde.intoPt()) {
            const pa = pte.pa();
            if (pa !== null) PageRef.fromPa(pa).innerMut().fill(0);
            release(pte);
          }
`,
      },
      {
        file: 'page-table.ts',
        find: `  Page,
  PageTableMappingError`,
        put: `  Page,
  PageRef,
  PageTableMappingError`,
      },
    ],
  },
  {
    id: 'munmap-clears-pages',
    mistake:
      'munmap wipes the pages that it gets back: also pages of the page cache, which others show.',
    rule: 'LP-7',
    check: 'lp-page-cache-stays',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded) {
      const page = pageTable.unmap(va);
      page.innerMut().fill(0);
      page.drop();
    }
`,
      },
    ],
  },
  {
    id: 'file-offset-cut-to-32-bits',
    mistake: 'The offset of a file mapping is cut to 32 bits.',
    rule: 'LP-8',
    check: 'lp-file-tail',
    source: 'bug-finding scenario 27',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `FileBlockNumber.fromOffset(this.offset + (addr - this.start))`,
        put: `FileBlockNumber.fromOffset(BigInt.asUintN(32, this.offset + (addr - this.start)))`,
      },
    ],
  },
];
