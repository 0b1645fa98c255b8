/** Mistakes that show when frames run short, reads fail, or addresses are the kernel’s. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'failed-map-leaks',
    mistake: 'If the page cannot be mapped, it is forgotten.',
    rule: 'LP-23',
    check: 'lp-out-of-memory',
    source: 'bug-finding 5.4: leak leaf on failure',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `pageTable.map(va, vma.loader.load(va), vma.prot);`,
        put: `pageTable.doMap(va, vma.loader.load(va).intoRaw(), vma.prot);`,
      },
    ],
  },
  {
    id: 'failed-map-drops-twice',
    mistake: 'If the page cannot be mapped, it is dropped, though map has done so already.',
    rule: 'LP-23',
    check: 'lp-out-of-memory',
    source: 'bug-finding 5.4: double free on retry',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `pageTable.map(va, vma.loader.load(va), vma.prot);`,
        put: `{
      const page = vma.loader.load(va);
      const pa = page.pa();
      try {
        pageTable.map(va, page, vma.prot);
      } catch (error) {
        Page.fromPa(pa).drop();
        throw error;
      }
    }`,
      },
    ],
  },
  {
    id: 'failure-says-ok',
    mistake: 'A load that fails is reported as handled.',
    rule: 'LP-23',
    check: 'lp-out-of-memory',
    source: 'bug-finding 5.4: error swallowed',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    attempt(() => this.load(pageTable, vma, reason.faultAddr));
`,
      },
    ],
  },
  {
    id: 'failure-retried-forever',
    mistake: 'A load that fails is tried again until it works.',
    rule: 'LP-23',
    check: 'lp-out-of-memory',
    source: 'bug-finding 5.4: fault handler retries forever',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    while (!attempt(() => this.load(pageTable, vma, reason.faultAddr)).ok);
`,
      },
    ],
  },
  {
    id: 'failure-remembered',
    mistake: 'A page counts as loaded from the first try on, so that a second one does nothing.',
    rule: 'LP-23',
    check: 'lp-out-of-memory',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
        put: `    const va = Va.pageDown(addr);
    if (this.tried.has(va) && !attempt(() => pageTable.walk(va)).ok) throw KernelError.Busy;
    this.tried.add(va);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.splice(index, 1);
`,
        put: `    this.vmas.splice(index, 1);
    this.tried.clear();
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  readonly vmas: VmAreaStruct[];
`,
        put: `  readonly vmas: VmAreaStruct[];
  private readonly tried = new Set<bigint>();
`,
      },
    ],
  },
  {
    id: 'failure-removes-region',
    mistake: 'If a page cannot be loaded, its region is given up.',
    rule: 'LP-23',
    check: 'lp-out-of-memory',
    source: 'bug-finding 5.4: a failure kills the mapping',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    const loaded = attempt(() => this.load(pageTable, vma, reason.faultAddr));
    if (loaded.ok) return;
    this.vmas.splice(this.vmas.indexOf(vma), 1);
    throw KernelError.NoMemory;
`,
      },
    ],
  },
  {
    id: 'read-error-is-zeros',
    mistake: 'A page that cannot be read is mapped full of zeros.',
    rule: 'LP-23',
    check: 'lp-read-error',
    source: 'bug-finding 5.4: file read error as zero page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const page = attempt(() => this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start))));
    return page.ok ? page.value : Page.new();
`,
      },
    ],
  },
  {
    id: 'read-error-leaks',
    mistake: 'The page that a read was to fill is forgotten when the read fails.',
    rule: 'LP-23',
    check: 'lp-read-error',
    source: 'bug-finding 5.4: leak on a failed read',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return this.file.mmap(FileBlockNumber.fromOffset(this.offset + (addr - this.start)));
`,
        put: `    const page = Page.new();
    const bytes = new Uint8Array(4096);
    const position = this.offset + (addr - this.start);
    for (let done = 0, got = 1; got > 0 && done < 4096; done += got)
      got = this.file.read(position + BigInt(done), bytes.subarray(done));
    page.innerMut().copyFrom(bytes);
    return page;
`,
      },
    ],
  },
  {
    id: 'mapped-before-it-is-filled',
    mistake:
      'The page is mapped first and filled then, so that a failed read leaves it there empty.',
    rule: 'LP-23',
    check: 'lp-read-error',
    source: 'bug-finding 5.4: half-loaded page',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `pageTable.map(va, vma.loader.load(va), vma.prot);`,
        put: `{
      pageTable.map(va, Page.new(), vma.prot);
      const page = vma.loader.load(va);
      PageRef.fromPa(pageTable.walk(va).pa()!).innerMut().copyFrom(page.inner());
      page.drop();
    }`,
      },
    ],
  },
  {
    id: 'failure-is-an-exception',
    mistake: 'A shortage ends in an exception of the language.',
    rule: 'LP-23',
    check: 'lp-out-of-memory',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.load(pageTable, vma, reason.faultAddr);
`,
        put: `    const loaded = attempt(() => this.load(pageTable, vma, reason.faultAddr));
    if (!loaded.ok) throw new Error('cannot load the page');
`,
      },
    ],
  },
  {
    id: 'walked-before-the-region',
    mistake: 'The fault handler walks the page table before it looks for the region.',
    rule: 'LP-24',
    check: 'lp-kernel-address',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (reason.isDemandPagingFault()) this`,
        put: `    pageTable.root.indexMut(Number((reason.faultAddr >> 39n) & 0x1ffn));
    if (reason.isDemandPagingFault()) this`,
      },
    ],
  },
  {
    id: 'cow-without-a-region',
    mistake: 'Copy-on-write asks the region only if there is one.',
    rule: 'LP-24',
    check: 'lp-kernel-address',
    source: 'contract K5',
    edits: [
      {
        file: 'fork.ts',
        find: `  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;
`,
        put: `  if (vma !== null && !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;
`,
      },
    ],
  },
  {
    id: 'kernel-address-panics',
    mistake: 'An address of the kernel half ends in an exception of the language.',
    rule: 'LP-24',
    check: 'lp-kernel-address',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return rangeAt(this.vmas, va);
`,
        put: `    if (va >= 0x8000_0000_0000n) throw new RangeError('not a user address');
    return rangeAt(this.vmas, va);
`,
      },
    ],
  },
  {
    id: 'user-page-of-the-kernel',
    mistake: 'getUserPage answers for addresses of the kernel half.',
    rule: 'LP-24',
    check: 'lp-kernel-address',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) return null;
    this.load`,
        put: `    if (vma === null && addr >= 0xffff_ff00_0000_0000n) return [PageRef.fromPa(readCr3()), Permission.READ];
    if (vma === null) return null;
    this.load`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  type Permission,
`,
        put: `  Permission,
  readCr3,
`,
      },
    ],
  },
  {
    id: 'munmap-lets-not-exist-out',
    mistake: 'munmap of an address without a region throws PageTableMappingError.NotExist.',
    rule: 'LP-25',
    check: 'lp-error-kind',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === undefined) throw KernelError.InvalidArgument;
`,
        put: `    if (vma === undefined) throw PageTableMappingError.NotExist;
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  PageRef,
  PFErrorCode`,
        put: `  PageRef,
  PageTableMappingError,
  PFErrorCode`,
      },
    ],
  },
  {
    id: 'overlap-is-duplicated',
    mistake: 'mmap throws PageTableMappingError.Duplicated for an overlap.',
    rule: 'LP-25',
    check: 'lp-error-kind',
    edits: [
      {
        file: 'user-range.ts',
        find: `throw KernelError.FileExist;`,
        put: `throw PageTableMappingError.Duplicated;`,
      },
      {
        file: 'user-range.ts',
        find: `  PAGE_SIZE,
  Permission,`,
        put: `  PAGE_SIZE,
  PageTableMappingError,
  Permission,`,
      },
    ],
  },
  {
    id: 'outside-is-not-exist',
    mistake: 'A fault outside of the regions ends in PageTableMappingError.NotExist.',
    rule: 'LP-25',
    check: 'lp-error-kind',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    if (vma === null) throw KernelError.BadAddress;
`,
        put: `    if (vma === null) throw PageTableMappingError.NotExist;
`,
      },
      {
        file: 'lazy-pager.ts',
        find: `  PageRef,
  PFErrorCode`,
        put: `  PageRef,
  PageTableMappingError,
  PFErrorCode`,
      },
    ],
  },
  {
    id: 'forbidden-is-invalid-permission',
    mistake: 'An access that the region forbids ends in PageTableMappingError.InvalidPermission.',
    rule: 'LP-25',
    check: 'lp-error-kind',
    edits: [
      {
        file: 'fork.ts',
        find: `  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;
`,
        put: `  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw PageTableMappingError.InvalidPermission;
`,
      },
      {
        file: 'fork.ts',
        find: `  PageRef,
  Permission,`,
        put: `  PageRef,
  PageTableMappingError,
  Permission,`,
      },
    ],
  },
];
