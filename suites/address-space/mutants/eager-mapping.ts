/** Mistakes in EagerPager.mmap: what it returns, refuses and maps. */
import type { Mutant } from '../../../harness/index.ts';

const eager = (find: string, put: string) => ({ file: 'eager-pager.ts', find, put });
const ranges = (find: string, put: string) => ({ file: 'user-range.ts', find, put });

const LOOP = `    try {
      for (const va of pagesOf(range)) {
        const block = FileBlockNumber.fromOffset(offset + (va - addr));
        pageTable.map(va, file === null ? Page.new() : file.mmap(block), prot);
        mapped.push(va);
      }
    } catch (error) {
      for (const va of mapped) pageTable.unmap(va).drop();
      throw error;
    }`;

export const mutants: readonly Mutant[] = [
  {
    id: 'mmap-returns-size',
    mistake: 'mmap returns the number of bytes, as one of the documents says.',
    rule: 'AS-1',
    check: 'as-mmap-returns',
    edits: [eager('    return addr;\n', '    return size;\n')],
  },
  {
    id: 'sixteen-regions',
    mistake: 'There is room for sixteen regions.',
    rule: 'AS-1',
    check: 'as-many-regions',
    edits: [
      eager(
        '    const mapped: Va[] = [];\n',
        '    if (this.mappings.size === 16) throw KernelError.NoMemory;\n    const mapped: Va[] = [];\n',
      ),
    ],
  },
  {
    id: 'munmap-returns-size',
    mistake: 'munmap returns the number of bytes that it has unmapped.',
    rule: 'AS-11',
    check: 'as-munmap-returns',
    source: 'contract E25',
    edits: [eager('    return 0n;\n', '    return mapping.end - mapping.start;\n')],
  },
  {
    id: 'address-rounded',
    mistake: 'An unaligned address is rounded down instead of refused.',
    rule: 'AS-2',
    check: 'as-mmap-bad-address',
    source: 'contract E3',
    edits: [
      ranges('addr === 0n || Va.offset(addr) !== 0n || size', 'addr === 0n || size'),
      ranges(
        '  const end = addr + ((size',
        '  addr = Va.pageDown(addr);\n  const end = addr + ((size',
      ),
    ],
  },
  {
    id: 'null-accepted',
    mistake: 'Address 0 is taken for an ordinary address.',
    rule: 'AS-2',
    check: 'as-mmap-bad-address',
    edits: [ranges('if (addr === 0n || Va', 'if (Va')],
  },
  {
    id: 'end-not-checked',
    mistake: 'Only the start of the range is compared with the end of user space.',
    rule: 'AS-2',
    check: 'as-mmap-bad-address',
    source: 'contract E5',
    edits: [ranges('end > USER_END', 'addr >= USER_END')],
  },
  {
    id: 'end-wraps',
    mistake: 'The end is computed with 64 bits and wraps around to a small address.',
    rule: 'AS-2',
    check: 'as-mmap-bad-address',
    source: 'contract E6',
    edits: [
      ranges(
        'const end = addr + ((size + PAGE_MASK) & ~PAGE_MASK);',
        'const end = BigInt.asUintN(64, addr + ((size + PAGE_MASK) & ~PAGE_MASK));',
      ),
    ],
  },
  {
    id: 'last-page-refused',
    mistake: 'A range that ends exactly at the end of user space is refused.',
    rule: 'AS-2',
    check: 'as-mmap-bad-address',
    edits: [ranges('end > USER_END', 'end >= USER_END')],
  },
  {
    id: 'wrong-error',
    mistake: 'An address that makes no sense is answered with BadAddress.',
    rule: 'AS-2',
    check: 'as-mmap-bad-address',
    edits: [
      ranges(
        'end > USER_END) {\n    throw KernelError.InvalidArgument;',
        'end > USER_END) {\n    throw size === 0n ? KernelError.InvalidArgument : KernelError.BadAddress;',
      ),
    ],
  },
  {
    id: 'no-overlap-check',
    mistake: 'Overlaps are left to Duplicated, which comes after the first pages have been mapped.',
    rule: 'AS-21',
    check: 'as-error-kind',
    source: 'contract E10',
    edits: [ranges('if (addr < other.end && other.start < end)', 'if (addr === other.start)')],
  },
  {
    id: 'overlap-partly-mapped',
    mistake: 'An overlap is noticed while mapping, and the pages that were mapped before it stay.',
    rule: 'AS-3',
    check: 'as-mmap-overlap',
    source: 'contract E10',
    edits: [
      ranges('if (addr < other.end && other.start < end)', 'if (addr === other.start)'),
      eager(
        LOOP,
        LOOP.replace(
          '        const block',
          `        if (attempt(() => pageTable.walk(va)).ok) throw KernelError.FileExist;
        const block`,
        ).replace(
          'for (const va of mapped)',
          'if (error !== KernelError.FileExist) for (const va of mapped)',
        ),
      ),
      eager('  FileBlockNumber,\n', '  attempt,\n  FileBlockNumber,\n'),
    ],
  },
  {
    id: 'overlap-end-only',
    mistake:
      'A new region is compared with the starts of the others only, so one that begins inside another passes.',
    rule: 'AS-21',
    check: 'as-error-kind',
    source: 'contract L6',
    edits: [
      ranges(
        'if (addr < other.end && other.start < end)',
        'if (addr <= other.start && other.start < end)',
      ),
    ],
  },
  {
    id: 'neighbours-refused',
    mistake: 'A region that touches another one is called an overlap.',
    rule: 'AS-1',
    check: 'as-mmap-allowed',
    edits: [
      ranges('addr < other.end && other.start < end', 'addr <= other.end && other.start <= end'),
    ],
  },
  {
    id: 'size-zero',
    mistake: 'A region of size 0 is accepted.',
    rule: 'AS-3',
    check: 'as-mmap-empty',
    edits: [
      ranges('Va.offset(addr) !== 0n || size === 0n || end', 'Va.offset(addr) !== 0n || end'),
    ],
  },
  {
    id: 'empty-file',
    mistake: 'An empty file is mapped as zeros.',
    rule: 'AS-3',
    check: 'as-mmap-empty',
    edits: [ranges(' || file.size() === 0n', '')],
  },
  {
    id: 'read-implied',
    mistake: 'A permission without READ is accepted, with READ added.',
    rule: 'AS-4',
    check: 'as-mmap-unmappable',
    edits: [
      ranges('  if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;\n', ''),
      eager('file.mmap(block), prot);', 'file.mmap(block), prot | 1n);'),
    ],
  },
  {
    id: 'permission-error-leaks-out',
    mistake:
      'A permission without READ is left to the page table, whose error goes on to the caller.',
    rule: 'AS-4',
    check: 'as-mmap-unmappable',
    edits: [
      ranges('  if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;\n', ''),
    ],
  },
  {
    id: 'offset-truncated',
    mistake: 'An offset inside a block is rounded down to the block.',
    rule: 'AS-4',
    check: 'as-mmap-unmappable',
    source: 'contract E19',
    edits: [ranges('((offset & PAGE_MASK) !== 0n || file.size() === 0n)', 'file.size() === 0n')],
  },
  {
    id: 'offset-checked-without-file',
    mistake: 'The offset is looked at although there is no file.',
    rule: 'AS-1',
    check: 'as-mmap-allowed',
    edits: [
      ranges(
        'if (file !== null && ((offset & PAGE_MASK) !== 0n || file.size() === 0n))',
        'if ((offset & PAGE_MASK) !== 0n || (file !== null && file.size() === 0n))',
      ),
    ],
  },
  {
    id: 'first-page-only',
    mistake: 'Only the first page is mapped; the others would have to be loaded by faults.',
    rule: 'AS-5',
    check: 'as-mmap-eager',
    edits: [eager('        mapped.push(va);\n', '        mapped.push(va);\n        break;\n')],
  },
  {
    id: 'size-rounded-down',
    mistake: 'The size is rounded down to whole pages.',
    rule: 'AS-5',
    check: 'as-mmap-eager',
    edits: [ranges('((size + PAGE_MASK) & ~PAGE_MASK)', '(size & ~PAGE_MASK)')],
  },
  {
    id: 'one-page-too-many',
    mistake: 'The loop runs to the end inclusively.',
    rule: 'AS-8',
    check: 'as-outside',
    edits: [
      ranges(
        'start + offset < end; offset',
        'start + offset <= end && start + offset < USER_END; offset',
      ),
    ],
  },
  {
    id: 'one-page-shared',
    mistake: 'One page of zeros is mapped at every address of an anonymous region.',
    rule: 'AS-18',
    check: 'as-private',
    edits: [
      eager(
        '    const mapped: Va[] = [];\n',
        '    const mapped: Va[] = [];\n    const zeros = Page.new();\n',
      ),
      eager('file === null ? Page.new()', 'file === null ? zeros.clone()'),
      eager(
        '      throw error;\n    }\n',
        '      throw error;\n    } finally {\n      zeros.drop();\n    }\n',
      ),
    ],
  },
  {
    id: 'code-is-for-users',
    mistake: 'Whatever is executable is mapped for user mode, too, code of the kernel included.',
    rule: 'AS-9',
    check: 'as-rights',
    edits: [
      {
        file: 'eager-pager.ts',
        find: `file === null ? Page.new() : file.mmap(block), prot);`,
        put: `file === null ? Page.new() : file.mmap(block), (prot & 4n) === 0n ? prot : prot | 8n);`,
      },
    ],
  },
];
