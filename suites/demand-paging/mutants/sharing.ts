/** Mistakes about frames that are shared copy-on-write. */
import type { Mutant } from '../../../harness/index.ts';

const file = 'demand-paging.ts';

export const mutants: readonly Mutant[] = [
  {
    id: 'count-begins-at-one',
    mistake: 'A marked page begins with one sharer.',
    rule: 'DP-15',
    check: 'dp-count',
    edits: [{ file, find: 'const SHARERS = 2;', put: 'const SHARERS = 1;' }],
  },
  {
    id: 'count-begins-at-three',
    mistake: 'A marked page begins with three sharers.',
    rule: 'DP-15',
    check: 'dp-count',
    edits: [{ file, find: 'const SHARERS = 2;', put: 'const SHARERS = 3;' }],
  },
  {
    id: 'release-true-when-one-is-left',
    mistake: 'release is true when one sharer is left.',
    rule: 'DP-15',
    check: 'dp-count',
    edits: [
      {
        file,
        find: 'if (entry.refCount > 0) return false;',
        put: 'if (entry.refCount > 1) return false;',
      },
    ],
  },
  {
    id: 'release-true-for-ever',
    mistake: 'release stays true after the last reference was given up.',
    rule: 'DP-15',
    check: 'dp-count',
    edits: [{ file, find: '    this.entries.delete(vaddr);\n', put: '' }],
  },
  {
    id: 'release-true-for-strangers',
    mistake: 'release is true for a page that was never marked.',
    rule: 'DP-15',
    check: 'dp-count',
    edits: [
      {
        file,
        find: 'if (entry === undefined) return false;',
        put: 'if (entry === undefined) return true;',
      },
    ],
  },
  {
    id: 'release-frees-the-frame',
    mistake: 'release frees the frame itself, and its caller does so again.',
    rule: 'DP-15',
    check: 'dp-count',
    edits: [
      {
        file,
        find: '    this.entries.delete(vaddr);\n    return true;',
        put: '    this.entries.delete(vaddr);\n    FRAME_ALLOCATOR.freeFrame(entry.frame);\n    return true;',
      },
      {
        file,
        find: 'if (this.cowTable.release(page)) FRAME_ALLOCATOR.freeFrame(entry.frame);',
        put: 'this.cowTable.release(page);',
      },
    ],
  },
  {
    id: 'is-cow-knows-every-page',
    mistake: 'isCow is true for every page as soon as one is marked.',
    rule: 'DP-16',
    check: 'dp-is-cow',
    edits: [
      { file, find: 'return this.entries.has(vaddr);', put: 'return this.entries.size > 0;' },
    ],
  },
  {
    id: 'is-cow-only-for-two',
    mistake: 'isCow is false for a page that has one sharer left.',
    rule: 'DP-16',
    check: 'dp-is-cow',
    edits: [
      {
        file,
        find: 'return this.entries.has(vaddr);',
        put: 'return this.entries.get(vaddr)?.refCount === SHARERS;',
      },
    ],
  },
  {
    id: 'copy-not-made',
    mistake: 'The private frame is returned without a copy of the bytes.',
    rule: 'DP-17',
    check: 'dp-cow-copy',
    edits: [
      {
        file,
        find: '    physToVirtAddr(copy * PAGE_SIZE).copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE));\n',
        put: '',
      },
    ],
  },
  {
    id: 'copy-cut-short',
    mistake: 'Copies as many bytes as there are words in a page.',
    rule: 'DP-17',
    check: 'dp-cow-copy',
    edits: [
      {
        file,
        find: '.copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE));',
        put: '.copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE), 0, 0, 512);',
      },
    ],
  },
  {
    id: 'copy-is-the-shared-frame',
    mistake: 'Gives the writer the frame that the others still share.',
    rule: 'DP-17',
    check: 'dp-cow-copy',
    edits: [
      { file, find: '    const copy = allocate();\n', put: '' },
      {
        file,
        find: '    physToVirtAddr(copy * PAGE_SIZE).copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE));\n',
        put: '',
      },
      {
        file,
        find: 'if (this.cowTable.release(page)) FRAME_ALLOCATOR.freeFrame(entry.frame);',
        put: 'this.cowTable.release(page);',
      },
      { file, find: 'return copy;', put: 'return entry.frame;' },
    ],
  },
  {
    id: 'fault-gives-up-nothing',
    mistake: 'handleCowFault does not give up the reference of the writer.',
    rule: 'DP-18',
    check: 'dp-cow-sharers',
    edits: [
      {
        file,
        find: '    if (this.cowTable.release(page)) FRAME_ALLOCATOR.freeFrame(entry.frame);\n',
        put: '',
      },
    ],
  },
  {
    id: 'fault-gives-up-both',
    mistake: 'handleCowFault removes the entry, though another sharer is left.',
    rule: 'DP-18',
    check: 'dp-cow-sharers',
    edits: [
      {
        file,
        find: 'if (this.cowTable.release(page)) FRAME_ALLOCATOR.freeFrame(entry.frame);',
        put: 'this.cowTable.entries.delete(page);',
      },
    ],
  },
  {
    id: 'fault-frees-the-shared-frame',
    mistake: 'handleCowFault frees the old frame while another sharer has it.',
    rule: 'DP-18',
    check: 'dp-cow-sharers',
    edits: [
      {
        file,
        find: 'if (this.cowTable.release(page)) FRAME_ALLOCATOR.freeFrame(entry.frame);',
        put: 'this.cowTable.release(page);\n    FRAME_ALLOCATOR.freeFrame(entry.frame);',
      },
    ],
  },
  {
    id: 'fault-clears-the-shared-frame',
    mistake: 'handleCowFault clears the old frame after it has copied it.',
    rule: 'DP-18',
    check: 'dp-cow-sharers',
    edits: [
      {
        file,
        find: '    // Whoever gives up',
        put: '    physToVirtAddr(entry.frame * PAGE_SIZE).fill(0);\n    // Whoever gives up',
      },
    ],
  },
  {
    id: 'cow-fault-not-rounded-down',
    mistake: 'handleCowFault looks for the address as it came.',
    rule: 'DP-19',
    check: 'dp-cow-look-up',
    source: 'contract O19',
    edits: [
      { file, find: 'const page = vaddr - (vaddr % PAGE_SIZE);', put: 'const page = vaddr;' },
    ],
  },
  {
    id: 'cow-fault-of-strangers-is-unmapped',
    mistake: 'handleCowFault reports a page that is not marked as not mapped.',
    rule: 'DP-19',
    check: 'dp-cow-look-up',
    edits: [
      {
        file,
        find: 'if (entry === undefined) throw KernelError.InvalidAddress({ addr: vaddr });',
        put: 'if (entry === undefined) throw KernelError.UnmappedMemory({ addr: vaddr });',
      },
    ],
  },
  {
    id: 'range-adds-its-base',
    mistake: 'markCowRange adds its base to each address.',
    rule: 'DP-20',
    check: 'dp-ranges',
    source: 'contract O26',
    edits: [
      { file, find: 'markCowRange(_base: bigint', put: 'markCowRange(base: bigint' },
      {
        file,
        find: 'for (const [vaddr, frame] of pages) this.cowTable.markCow(vaddr, frame);',
        put: 'for (const [vaddr, frame] of pages) this.cowTable.markCow(base + vaddr, frame);',
      },
    ],
  },
  {
    id: 'range-marks-its-first-page',
    mistake: 'markCowRange marks the first page only.',
    rule: 'DP-20',
    check: 'dp-ranges',
    edits: [
      {
        file,
        find: 'for (const [vaddr, frame] of pages) this',
        put: 'for (const [vaddr, frame] of pages.slice(0, 1)) this',
      },
    ],
  },
  {
    id: 'entry-counts-one',
    mistake: 'addCowEntry counts one sharer, the one that is added.',
    rule: 'DP-20',
    check: 'dp-ranges',
    edits: [
      {
        file,
        find: 'addCowEntry(vaddr: bigint, frame: FrameNumber): void {\n    this.cowTable.markCow(vaddr, frame);',
        put: 'addCowEntry(vaddr: bigint, frame: FrameNumber): void {\n    this.cowTable.markCow(vaddr, frame);\n    this.cowTable.release(vaddr);',
      },
    ],
  },
  {
    id: 'mark-keeps-the-old-frame',
    mistake: 'A page that is marked already keeps its frame and gets another sharer.',
    rule: 'DP-21',
    check: 'dp-mark-again',
    source: 'contract O13',
    edits: [
      {
        file,
        find: '    this.entries.set(vaddr, new CowEntry(frame));',
        put:
          '    const entry = this.entries.get(vaddr);\n' +
          '    if (entry === undefined) this.entries.set(vaddr, new CowEntry(frame));\n' +
          '    else entry.refCount++;',
      },
    ],
  },
  {
    id: 'range-keeps-the-old-frame',
    mistake: 'markCowRange leaves out pages that are marked already.',
    rule: 'DP-21',
    check: 'dp-range-again',
    edits: [
      {
        file,
        find: 'for (const [vaddr, frame] of pages) this.cowTable.markCow(vaddr, frame);',
        put: 'for (const [vaddr, frame] of pages)\n      if (!this.cowTable.isCow(vaddr)) this.cowTable.markCow(vaddr, frame);',
      },
    ],
  },
  {
    id: 'entry-keeps-the-old-frame',
    mistake: 'addCowEntry does nothing for a page that is marked already.',
    rule: 'DP-21',
    check: 'dp-range-again',
    edits: [
      {
        file,
        find: 'addCowEntry(vaddr: bigint, frame: FrameNumber): void {\n    this',
        put: 'addCowEntry(vaddr: bigint, frame: FrameNumber): void {\n    if (!this.cowTable.isCow(vaddr)) this',
      },
    ],
  },
  {
    id: 'unregister-takes-marks-along',
    mistake: 'unregisterLazy removes the entries of the pages of its mapping.',
    rule: 'DP-16',
    check: 'dp-marks-stay',
    edits: [
      {
        file,
        find: '    this.lazyMappings.delete(startVaddr);',
        put:
          '    const mapping = this.lazyMappings.get(startVaddr);\n' +
          '    for (const page of [...this.cowTable.entries.keys()])\n' +
          '      if (mapping?.contains(page) === true) this.cowTable.entries.delete(page);\n' +
          '    this.lazyMappings.delete(startVaddr);',
      },
    ],
  },
  {
    id: 'register-takes-mark-away',
    mistake: 'registerLazy removes the entry of the page at which its mapping starts.',
    rule: 'DP-16',
    check: 'dp-marks-stay',
    edits: [
      {
        file,
        find: '    this.lazyMappings.set(startVaddr,',
        put: '    this.cowTable.entries.delete(startVaddr);\n    this.lazyMappings.set(startVaddr,',
      },
    ],
  },
  {
    id: 'copies-only-what-was-faulted-in',
    mistake: 'handleCowFault refuses a page of a mapping that was not faulted in yet.',
    rule: 'DP-17',
    check: 'dp-cow-in-mapping',
    edits: [
      {
        file,
        find: '    if (entry === undefined) throw KernelError.InvalidAddress({ addr: vaddr });\n    const copy',
        put:
          '    const mapping = this.mappingAt(vaddr);\n' +
          '    const isThere = mapping === null || mapping.isFaultedIn(mapping.pageIndex(vaddr));\n' +
          '    if (entry === undefined || !isThere) throw KernelError.InvalidAddress({ addr: vaddr });\n    const copy',
      },
    ],
  },
];
