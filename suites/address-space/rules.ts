/** The rules of `address-space`: what an eager pager keeps, and what `MmStruct` makes of registers and ranges. */
import type { Rule } from '../../harness/index.ts';

export const rules: readonly Rule[] = [
  {
    id: 'AS-1',
    title: 'mmap accepts what is allowed and returns the start address',
    text: '`EagerPager.mmap` accepts every region that no rule refuses, however many there are: next to another, up to the very end of user space, without USER, with WRITE and EXECUTABLE together, longer than its file or past its end, at an address that another process uses. It returns `addr` as a `bigint`, whatever the size.',
    why: 'A program uses what mmap returns as a pointer.',
    example: 'mmap(0xa000, 0x2000, …) returns 0xa000n.',
    source: 'KeOS eager_pager.rs and its tests; the seeds disagree, this is our decision',
  },
  {
    id: 'AS-2',
    title: 'mmap refuses ranges that are not in user space',
    text: '`mmap` throws exactly `KernelError.InvalidArgument` if the address is 0, not a multiple of the page size or not in the lower half, or if the range would reach beyond user space, however large the size is. A range may end exactly at 0x8000_0000_0000. Huge sizes are refused at once.',
    why: 'A mapping over the kernel would break isolation; a range that wraps around must not slip through.',
    example: 'mmap(0x1000, size 0xffff_ffff_ffff_e000, …) throws InvalidArgument.',
    source: 'KeOS; range end is our decision',
    freedoms: [
      {
        id: 'error-order',
        text: 'the order in which several wrong arguments are noticed, in registers and by the pager.',
      },
    ],
  },
  {
    id: 'AS-3',
    title: 'mmap refuses overlaps and empty ranges',
    text: '`mmap` throws a `KernelError` if the range overlaps a region that is mapped, if the size is 0, or if the file is empty. The regions and pages that are there stay as they are, and no page of the refused range is mapped.',
    why: 'Two regions on one page would disagree about what the page is.',
    example:
      'mmap(0xb000, 0x1000, …); mmap(0xa000, 0x2000, …) throws; nothing is mapped at 0xa000, and 0xb000 keeps its contents.',
    source: 'KeOS pager.rs',
    freedoms: [
      {
        id: 'error-kinds',
        text: 'any `KernelError` for an overlap, an empty range, an empty file.',
      },
    ],
  },
  {
    id: 'AS-4',
    title: 'mmap refuses what it cannot map',
    text: '`mmap` throws exactly `KernelError.InvalidArgument` if the permission lacks READ, or if the offset of a file mapping is not a multiple of the page size.',
    why: 'Neither can be expressed in a page table.',
    example: 'mmap(0xa000, 0x1000, WRITE | USER, …) throws InvalidArgument.',
    source: 'our decision',
  },
  {
    id: 'AS-5',
    title: 'mmap maps every page of the region',
    text: 'When `mmap` returns, every page of the region is present in the page table, from the start to the size rounded up. A page of anonymous memory is all zeros.',
    why: 'This is what eager means: no page fault ever follows, so whatever is not there now is missing for good.',
    example: 'mmap(0xa000, 0x1001, …): 0xa000 and 0xb000 are present.',
    source: 'KeOS eager_pager.rs',
    fundamental: true,
  },
  {
    id: 'AS-6',
    title: 'A page of a file shows its block of the file',
    text: 'Page i of a file mapping shows the 4096 bytes of the file from offset + i * 4096 on, as they were when `mmap` was called.',
    why: 'Programs are loaded this way: one wrong block is one wrong page of code.',
    example:
      'mmap(0xb000, 0x2000, …, file, offset 0x1000): byte 0xc005 is byte 0x2005 of the file.',
    source: 'KeOS eager_pager.rs',
    freedoms: [
      {
        id: 'read-or-mmap',
        text: 'a page is filled by `RegularFile.mmap` or by `read`.',
      },
    ],
  },
  {
    id: 'AS-7',
    title: 'Beyond the end of the file there are zeros',
    text: 'Bytes of a file mapping past the end of the file read as 0: the tail of the last block, and whole pages beyond it. A mapping may be longer than its file and may start past its end.',
    why: 'Anything else would show what the frame held before: somebody else’s data.',
    example: 'A file of 100 bytes: byte 100 of its page is 0, and so is the next page.',
    source: 'KeOS; longer mappings are our decision',
  },
  {
    id: 'AS-8',
    title: 'Outside of the regions there is nothing',
    text: 'No page outside of the regions is mapped. A region covers whole pages: from its start to its size rounded up.',
    why: 'A stray pointer must end in a page fault.',
    example: 'mmap(0xa000, 0x1001, …): 0xbfff works, 0xc000 does not.',
    source: 'KeOS',
  },
  {
    id: 'AS-9',
    title: 'A page has the rights of its region',
    text: 'Every page can be used exactly as the region’s permission says: by writes, instruction fetches and user mode if it says so, and otherwise not.',
    why: 'The rights that a program asked for are those that protect it.',
    example: 'mmap(0xe000, 0x1000, READ | USER, …): a store to 0xe000 is refused.',
    source: 'KeOS eager_pager.rs',
  },
  {
    id: 'AS-10',
    title: 'Pages stay as they are',
    text: 'What was written to a page stays there until it is unmapped. No call changes pages of other regions, or of other processes.',
    why: 'Every region is somebody’s data.',
    example: 'Two adjacent regions: unmapping the first leaves the second and its contents alone.',
    source: 'KeOS pager.rs',
  },
  {
    id: 'AS-11',
    title: 'munmap removes the whole region',
    text: '`munmap` of the start of a region returns `0n`. After it no page of it is mapped, `accessOk` is false and `getUserPage` null for it, and the range can be mapped afresh.',
    why: 'Memory that was given back must be out of reach.',
    example: 'mmap of three pages, munmap: all three are gone.',
    source: 'KeOS pager.rs',
  },
  {
    id: 'AS-12',
    title: 'munmap refuses what is not the start of a region',
    text: '`munmap` throws a `KernelError` for an address at which no region starts: never mapped, inside a region, unaligned, 0, in the kernel half, unmapped before. Nothing changes.',
    why: 'Rounding or guessing would unmap somebody else’s memory.',
    example: 'mmap(0xa000, 0x2000, …); munmap(0xb000) throws; both pages still work.',
    source: 'KeOS pager.rs',
  },
  {
    id: 'AS-13',
    title: 'munmap invalidates the translations',
    text: 'When `munmap` returns, no processor that runs the page table can use a translation of any page of the region.',
    why: 'A processor would go on reading and writing frames that belong to others by now.',
    example: 'touch two pages on two processors; munmap on one; an access on the other faults.',
    source:
      'KeOS page_table.rs; Intel SDM vol. 3A, "Propagation of Paging-Structure Changes to Multiple Processors"',
    freedoms: [
      {
        id: 'extra-invalidations',
        text: 'one invalidation a page, one for the whole table, or more than needed.',
      },
    ],
  },
  {
    id: 'AS-14',
    title: 'A new region starts afresh',
    text: 'A region mapped where another one was before has its own contents and rights, nothing of the old one.',
    why: 'Old bytes or old rights would leak from one use of an address to the next.',
    example: 'write to 0xa000; munmap; mmap(0xa000, …) again: it reads 0.',
    source: 'KeOS',
  },
  {
    id: 'AS-15',
    title: 'getUserPage finds the page and its permission',
    text: '`getUserPage(addr)` returns the page that holds `addr` (the whole page, whatever the offset) and the permission that was given to `mmap`. It returns null where nothing is mapped.',
    why: 'The kernel reaches user memory through it when it loads programs and copies data.',
    example: 'getUserPage(0xa123) gives the page at 0xa000.',
    source: 'KeOS eager_pager.rs',
  },
  {
    id: 'AS-16',
    title: 'The pager’s accessOk answers from the regions',
    text: '`EagerPager.accessOk(va, isWrite)` is true exactly if `va` lies in a region whose permission has READ, or WRITE for a write. USER does not matter. It takes no frame.',
    why: 'System calls ask it before they touch user buffers.',
    example:
      'mmap(0x1000, 0x1000, READ, …): accessOk(0x1fff, false) is true, accessOk(0x2000, false) is not.',
    source: 'KeOS pager.rs',
  },
  {
    id: 'AS-17',
    title: 'Every frame is released once',
    text: 'Frames are owned by whoever uses them: no leak, no early and no double release, through munmap and exit, on every path. A frame that is not needed any more is released, or used again, before others run out: the same calls can be repeated for ever in little memory.',
    why: 'A leak per system call brings the machine down in a day.',
    example: 'mmap, munmap, exit: all frames are free.',
    source: 'KeOS page_table.rs',
    freedoms: [
      {
        id: 'kept-pages',
        text: 'the pager keeps owners of pages in fields of its own and releases them in `munmap` and `drop()`, or keeps none.',
      },
    ],
  },
  {
    id: 'AS-18',
    title: 'Mappings are private copies',
    text: 'Two pages never share a frame that one of them may write, not even two mappings of one block of a file, and a write to a mapping does not change the file.',
    why: 'A store in one mapping must not show in another.',
    example: 'Map a file twice; write to the first mapping; the second still shows the file.',
    source: 'KeOS',
    freedoms: [
      {
        id: 'read-only-sharing',
        text: 'pages that nobody may write to share a frame (of zeros, of a block of a file), or have one each.',
      },
    ],
  },
  {
    id: 'AS-19',
    title: 'A mapping that fails half-way changes nothing',
    text: '`Page.new()` may throw `KernelError.NoMemory` and reading a file `KernelError.IOError` at any time. A `mmap` in which that happens lets a `KernelError` out, unmaps what it had mapped, records no region, loses no frame, and works when it is repeated.',
    why: 'Memory runs out and disks fail, mostly in the middle of something.',
    example:
      'mmap of four pages, the third of which cannot be had: it throws, none is mapped, and a second try maps all four.',
    source: 'KeOS eager_pager.rs says that errors are returned; roll-back is our decision',
    freedoms: [
      {
        id: 'failure-leaves-tables',
        text: 'tables that were made for the range stay, empty, or are freed again.',
      },
      {
        id: 'second-try',
        text: 'a pager that has frames of its own to give back may do so and try again: then `mmap` succeeds all the same.',
      },
    ],
  },
  {
    id: 'AS-20',
    title: 'Kernel addresses are refused',
    text: '`getUserPage`, `accessOk` and `munmap` of an address in the kernel half answer null, false and an error, never with a panic, and the kernel half of the page table stays as it is.',
    why: 'Programs must not reach the kernel, nor crash it with a pointer.',
    example: 'accessOk(0xffff_ff00_0090_0000, false) is false.',
    source: 'KeOS',
  },
  {
    id: 'AS-21',
    title: 'A pager reports failure with a KernelError',
    text: 'The entry points of the pager throw no `PageTableMappingError`; they turn it into a `KernelError`, or make sure that it cannot happen.',
    why: 'A system call can only return kernel errors.',
    example: 'An overlap found by doMap (Duplicated) leaves mmap as a KernelError, say FileExist.',
    source: 'KeOS pager.rs (its signatures)',
  },
  {
    id: 'AS-22',
    title: 'A range may be accessed if every page of it may',
    text: '`MmStruct.accessOk(start, end, isWrite)` is true exactly if the pager’s `accessOk` agrees for each page that the bytes from `start` up to, not including, `end` touch. The range may span several regions. Nothing is loaded. A huge range is answered at its first page that is not allowed.',
    why: 'The kernel copies whole buffers: one page in the middle that nobody checked, and it faults, or writes where it must not.',
    example:
      'Regions at 0xa000 and 0xc000, one page each: accessOk(0xa000, 0xd000, false) is false, for 0xb000 is not mapped.',
    source: 'KeOS mm_struct.rs',
  },
  {
    id: 'AS-23',
    title: 'Empty and reversed ranges',
    text: 'An empty range counts as its start address: `accessOk(a, a, w)` is what the pager says of `a`. A reversed range (`end` below `start`) is false.',
    why: 'Reading 0 bytes into a good buffer works; into a bad one it does not have to be allowed just because nothing is copied.',
    example:
      'accessOk(0xa010, 0xa010, true) is true if 0xa010 may be written; accessOk(0, 0, false) is false.',
    source: 'KeOS tests for the good address; the rest is our decision',
  },
  {
    id: 'AS-24',
    title: 'The system call mmap checks its registers',
    text: '`MmStruct.mmap` throws exactly `KernelError.InvalidArgument` if `arg1` is no virtual address (not canonical), or if `arg3` has any bit set but bits 0, 1 and 2.',
    why: 'Registers hold whatever a program put there.',
    example: 'arg1 = 0xdead_beef_c533_0000: InvalidArgument, no panic.',
    source: 'KeOS mm_struct.rs; undefined bits are our decision',
  },
  {
    id: 'AS-25',
    title: 'Only an open regular file can be mapped',
    text: '`MmStruct.mmap` throws a `KernelError` if `arg4`, as a C int, is neither -1 nor the descriptor of an open regular file: unknown, a standard stream, a directory, a pipe. How the file was opened does not matter.',
    why: 'Anything else has no blocks that could be mapped.',
    example:
      'arg4 = 0 (standard input): an error. A file opened for reading can be mapped with WRITE.',
    source: 'KeOS mm_struct.rs',
    freedoms: [
      {
        id: 'descriptor-errors',
        text: 'any `KernelError`, the same for all of them or another one for each.',
      },
    ],
  },
  {
    id: 'AS-26',
    title: 'The system call mmap maps what its registers ask',
    text: '`MmStruct.mmap` has the pager map `arg2` bytes at `arg1` with the rights of `arg3` and USER, from the file behind `arg4` (none for -1, whatever the upper half of the register holds) at offset `arg5`, and returns what the pager returns. The position of the file is neither used nor moved. What the pager refuses is refused.',
    why: 'This is how a program gets memory.',
    example:
      'mmap(0xb000, 0x1000, 1, fd 3, 0x1000): page 0xb000 shows block 1 of the file and can be read in user mode.',
    source: 'KeOS mm_struct.rs',
  },
  {
    id: 'AS-27',
    title: 'The system call munmap',
    text: '`MmStruct.munmap` removes the region that starts at `arg1` and returns 0. An address that is none (not canonical) is an error, as is all that the pager refuses.',
    why: 'This is how a program gives memory back.',
    example: 'munmap(0xb000) of a region that starts there: 0; a second time: an error.',
    source: 'KeOS mm_struct.rs',
  },
  {
    id: 'AS-28',
    title: 'Everything together',
    text: 'Any sequence of calls and accesses, by several processes on several processors, keeps all the rules above. If a sequence breaks one of them, the report names that rule.',
    why: 'Mistakes like to hide where two features meet.',
    example: 'Programs of fifty random operations.',
    source: 'all of the above',
  },
];
