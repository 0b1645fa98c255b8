/** Mistakes in mmap: what it returns and what it refuses. */
import type { Mutant } from '../../../harness/index.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'mmap-returns-size',
    mistake: 'mmap returns the number of bytes mapped.',
    rule: 'LP-1',
    check: 'lp-mmap-returns',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return size;
`,
      },
    ],
  },
  {
    id: 'sixteen-regions',
    mistake: 'There is room for sixteen regions.',
    rule: 'LP-1',
    check: 'lp-many-regions',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    if (this.vmas.length === 16) throw KernelError.NoMemory;
    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
      },
    ],
  },
  {
    id: 'mmap-returns-end',
    mistake: 'mmap returns the end of the region.',
    rule: 'LP-1',
    check: 'lp-mmap-returns',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return end;
`,
      },
    ],
  },
  {
    id: 'mmap-returns-pages',
    mistake: 'mmap returns the number of pages.',
    rule: 'LP-1',
    check: 'lp-mmap-returns',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return addr;
`,
        put: `    this.vmas.push(new VmAreaStruct(loader, start, end, prot));
    return (end - start) >> 12n;
`,
      },
    ],
  },
  {
    id: 'munmap-returns-bytes',
    mistake: 'munmap returns the number of bytes unmapped.',
    rule: 'LP-14',
    check: 'lp-munmap-returns',
    source: 'contract E25',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return 0n;
`,
        put: `    return vma.end - vma.start;
`,
      },
    ],
  },
  {
    id: 'munmap-returns-address',
    mistake: 'munmap returns the address that it was given.',
    rule: 'LP-14',
    check: 'lp-munmap-returns',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    return 0n;
`,
        put: `    return addr;
`,
      },
    ],
  },
  {
    id: 'touching-regions-refused',
    mistake: 'A region that begins where another one ends counts as an overlap.',
    rule: 'LP-1',
    check: 'lp-mmap-accepts',
    edits: [
      {
        file: 'user-range.ts',
        find: `    if (addr < other.end && other.start < end) throw KernelError.FileExist;
`,
        put: `    if (addr <= other.end && other.start < end) throw KernelError.FileExist;
`,
      },
    ],
  },
  {
    id: 'write-and-execute-refused',
    mistake: 'mmap refuses WRITE together with EXECUTABLE.',
    rule: 'LP-1',
    check: 'lp-mmap-accepts',
    edits: [
      {
        file: 'user-range.ts',
        find: `  if (!contains(prot, Permission.READ)) throw`,
        put: `  if (contains(prot, Permission.WRITE | Permission.EXECUTABLE)) throw KernelError.InvalidArgument;
  if (!contains(prot, Permission.READ)) throw`,
      },
    ],
  },
  {
    id: 'user-required',
    mistake: 'mmap refuses a permission without USER.',
    rule: 'LP-1',
    check: 'lp-mmap-accepts',
    source: 'contract E23',
    edits: [
      {
        file: 'user-range.ts',
        find: `  if (!contains(prot, Permission.READ)) throw`,
        put: `  if (!contains(prot, Permission.READ | Permission.USER)) throw`,
      },
    ],
  },
  {
    id: 'sizes-must-be-whole-pages',
    mistake: 'mmap refuses a size that is not a multiple of the page size.',
    rule: 'LP-1',
    check: 'lp-mmap-accepts',
    edits: [
      {
        file: 'user-range.ts',
        find: `  if (addr === 0n || Va.offset(addr) !== 0n || size === 0n || end > USER_END) {
`,
        put: `  if (addr === 0n || Va.offset(addr) !== 0n || size === 0n || (size & PAGE_MASK) !== 0n || end > USER_END) {
`,
      },
    ],
  },
  {
    id: 'longer-than-file-refused',
    mistake: 'mmap refuses a range that is longer than its file.',
    rule: 'LP-8',
    check: 'lp-file-tail',
    edits: [
      {
        file: 'user-range.ts',
        find: `(offset & PAGE_MASK) !== 0n ||`,
        put: `(offset & PAGE_MASK) !== 0n || offset + size > file.size() ||`,
      },
    ],
  },
  {
    id: 'null-accepted',
    mistake: 'mmap accepts address 0.',
    rule: 'LP-2',
    check: 'lp-mmap-bad-address',
    edits: [{ file: 'user-range.ts', find: `addr === 0n || Va`, put: `Va` }],
  },
  {
    id: 'unaligned-address-rounded',
    mistake: 'mmap rounds an unaligned address down.',
    rule: 'LP-2',
    check: 'lp-mmap-bad-address',
    source: 'contract E3',
    edits: [
      {
        file: 'user-range.ts',
        find: `  const end = addr + ((size + PAGE_MASK) & ~PAGE_MASK);
`,
        put: `  addr = Va.pageDown(addr);
  const end = addr + ((size + PAGE_MASK) & ~PAGE_MASK);
`,
      },
    ],
  },
  {
    id: 'end-not-checked',
    mistake: 'Only the start of the range is held against the end of user space.',
    rule: 'LP-2',
    check: 'lp-mmap-bad-address',
    source: 'contract E5',
    edits: [{ file: 'user-range.ts', find: `end > USER_END`, put: `addr >= USER_END` }],
  },
  {
    id: 'end-wraps-around',
    mistake: 'The end of the range is computed with 64 bits, so that a huge size wraps around.',
    rule: 'LP-2',
    check: 'lp-mmap-bad-address',
    source: 'contract E6',
    edits: [
      {
        file: 'user-range.ts',
        find: `  const end = addr + ((size + PAGE_MASK) & ~PAGE_MASK);
`,
        put: `  const end = BigInt.asUintN(64, addr + ((size + PAGE_MASK) & ~PAGE_MASK));
`,
      },
    ],
  },
  {
    id: 'last-page-refused',
    mistake: 'A range that ends exactly at the end of user space is refused.',
    rule: 'LP-2',
    check: 'lp-mmap-bad-address',
    edits: [{ file: 'user-range.ts', find: `end > USER_END`, put: `end >= USER_END` }],
  },
  {
    id: 'bad-address-error',
    mistake: 'mmap says BadAddress where InvalidArgument is asked for.',
    rule: 'LP-2',
    check: 'lp-mmap-bad-address',
    edits: [
      {
        file: 'user-range.ts',
        find: `  if (addr === 0n || Va.offset(addr) !== 0n || size === 0n || end > USER_END) {
    throw KernelError.InvalidArgument;
  }
  if (!contains(prot`,
        put: `  if (addr === 0n || Va.offset(addr) !== 0n || size === 0n || end > USER_END) {
    throw KernelError.BadAddress;
  }
  if (!contains(prot`,
      },
    ],
  },
  {
    id: 'pages-counted-one-by-one',
    mistake:
      'mmap looks for overlaps page by page before it looks at the end of the range: huge sizes take for ever.',
    rule: 'LP-2',
    check: 'lp-mmap-bad-address',
    edits: [
      {
        file: 'user-range.ts',
        find: `  if (addr === 0n || Va.offset(addr) !== 0n || size === 0n || end > USER_END) {
`,
        put: `  const others = [...taken];
  for (let at = BigInt(addr); at < end; at += PAGE_SIZE) {
    if (others.some((other) => other.start <= at && at < other.end)) throw KernelError.FileExist;
  }
  if (addr === 0n || Va.offset(addr) !== 0n || size === 0n || end > USER_END) {
`,
      },
    ],
  },
  {
    id: 'overlap-not-checked',
    mistake: 'mmap does not look whether the range overlaps a region.',
    rule: 'LP-3',
    check: 'lp-mmap-overlap',
    source: 'contract L3',
    edits: [
      {
        file: 'user-range.ts',
        find: `  for (const other of taken) {
    if (addr < other.end && other.start < end) throw KernelError.FileExist;
  }
`,
        put: ``,
      },
    ],
  },
  {
    id: 'overlap-successor-only',
    mistake: 'Only a region that begins inside the new one counts as an overlap.',
    rule: 'LP-3',
    check: 'lp-mmap-overlap',
    source: 'contract L6',
    edits: [
      {
        file: 'user-range.ts',
        find: `    if (addr < other.end && other.start < end) throw KernelError.FileExist;
`,
        put: `    if (addr <= other.start && other.start < end) throw KernelError.FileExist;
`,
      },
    ],
  },
  {
    id: 'overlap-predecessor-only',
    mistake: 'Only a region that the new one begins inside counts as an overlap.',
    rule: 'LP-3',
    check: 'lp-mmap-overlap',
    edits: [
      {
        file: 'user-range.ts',
        find: `    if (addr < other.end && other.start < end) throw KernelError.FileExist;
`,
        put: `    if (other.start <= addr && addr < other.end) throw KernelError.FileExist;
`,
      },
    ],
  },
  {
    id: 'overlap-same-start-only',
    mistake: 'Only a region with the same start counts as an overlap.',
    rule: 'LP-3',
    check: 'lp-mmap-overlap',
    source: 'contract E10',
    edits: [
      {
        file: 'user-range.ts',
        find: `    if (addr < other.end && other.start < end) throw KernelError.FileExist;
`,
        put: `    if (addr === other.start) throw KernelError.FileExist;
`,
      },
    ],
  },
  {
    id: 'overlap-last-region-only',
    mistake: 'The range is held against the region that was mapped last, not against all.',
    rule: 'LP-3',
    check: 'lp-mmap-overlap',
    source: 'contract L16',
    edits: [
      {
        file: 'user-range.ts',
        find: `  for (const other of taken) {
`,
        put: `  for (const other of [...taken].slice(-1)) {
`,
      },
    ],
  },
  {
    id: 'inside-is-no-overlap',
    mistake: 'A range that lies inside a region does not count as an overlap.',
    rule: 'LP-3',
    check: 'lp-mmap-overlap',
    edits: [
      {
        file: 'user-range.ts',
        find: `    if (addr < other.end && other.start < end) throw KernelError.FileExist;
`,
        put: `    if (addr < other.end && other.start < end && !(other.start < addr && end < other.end)) throw KernelError.FileExist;
`,
      },
    ],
  },
  {
    id: 'overlap-replaces',
    mistake: 'A new region takes the place of those that it overlaps, as MAP_FIXED would.',
    rule: 'LP-3',
    check: 'lp-mmap-overlap',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const { start, end } = rangeToMap(this.vmas, addr,`,
        put: `    const covers = (vma: VmAreaStruct) => addr < vma.end && vma.start < addr + size;
    for (const old of this.vmas.filter(covers)) this.munmap(_pageTable, old.start);
    const { start, end } = rangeToMap(this.vmas, addr,`,
      },
    ],
  },
  {
    id: 'size-0-accepted',
    mistake: 'mmap accepts size 0.',
    rule: 'LP-3',
    check: 'lp-mmap-empty',
    edits: [{ file: 'user-range.ts', find: `size === 0n || end`, put: `end` }],
  },
  {
    id: 'empty-file-accepted',
    mistake: 'mmap accepts a file without a byte.',
    rule: 'LP-3',
    check: 'lp-mmap-empty',
    edits: [
      {
        file: 'user-range.ts',
        find: `(offset & PAGE_MASK) !== 0n || file.size() === 0n`,
        put: `(offset & PAGE_MASK) !== 0n`,
      },
    ],
  },
  {
    id: 'refused-region-recorded',
    mistake: 'mmap writes the region down before it looks whether the file is empty.',
    rule: 'LP-3',
    check: 'lp-mmap-empty',
    source: 'contract E12',
    edits: [
      {
        file: 'lazy-pager.ts',
        find: `    const { start, end } = rangeToMap(this.vmas, addr, size, prot, file, offset);
    const loader`,
        put: `    const { start, end } = rangeToMap(this.vmas, addr, size, prot, null, offset);
    if (file?.size() === 0n) {
      this.vmas.push(new VmAreaStruct(new AnonLoader(), start, end, prot));
      throw KernelError.InvalidArgument;
    }
    if (file !== null && Va.offset(offset as Va) !== 0n) throw KernelError.InvalidArgument;
    const loader`,
      },
    ],
  },
  {
    id: 'no-read-accepted',
    mistake: 'mmap accepts a permission without READ.',
    rule: 'LP-4',
    check: 'lp-mmap-unmappable',
    source: 'contract L8',
    edits: [
      {
        file: 'user-range.ts',
        find: `  if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
`,
        put: ``,
      },
    ],
  },
  {
    id: 'only-empty-prot-refused',
    mistake: 'mmap refuses the empty permission only.',
    rule: 'LP-4',
    check: 'lp-mmap-unmappable',
    edits: [
      { file: 'user-range.ts', find: `!contains(prot, Permission.READ)`, put: `prot === 0n` },
    ],
  },
  {
    id: 'unaligned-offset-truncated',
    mistake: 'An offset that is not a multiple of the page size is rounded down.',
    rule: 'LP-4',
    check: 'lp-mmap-unmappable',
    source: 'contract E19',
    edits: [
      {
        file: 'user-range.ts',
        find: `((offset & PAGE_MASK) !== 0n || file.size() === 0n)`,
        put: `file.size() === 0n`,
      },
    ],
  },
  {
    id: 'unmappable-error',
    mistake: 'mmap says NotSupportedOperation for a permission without READ.',
    rule: 'LP-4',
    check: 'lp-mmap-unmappable',
    edits: [
      {
        file: 'user-range.ts',
        find: `  if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;`,
        put: `  if (!contains(prot, Permission.READ)) throw KernelError.NotSupportedOperation;`,
      },
    ],
  },
];
