/** Mistakes that show only when there are many pages or regions, or when numbers are high. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const eager = (find: string, put: string): Edit => ({ file: 'eager-pager.ts', find, put });
const mm = (find: string, put: string): Edit => ({ file: 'mm-struct.ts', find, put });

const MAP = '        pageTable.map(va, file === null ? Page.new() : file.mmap(block), prot);\n';
const UNMAP = '    for (const va of pagesOf(mapping)) pageTable.unmap(va).drop();\n';

export const mutants: readonly Mutant[] = [
  {
    id: 'file-pages-in-sixteen-bits',
    mistake: 'The distance of a page from the start of its region is kept in sixteen bits.',
    rule: 'AS-6',
    check: 'as-long-file',
    edits: [eager('(offset + (va - addr));', '(offset + BigInt.asUintN(16, va - addr));')],
  },
  {
    id: 'sixteen-pages-unmapped',
    mistake: 'There is room for sixteen pages in the list of what munmap unmaps.',
    rule: 'AS-11',
    check: 'as-munmap-long',
    edits: [
      eager('of pagesOf(mapping)) pageTable', 'of [...pagesOf(mapping)].slice(0, 16)) pageTable'),
    ],
  },
  {
    id: 'sixteen-pages-dropped',
    mistake: 'munmap gathers pages and drops them at its end; there is room for sixteen of them.',
    rule: 'AS-17',
    check: 'as-frames-long',
    edits: [
      eager(
        UNMAP,
        `    const pages: Page[] = [];
    for (const va of pagesOf(mapping)) {
      const page = pageTable.unmap(va);
      if (pages.length < 16) pages.push(page);
    }
    for (const page of pages) page.drop();
`,
      ),
    ],
  },
  {
    id: 'sixteen-pages-rolled-back',
    mistake: 'mmap remembers sixteen of the pages that it has mapped, and takes back only those.',
    rule: 'AS-19',
    check: 'as-rollback-long',
    edits: [
      eager('        mapped.push(va);\n', '        if (mapped.length < 16) mapped.push(va);\n'),
    ],
  },
  {
    id: 'sixteen-regions-compared',
    mistake:
      'A new region is compared with the first sixteen others; mmap meets the pages of the rest one by one, and keeps what it has mapped until then.',
    rule: 'AS-3',
    check: 'as-many-overlaps',
    edits: [
      eager(
        'rangeToMap(this.mappings.values(), ',
        'rangeToMap([...this.mappings.values()].slice(0, 16), ',
      ),
      eager(
        MAP,
        `        if (attempt(() => pageTable.walk(va)).ok) throw KernelError.FileExist;
${MAP}`,
      ),
      eager(
        '      for (const va of mapped) pageTable',
        '      if (error !== KernelError.FileExist) for (const va of mapped) pageTable',
      ),
      eager('  FileBlockNumber,\n', '  attempt,\n  FileBlockNumber,\n'),
    ],
  },
  {
    id: 'descriptor-in-six-bits',
    mistake: 'A descriptor is taken for an index of a table with 64 entries: modulo 64.',
    rule: 'AS-26',
    check: 'as-high-descriptors',
    edits: [
      { file: 'mm-struct.ts', find: 'files.get(Number(fd))', put: 'files.get(Number(fd & 63n))' },
    ],
  },
  {
    id: 'sixteen-pages-asked',
    mistake: 'accessOk asks for the first sixteen pages of a range.',
    rule: 'AS-22',
    check: 'as-range-long',
    edits: [
      mm(
        'for (let at = Va.pageDown(start) + PAGE_SIZE; at < end; at += PAGE_SIZE) {',
        `const stop = Va.pageDown(start) + 16n * PAGE_SIZE;
    for (let at = Va.pageDown(start) + PAGE_SIZE; at < end && at < stop; at += PAGE_SIZE) {`,
      ),
    ],
  },
  {
    id: 'pages-counted-in-forty-bits',
    mistake: 'The number of pages of a region is kept in forty bits.',
    rule: 'AS-2',
    check: 'as-size-bits',
    edits: [eager('addr, size, prot, file', 'addr, BigInt.asUintN(52, size), prot, file')],
  },
  {
    id: 'size-register-in-fifty-two-bits',
    mistake: 'mmap cuts arg2 to 52 bits, as if it were the address of a frame.',
    rule: 'AS-26',
    check: 'as-call-bits',
    edits: [mm('(addr, abi.arg2, prot', '(addr, BigInt.asUintN(52, abi.arg2), prot')],
  },
  {
    id: 'offset-register-in-forty-eight-bits',
    mistake: 'mmap cuts arg5 to 48 bits, as if it were an address.',
    rule: 'AS-26',
    check: 'as-call-bits',
    edits: [mm('file, abi.arg5)', 'file, BigInt.asUintN(48, abi.arg5))')],
  },
  {
    id: 'file-block-in-thirty-two-bits',
    mistake: 'The number of a block is kept in 32 bits.',
    rule: 'AS-7',
    check: 'as-offset-bits',
    edits: [
      eager(
        'FileBlockNumber.fromOffset(offset + (va - addr))',
        'FileBlockNumber.new(BigInt.asUintN(32, (offset + (va - addr)) / 4096n))',
      ),
    ],
  },
  {
    id: 'munmap-page-in-thirty-two-bits',
    mistake: 'Regions are kept by the number of their first page, in 32 bits.',
    rule: 'AS-12',
    check: 'as-munmap-bits',
    edits: [
      eager('this.mappings.set(addr,', 'this.mappings.set(BigInt.asUintN(44, addr),'),
      eager('this.mappings.get(addr)', 'this.mappings.get(BigInt.asUintN(44, addr))'),
      eager('this.mappings.delete(addr)', 'this.mappings.delete(BigInt.asUintN(44, addr))'),
    ],
  },
  {
    id: 'user-page-in-forty-seven-bits',
    mistake:
      'getUserPage cuts its address to the 47 bits that differ in user space, and finds a page for a kernel address.',
    rule: 'AS-15',
    check: 'as-user-page-bits',
    edits: [
      eager(
        'const mapping = rangeAt(this.mappings.values(), addr);',
        'addr = BigInt.asUintN(47, addr) as Va;\n    const mapping = rangeAt(this.mappings.values(), addr);',
      ),
    ],
  },
  {
    id: 'access-page-in-thirty-two-bits',
    mistake: 'accessOk keeps the number of a page, counted from the start of a region, in 32 bits.',
    rule: 'AS-16',
    check: 'as-access-bits',
    edits: [
      eager(
        'const mapping = rangeAt(this.mappings.values(), va);',
        `const mapping =
      [...this.mappings.values()].find(({ start, end }) => BigInt.asUintN(44, va - start) < end - start) ?? null;`,
      ),
    ],
  },
  {
    id: 'access-in-forty-seven-bits',
    mistake:
      'accessOk compares the 47 bits that differ in user space, and takes a kernel address for the user address with the same.',
    rule: 'AS-20',
    check: 'as-kernel-bits',
    edits: [
      eager(
        'rangeAt(this.mappings.values(), va)',
        'rangeAt(this.mappings.values(), BigInt.asUintN(47, va) as Va)',
      ),
    ],
  },
  {
    id: 'munmap-in-forty-seven-bits',
    mistake:
      'munmap compares the 47 bits that differ in user space, and takes a kernel address for the user address with the same.',
    rule: 'AS-12',
    check: 'as-munmap-bits',
    edits: [
      eager('this.mappings.get(addr)', 'this.mappings.get(BigInt.asUintN(47, addr))'),
      eager('this.mappings.delete(addr)', 'this.mappings.delete(mapping.start)'),
    ],
  },
  {
    id: 'address-register-in-forty-eight-bits',
    mistake: 'mmap cuts arg1 to the 48 bits of an address, and then finds nothing wrong with it.',
    rule: 'AS-24',
    check: 'as-register-bits',
    edits: [
      mm(
        'const addr = Va.new(abi.arg1);\n    const prot',
        'const addr = Va.new(BigInt.asUintN(48, abi.arg1));\n    const prot',
      ),
    ],
  },
  {
    id: 'growing-stack-accepted',
    mistake:
      'Bit 24 of the protection, which is PROT_GROWSDOWN in Linux, is accepted and has no effect.',
    rule: 'AS-24',
    check: 'as-register-bits',
    edits: [mm('const prot = abi.arg3;', 'const prot = abi.arg3 & ~0x100_0000n;')],
  },
  {
    id: 'munmap-register-in-forty-eight-bits',
    mistake: 'munmap cuts arg1 to the 48 bits of an address, and then finds nothing wrong with it.',
    rule: 'AS-27',
    check: 'as-munmap-call-bits',
    edits: [
      mm(
        'const addr = Va.new(abi.arg1);\n    if',
        'const addr = Va.new(BigInt.asUintN(48, abi.arg1));\n    if',
      ),
    ],
  },
  {
    id: 'descriptor-in-sixteen-bits',
    mistake: 'The descriptor is taken for a C short: 16 bits of the register.',
    rule: 'AS-25',
    check: 'as-descriptor-bits',
    edits: [mm('BigInt.asIntN(32, abi.arg4)', 'BigInt.asIntN(16, abi.arg4)')],
  },
];
