/** Mistakes in EagerPager.munmap, getUserPage and accessOk. */
import type { Mutant } from '../../../harness/index.ts';

const eager = (find: string, put: string) => ({ file: 'eager-pager.ts', find, put });
const ranges = (find: string, put: string) => ({ file: 'user-range.ts', find, put });

const UNMAP = '    for (const va of pagesOf(mapping)) pageTable.unmap(va).drop();\n';
const LOOK_UP = '    const mapping = this.mappings.get(addr);\n';
const FIND_USER = 'const mapping = rangeAt(this.mappings.values(), addr);';

export const mutants: readonly Mutant[] = [
  {
    id: 'munmap-releases-at-exit',
    mistake: 'The pages go into a list, which is released when the process exits.',
    rule: 'AS-17',
    check: 'as-little-memory',
    edits: [
      eager(
        UNMAP,
        UNMAP.replace('pageTable.unmap(va).drop()', 'this.graveyard.push(pageTable.unmap(va))'),
      ),
      eager(
        '  readonly mappings = new Map<bigint, Mapping>();\n',
        `  readonly mappings = new Map<bigint, Mapping>();
  private readonly graveyard: Page[] = [];
  drop(): void {
    for (const page of this.graveyard) page.drop();
  }
`,
      ),
    ],
  },
  {
    id: 'munmap-first-page-only',
    mistake: 'munmap removes the first page of the region only.',
    rule: 'AS-11',
    check: 'as-munmap',
    source: 'contract E28',
    edits: [eager(UNMAP, '    pageTable.unmap(addr).drop();\n')],
  },
  {
    id: 'munmap-one-page-too-many',
    mistake: 'munmap goes one page past the region.',
    rule: 'AS-10',
    check: 'as-munmap-neighbours',
    source: 'contract E29',
    edits: [
      eager(
        UNMAP,
        `${UNMAP}    const after = Va.new(mapping.end);
    if (after !== null) {
      const extra = attempt(() => pageTable.unmap(after));
      if (extra.ok) extra.value.drop();
    }
`,
      ),
      eager('  FileBlockNumber,\n', '  attempt,\n  FileBlockNumber,\n'),
    ],
  },
  {
    id: 'munmap-remembers-region',
    mistake: 'munmap unmaps the pages and does not forget the region.',
    rule: 'AS-11',
    check: 'as-munmap',
    source: 'contract E27',
    edits: [eager('    this.mappings.delete(addr);\n', '')],
  },
  {
    id: 'munmap-forgets-only',
    mistake: 'munmap forgets the region, and its pages stay mapped.',
    rule: 'AS-11',
    check: 'as-munmap',
    edits: [eager(UNMAP, '')],
  },
  {
    id: 'munmap-inside',
    mistake: 'An address inside a region unmaps the region.',
    rule: 'AS-12',
    check: 'as-munmap-refused',
    source: 'contract E26',
    edits: [
      eager(LOOK_UP, '    const mapping = rangeAt(this.mappings.values(), addr) ?? undefined;\n'),
      eager('this.mappings.delete(addr)', 'this.mappings.delete(mapping.start)'),
    ],
  },
  {
    id: 'munmap-rounds',
    mistake: 'An unaligned address is rounded down to the start of a region.',
    rule: 'AS-12',
    check: 'as-munmap-refused',
    source: 'contract E31',
    edits: [
      eager(
        LOOK_UP,
        '    addr = Va.pageDown(addr);\n    const mapping = this.mappings.get(addr);\n',
      ),
    ],
  },
  {
    id: 'munmap-unknown-is-fine',
    mistake: 'munmap of what is not mapped succeeds.',
    rule: 'AS-12',
    check: 'as-munmap-refused',
    edits: [
      eager(
        'if (mapping === undefined) throw KernelError.InvalidArgument;',
        'if (mapping === undefined) return 0n;',
      ),
    ],
  },
  {
    id: 'munmap-invalidates-first-only',
    mistake: 'The leaves are cleared by hand, and only the first page is invalidated.',
    rule: 'AS-13',
    check: 'as-invalidate',
    source: 'contract T3',
    edits: [
      eager(
        UNMAP,
        `    for (const va of pagesOf(mapping)) {
      if (va === addr) pageTable.unmap(va).drop();
      else {
        const pa = (pageTable.walk(va) as Pte).clear();
        if (pa !== null) Page.fromPa(pa).drop();
      }
    }
`,
      ),
      eager('  type Permission,\n', '  type Permission,\n  type Pte,\n'),
    ],
  },
  {
    id: 'munmap-keeps-frames',
    mistake: 'The pages that unmap returns are not dropped.',
    rule: 'AS-17',
    check: 'as-frames',
    edits: [eager(UNMAP, '    for (const va of pagesOf(mapping)) pageTable.unmap(va);\n')],
  },
  {
    id: 'munmap-drops-twice',
    mistake: 'The frame of an unmapped page is released twice.',
    rule: 'AS-17',
    check: 'as-frames',
    source: 'contract U7',
    edits: [
      eager(
        UNMAP,
        `    for (const va of pagesOf(mapping)) {
      const page = pageTable.unmap(va);
      const pa = page.pa();
      page.drop();
      Page.fromPa(pa).drop();
    }
`,
      ),
    ],
  },
  {
    id: 'old-pages-come-back',
    mistake: 'munmap keeps the pages, and a new region at the same place shows them again.',
    rule: 'AS-14',
    check: 'as-remap',
    edits: [
      eager(
        UNMAP,
        '    for (const va of pagesOf(mapping)) this.kept.set(va, pageTable.unmap(va));\n',
      ),
      eager(
        'pageTable.map(va, file === null ? Page.new() : file.mmap(block), prot);',
        `const kept = this.kept.get(va);
        this.kept.delete(va);
        pageTable.map(va, kept ?? (file === null ? Page.new() : file.mmap(block)), prot);`,
      ),
      eager(
        '  readonly mappings = new Map<bigint, Mapping>();\n',
        `  readonly mappings = new Map<bigint, Mapping>();
  private readonly kept = new Map<bigint, Page>();

  drop(): void {
    for (const page of this.kept.values()) page.drop();
  }
`,
      ),
    ],
  },
  {
    id: 'handles-kept',
    mistake: 'A list of all pages, kept for debugging, holds on to frames after munmap.',
    rule: 'AS-17',
    check: 'as-frames',
    source: 'contract F8',
    edits: [
      eager(
        '  readonly mappings = new Map<bigint, Mapping>();\n',
        '  readonly mappings = new Map<bigint, Mapping>();\n  readonly all: Page[] = [];\n',
      ),
      eager(
        'pageTable.map(va, file === null ? Page.new() : file.mmap(block), prot);',
        'const page = file === null ? Page.new() : file.mmap(block);\n        this.all.push(page.clone());\n        pageTable.map(va, page, prot);',
      ),
    ],
  },
  {
    id: 'user-page-owned',
    mistake: 'getUserPage counts another owner of the page each time.',
    rule: 'AS-17',
    check: 'as-frames',
    source: 'contract F7',
    edits: [
      eager(
        '[PageRef.fromPa(pa), mapping.perm]',
        '[PageRef.fromPa(PageRef.fromPa(pa).intoPage().intoRaw()), mapping.perm]',
      ),
    ],
  },
  {
    id: 'user-page-unaligned',
    mistake: 'getUserPage works for aligned addresses only.',
    rule: 'AS-15',
    check: 'as-get-user-page',
    edits: [eager('pageTable.walk(Va.pageDown(addr)).pa()', 'pageTable.walk(addr).pa()')],
  },
  {
    id: 'user-page-at-offset',
    mistake: 'The page that getUserPage returns begins at the address instead of at its page.',
    rule: 'AS-15',
    check: 'as-get-user-page',
    source: 'contract G2',
    edits: [
      eager(
        '[PageRef.fromPa(pa), mapping.perm]',
        '[PageRef.fromPa((pa + Va.offset(addr)) as typeof pa), mapping.perm]',
      ),
    ],
  },
  {
    id: 'user-page-of-kernel',
    mistake: 'getUserPage asks the page table and not the regions, for kernel addresses, too.',
    rule: 'AS-20',
    check: 'as-kernel-addresses',
    source: 'contract G4',
    edits: [
      eager(
        '    if (mapping === null) return null;\n    const pa = pageTable.walk(Va.pageDown(addr)).pa();\n    return pa === null ? null : [PageRef.fromPa(pa), mapping.perm];',
        '    const leaf = attempt(() => pageTable.walk(Va.pageDown(addr)));\n    const pa = leaf.ok ? leaf.value.pa() : null;\n    return pa === null ? null : [PageRef.fromPa(pa), mapping?.perm ?? 15n];',
      ),
      eager('  FileBlockNumber,\n', '  attempt,\n  FileBlockNumber,\n'),
    ],
  },
  {
    id: 'user-page-without-region',
    mistake:
      'getUserPage asks the page table and not the regions, and throws where nothing is mapped.',
    rule: 'AS-15',
    check: 'as-get-user-page-null',
    source: 'contract G5',
    edits: [
      eager(
        '    if (mapping === null) return null;\n    const pa = pageTable.walk(Va.pageDown(addr)).pa();\n',
        '    const pa = pageTable.walk(Va.pageDown(addr)).pa();\n    if (mapping === null) return null;\n',
      ),
    ],
  },
  {
    id: 'user-page-permission',
    mistake: 'getUserPage returns READ | WRITE | USER for every page.',
    rule: 'AS-15',
    check: 'as-get-user-page',
    edits: [eager('PageRef.fromPa(pa), mapping.perm]', 'PageRef.fromPa(pa), 11n]')],
  },
  {
    id: 'user-page-by-start',
    mistake: 'getUserPage finds the first page of a region only.',
    rule: 'AS-15',
    check: 'as-get-user-page',
    edits: [
      eager(
        FIND_USER + '\n    if (mapping === null) return null;',
        'const mapping = this.mappings.get(Va.pageDown(addr)) ?? null;\n    if (mapping === null) return null;',
      ),
    ],
  },
  {
    id: 'access-ignores-write',
    mistake: 'accessOk does not look at what kind of access it is.',
    rule: 'AS-16',
    check: 'as-access-ok',
    source: 'contract A1',
    edits: [
      ranges(
        'isWrite ? Permission.WRITE : Permission.READ',
        'isWrite ? Permission.READ : Permission.READ',
      ),
    ],
  },
  {
    id: 'access-read-needs-write',
    mistake: 'accessOk wants WRITE for reading, too.',
    rule: 'AS-16',
    check: 'as-access-ok',
    source: 'contract A2',
    edits: [
      ranges(
        'isWrite ? Permission.WRITE : Permission.READ',
        'isWrite ? Permission.WRITE : Permission.WRITE',
      ),
    ],
  },
  {
    id: 'access-needs-user',
    mistake: 'accessOk wants USER.',
    rule: 'AS-16',
    check: 'as-access-ok',
    source: 'contract A3',
    edits: [
      ranges(
        'return contains(prot, isWrite',
        'return contains(prot, Permission.USER) && contains(prot, isWrite',
      ),
    ],
  },
  {
    id: 'access-end-inclusive',
    mistake: 'The end of a region counts as part of it.',
    rule: 'AS-16',
    check: 'as-access-ok',
    source: 'contract A4',
    edits: [
      eager(
        '    const mapping = rangeAt(this.mappings.values(), va);\n',
        '    const mapping = [...this.mappings.values()].find((each) => each.start <= va && va <= each.end) ?? null;\n',
      ),
    ],
  },
  {
    id: 'access-by-start',
    mistake: 'accessOk finds the first page of a region only.',
    rule: 'AS-16',
    check: 'as-access-ok',
    edits: [
      eager(
        '    const mapping = rangeAt(this.mappings.values(), va);\n',
        '    const mapping = this.mappings.get(Va.pageDown(va)) ?? null;\n',
      ),
    ],
  },
  {
    id: 'access-length-unrounded',
    mistake: 'The last page counts up to the size that was asked for, not to its end.',
    rule: 'AS-16',
    check: 'as-access-ok',
    source: 'contract L9',
    edits: [
      eager(
        'new Mapping(range.start, range.end, prot)',
        'new Mapping(range.start, addr + size, prot)',
      ),
    ],
  },
  {
    id: 'access-next-region',
    mistake:
      'accessOk looks at the first region that ends after the address, even if it begins after it, too.',
    rule: 'AS-16',
    check: 'as-access-ok',
    source: 'contract A19',
    edits: [
      eager(
        '    const mapping = rangeAt(this.mappings.values(), va);\n',
        '    const mapping = [...this.mappings.values()].find(({ end }) => va < end) ?? null;\n',
      ),
    ],
  },
];
