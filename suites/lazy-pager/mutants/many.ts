/** Mistakes that show only when there are many pages or regions, or when numbers are high. */
import type { Edit, Mutant } from '../../../harness/index.ts';

const lazy = (find: string, put: string): Edit => ({ file: 'lazy-pager.ts', find, put });

export const mutants: readonly Mutant[] = [
  {
    id: 'sixteen-regions-compared',
    mistake: 'A new region is compared with the first sixteen others.',
    rule: 'LP-3',
    check: 'lp-many-overlaps',
    edits: [lazy('rangeToMap(this.vmas, ', 'rangeToMap(this.vmas.slice(0, 16), ')],
  },
  {
    id: 'file-read-thirty-two-times',
    mistake: 'A pager reads thirty-two pages of files; all later ones stay zeros.',
    rule: 'LP-7',
    check: 'lp-long-file',
    edits: [
      lazy(
        '  readonly vmas: VmAreaStruct[];\n',
        '  readonly vmas: VmAreaStruct[];\n  private loads = 0;\n',
      ),
      lazy(
        'pageTable.map(va, vma.loader.load(va), vma.prot);',
        'pageTable.map(va, this.loads++ < 32 ? vma.loader.load(va) : Page.new(), vma.prot);',
      ),
    ],
  },
  {
    id: 'sixty-four-pages-unmapped',
    mistake: 'There is room for sixty-four pages in the list of what munmap unmaps.',
    rule: 'LP-14',
    check: 'lp-munmap-long',
    edits: [
      lazy(
        'for (const { va } of loaded) pageTable',
        'for (const { va } of loaded.slice(0, 64)) pageTable',
      ),
    ],
  },
  {
    id: 'file-block-in-thirty-two-bits',
    mistake: 'The number of a block is kept in 32 bits.',
    rule: 'LP-8',
    check: 'lp-offset-bits',
    edits: [
      lazy(
        'FileBlockNumber.fromOffset(this.offset + (addr - this.start))',
        'FileBlockNumber.new(BigInt.asUintN(32, (this.offset + (addr - this.start)) / 4096n))',
      ),
    ],
  },
  {
    id: 'munmap-page-in-thirty-two-bits',
    mistake: 'munmap compares numbers of pages that it keeps in 32 bits.',
    rule: 'LP-15',
    check: 'lp-munmap-bits',
    edits: [
      lazy('(vma) => vma.start === addr', '(vma) => BigInt.asUintN(44, vma.start ^ addr) === 0n'),
    ],
  },
  {
    id: 'access-page-in-thirty-two-bits',
    mistake: 'accessOk keeps the number of a page, counted from the start of a region, in 32 bits.',
    rule: 'LP-20',
    check: 'lp-access-bits',
    edits: [
      lazy(
        'const vma = this.vmaAt(va);\n    return vma !== null && allows',
        `const vma =
      this.vmas.find(({ start, end }) => BigInt.asUintN(44, va - start) < end - start) ?? null;
    return vma !== null && allows`,
      ),
    ],
  },
  {
    id: 'fault-page-in-thirty-two-bits',
    mistake:
      'The fault handler keeps the number of a page, counted from the start of a region, in 32 bits.',
    rule: 'LP-9',
    check: 'lp-outside-bits',
    edits: [
      lazy(
        'const vma = this.vmaAt(reason.faultAddr);',
        `const vma =
      this.vmas.find(({ start, end }) => BigInt.asUintN(44, reason.faultAddr - start) < end - start) ?? null;`,
      ),
    ],
  },
  {
    id: 'user-page-in-forty-seven-bits',
    mistake:
      'getUserPage cuts its address to the 47 bits that differ in user space, and finds a page for a kernel address.',
    rule: 'LP-19',
    check: 'lp-user-page-bits',
    edits: [
      lazy(
        'const vma = this.vmaAt(addr);\n    if (vma === null) return null;',
        'addr = BigInt.asUintN(47, addr) as Va;\n    const vma = this.vmaAt(addr);\n    if (vma === null) return null;',
      ),
    ],
  },
  {
    id: 'access-in-forty-seven-bits',
    mistake:
      'accessOk compares the 47 bits that differ in user space, and takes a kernel address for the user address with the same.',
    rule: 'LP-24',
    check: 'lp-kernel-bits',
    edits: [
      lazy(
        'const vma = this.vmaAt(va);\n    return vma !== null && allows',
        'const vma = this.vmaAt(BigInt.asUintN(47, va) as Va);\n    return vma !== null && allows',
      ),
    ],
  },
  {
    id: 'fault-in-forty-seven-bits',
    mistake:
      'The fault handler compares the 47 bits that differ in user space, and loads a page for a kernel address.',
    rule: 'LP-24',
    check: 'lp-kernel-bits',
    edits: [
      lazy(
        'const vma = this.vmaAt(reason.faultAddr);',
        'const vma = this.vmaAt(BigInt.asUintN(47, reason.faultAddr) as Va);',
      ),
    ],
  },
];
