/** Mistakes at the first touch: which page, which bytes. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'demand-fault-is-present',
    mistake: 'A fault counts as demand paging if the page is present.',
    rule: 'LP-6',
    check: 'lp-first-touch',
    source: 'contract D1',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return !this.isPresent;
`,
        put: `    return this.isPresent;
`,
      },
    ],
  },
  {
    id: 'demand-fault-not-by-write',
    mistake: 'A store to a page that is not loaded does not count as demand paging.',
    rule: 'LP-6',
    check: 'lp-touch-anywhere',
    source: 'contract D2',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return !this.isPresent;
`,
        put: `    return !this.isPresent && !this.isWriteAccess;
`,
      },
    ],
  },
  {
    id: 'fault-address-not-aligned',
    mistake: 'The fault address goes into the page table as it is.',
    rule: 'LP-6',
    check: 'lp-first-touch',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const va = Va.pageDown(addr);
`,
        put: `    const va = addr;
`,
      },
    ],
  },
  {
    id: 'loaded-without-user',
    mistake: 'Pages are mapped without USER.',
    rule: 'LP-6',
    check: 'lp-first-touch',
    source: 'contract D10',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `vma.loader.load(va), vma.prot)`,
        put: `vma.loader.load(va), vma.prot & ~Permission.USER)`,
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
    id: 'first-byte-outside',
    mistake: 'A region does not contain its first byte.',
    rule: 'LP-6',
    check: 'lp-touch-anywhere',
    edits: [
      {
        file: 'user-range.ts',
        find: `if (range.start <= va && va < range.end) return range;`,
        put: `if (range.start < va && va < range.end) return range;`,
      },
    ],
  },
  {
    id: 'last-page-outside',
    mistake: 'A region does not contain its last page.',
    rule: 'LP-6',
    check: 'lp-first-touch',
    edits: [
      {
        file: 'user-range.ts',
        find: `if (range.start <= va && va < range.end) return range;`,
        put: `if (range.start <= va && va < range.end - PAGE_SIZE) return range;`,
      },
    ],
  },
  {
    id: 'only-the-last-region',
    mistake: 'Only the region that was mapped last is looked at.',
    rule: 'LP-6',
    check: 'lp-touch-anywhere',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return rangeAt(this.vmas, va);
`,
        put: `    return rangeAt(this.vmas.slice(-1), va);
`,
      },
    ],
  },
  {
    id: 'only-the-first-region',
    mistake: 'Only the region that was mapped first is looked at.',
    rule: 'LP-6',
    check: 'lp-touch-anywhere',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return rangeAt(this.vmas, va);
`,
        put: `    return rangeAt(this.vmas.slice(0, 1), va);
`,
      },
    ],
  },
  {
    id: 'ends-cut-to-32-bits',
    mistake: 'Addresses are compared as 32-bit numbers.',
    rule: 'LP-6',
    check: 'lp-touch-anywhere',
    edits: [
      {
        file: 'user-range.ts',
        find: `if (range.start <= va && va < range.end) return range;`,
        put: `if (BigInt.asUintN(32, range.start) <= BigInt.asUintN(32, va) && BigInt.asUintN(32, va) < BigInt.asUintN(32, range.end) && va < range.end) return range;`,
      },
    ],
  },
  {
    id: 'anonymous-not-zero',
    mistake: 'Pages of regions that are gone are used again for anonymous memory as they are.',
    rule: 'LP-17',
    check: 'lp-remap',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    for (const { va } of loaded) pageTable.unmap(va).drop();
`,
        put: `    for (const { va } of loaded) AnonLoader.pool.push(pageTable.unmap(va));
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
`,
        put: `export class AnonLoader implements MmLoader {
  static readonly pool: Page[] = [];

  load(_addr: Va): Page {
    return AnonLoader.pool.pop() ?? Page.new();
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  /** A pager with the same regions`,
        put: `  drop(): void {
    for (const page of AnonLoader.pool.splice(0)) page.drop();
  }

  /** A pager with the same regions`,
      },
    ],
  },
  {
    id: 'block-of-the-region-start',
    mistake: 'Every page of a file shows the first block of the mapping.',
    rule: 'LP-7',
    check: 'lp-file-bytes',
    source: 'contract D16, B2',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset));
`,
      },
    ],
  },
  {
    id: 'file-offset-forgotten',
    mistake: 'Pages show the file from its beginning, whatever the offset.',
    rule: 'LP-7',
    check: 'lp-file-bytes',
    source: 'contract E14',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    return this.file.mmap(FileBlockNumber.fromOffset(addr - this.start));
`,
      },
    ],
  },
  {
    id: 'offset-in-pages',
    mistake: 'The offset is taken for a number of pages.',
    rule: 'LP-7',
    check: 'lp-file-bytes',
    source: 'contract E16',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset * 4096n + (addr - this.start)));
`,
      },
    ],
  },
  {
    id: 'block-one-too-far',
    mistake: 'With an offset, every page shows the block after its own.',
    rule: 'LP-7',
    check: 'lp-file-bytes',
    source: 'contract B9',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start) + (this.offset > 0n ? 4096n : 0n)));
`,
      },
    ],
  },
  {
    id: 'block-of-the-address',
    mistake: 'The block is taken from the address, not from the place in the region.',
    rule: 'LP-7',
    check: 'lp-file-bytes',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr & 0xffffn)));
`,
      },
    ],
  },
  {
    id: 'read-once',
    mistake: 'The page is filled by one read, however few bytes that gives.',
    rule: 'LP-7',
    check: 'lp-file-bytes',
    source: 'bug-finding 5.4: short read',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const page = Page.new();
    try {
      this.file.read(this.offset + (addr - this.start), page.innerMut());
    } catch (error) {
      page.drop();
      throw error;
    }
    return page;
`,
      },
    ],
  },
  {
    id: 'short-read-ends-the-file',
    mistake:
      'A read that gives fewer bytes than asked for is taken for the end of the file: later pages are zero.',
    rule: 'LP-7',
    check: 'lp-file-bytes',
    source: 'bug-finding 5.4: short read treated as EOF',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const page = Page.new();
    const position = this.offset + (addr - this.start);
    if (position >= this.end) return page;
    try {
      const got = this.file.read(position, page.innerMut());
      if (got < 4096) this.end = position + BigInt(got);
    } catch (error) {
      page.drop();
      throw error;
    }
    return page;
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `    private readonly offset: bigint,
  ) {}`,
        put: `    private readonly offset: bigint,
    private end = 1n << 64n,
  ) {}`,
      },
    ],
  },
  {
    id: 'tail-cut-at-the-size',
    mistake:
      'Bytes of the last page past the size that was asked for are zeroed, though the file goes on.',
    rule: 'LP-7',
    check: 'lp-file-unrounded',
    source: 'contract B5',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const page = this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
    const left = this.size - (addr - this.start);
    if (left < 4096n) page.innerMut().fill(0, Number(left));
    return page;
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `    private readonly offset: bigint,
  ) {}`,
        put: `    private readonly offset: bigint,
    private readonly size: bigint,
  ) {}`,
      },
      {
        file: 'lazy-pager.ts',
        find: `new FileBackedLoader(file, start, offset)`,
        put: `new FileBackedLoader(file, start, offset, size)`,
      },
    ],
  },
  {
    id: 'tail-of-a-scratch-page',
    mistake:
      'All reads go through one scratch page, and what is past the end of the file stays in it from the read before.',
    rule: 'LP-8',
    check: 'lp-file-tail',
    source: 'contract E17',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const page = Page.new();
    const position = this.offset + (addr - this.start);
    for (let done = 0; done < 4096; ) {
      let got: number;
      try {
        got = this.file.read(position + BigInt(done), scratch.subarray(done));
      } catch (error) {
        page.drop();
        throw error;
      }
      if (got === 0) break;
      done += got;
    }
    page.innerMut().copyFrom(scratch);
    return page;
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `export class FileBackedLoader implements`,
        put: `const scratch = new Uint8Array(4096);

export class FileBackedLoader implements`,
      },
    ],
  },
  {
    id: 'beyond-the-file-refused',
    mistake: 'A page that lies wholly past the end of the file is not loaded.',
    rule: 'LP-8',
    check: 'lp-file-tail',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    if (this.offset + (addr - this.start) >= this.file.size()) throw KernelError.InvalidAccess;
    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
      },
    ],
  },
  {
    id: 'last-block-repeated',
    mistake: 'Pages past the end of the file show its last block again.',
    rule: 'LP-8',
    check: 'lp-file-tail',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const last = (this.file.size() - 1n) & ~0xfffn;
    const position = this.offset + (addr - this.start);
    return this.file.mmap(FileBlockNumber.fromOffset(position > last ? last : position));
`,
      },
    ],
  },
  {
    id: 'outside-gets-memory',
    mistake: 'An address in no region gets an anonymous page.',
    rule: 'LP-9',
    check: 'lp-outside',
    source: 'contract D6',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) throw KernelError.BadAddress;
`,
        put: `    if (vma === null) {
      pageTable.map(Va.pageDown(reason.faultAddr), Page.new(), 11n as Permission);
      return;
    }
`,
      },
    ],
  },
  {
    id: 'outside-is-an-exception',
    mistake: 'An address in no region ends in an exception of the language.',
    rule: 'LP-9',
    check: 'lp-outside',
    source: 'contract D7',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) throw KernelError.BadAddress;
`,
        put: `    if (vma === null) throw new TypeError('no region');
`,
      },
    ],
  },
  {
    id: 'outside-says-ok',
    mistake: 'A fault outside of the regions is reported as handled.',
    rule: 'LP-9',
    check: 'lp-outside',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) throw KernelError.BadAddress;
`,
        put: `    if (vma === null) return;
`,
      },
    ],
  },
  {
    id: 'guard-page-loaded',
    mistake: 'A region contains the page after it as well.',
    rule: 'LP-9',
    check: 'lp-outside',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const vma = this.vmaAt(reason.faultAddr);
`,
        put: `    const vma = this.vmaAt(reason.faultAddr) ?? this.vmas.find((each) => each.end <= reason.faultAddr && reason.faultAddr < each.end + 4096n) ?? null;
`,
      },
    ],
  },
  {
    id: 'size-not-rounded',
    mistake:
      'The end of a region is its size, not rounded up: the rest of the last page is outside.',
    rule: 'LP-9',
    check: 'lp-outside',
    source: 'contract L9',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const loader = file === null ? new`,
        put: `    const exact = addr + size;
    const loader = file === null ? new`,
      },
      {
        file: 'lazy-pager.ts',
        find: `new VmAreaStruct(loader, start, end, prot));
    return addr;`,
        put: `new VmAreaStruct(loader, start, exact, prot));
    return addr;`,
      },
      {
        file: 'lazy-pager.ts',
        find: `const { start, end } = rangeToMap(this.vmas, addr,`,
        put: `const { start } = rangeToMap(this.vmas, addr,`,
      },
    ],
  },
];
