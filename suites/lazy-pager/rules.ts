import type { Rule } from '../../harness/index.ts';

export const rules: readonly Rule[] = [
  {
    id: 'LP-1',
    title: 'mmap returns the start address',
    text: '`mmap` accepts every region that no rule refuses, however many there are, and returns the start address of the region as a bigint, whatever its size. Regions may touch each other.',
    why: 'The return value goes straight to the program that made the system call.',
    example: 'mmap(0xa000, 0x2000, …) returns 0xa000n.',
    source: 'KeOS lazy_pager.rs (the trait in pager.rs says "bytes"; decided for the address)',
  },
  {
    id: 'LP-2',
    title: 'mmap refuses addresses outside of user space',
    text: '`mmap` throws exactly `KernelError.InvalidArgument` if the address is 0, is not a multiple of the page size, or is not in user space, or if the range does not end in user space. A range may end exactly at 0x8000_0000_0000. Huge sizes are refused at once.',
    why: 'A mapping over the kernel would break isolation; a range that wraps around must not slip through.',
    example: 'mmap(0x1000, size 0xffff_ffff_ffff_e000, …) throws InvalidArgument.',
    source: 'KeOS; range end is our decision',
    freedoms: [
      {
        id: 'error-order',
        text: 'the order in which several wrong arguments are noticed.',
      },
    ],
  },
  {
    id: 'LP-3',
    title: 'mmap refuses overlaps and empty ranges',
    text: '`mmap` throws a `KernelError` of your choice if the range overlaps a region that is mapped, if the size is 0, or if the file is empty. The regions and pages that are there stay as they are.',
    why: 'Two regions on one page would disagree about what the page is.',
    example:
      'mmap(0xa000, 0x2000, …); mmap(0xb000, 0x2000, …) throws; 0xa000 and 0xb000 keep their contents.',
    source: 'KeOS pager.rs',
    freedoms: [
      {
        id: 'error-kinds',
        text: 'any `KernelError` for an overlap, an empty range, an empty file.',
      },
    ],
  },
  {
    id: 'LP-4',
    title: 'mmap refuses what it cannot map',
    text: '`mmap` throws exactly `KernelError.InvalidArgument` if the permission lacks READ, or if the offset of a file mapping is not a multiple of the page size.',
    why: 'Neither can be expressed in a page table; noticing it at the first touch would kill the program much later.',
    example: 'mmap(0xa000, 0x1000, WRITE | USER, …) throws InvalidArgument.',
    source: 'our decision',
  },
  {
    id: 'LP-5',
    title: 'mmap loads nothing',
    text: '`mmap` changes no page table, allocates no frame and reads no file. It only remembers the region.',
    why: 'This is what lazy means: memory is paid for when it is used.',
    example: 'After mmap(0x1000, …) the entry of the root is still zero.',
    source: 'KeOS lazy_pager.rs',
    fundamental: true,
  },
  {
    id: 'LP-6',
    title: 'The first touch of a page loads it',
    text: 'An access to a page of a region, of a kind that the region allows, succeeds: the page is loaded and mapped by the fault handler. A page of anonymous memory is all zeros.',
    why: 'This is demand paging.',
    example: 'mmap(0xa000, 0x1000, READ | WRITE | USER, anonymous); reading 0xa123 gives 0.',
    source: 'KeOS lazy_pager.rs',
    fundamental: true,
  },
  {
    id: 'LP-7',
    title: 'A page of a file shows its block of the file',
    text: 'Page i of a file mapping shows the 4096 bytes of the file from offset + i * 4096 on, as they were at some moment between `mmap` and the first touch of that page. (A cache of blocks is fine, if a new region never shows what is older than itself.)',
    why: 'Programs are loaded this way: one wrong block is one wrong page of code.',
    example:
      'mmap(0xb000, 0x2000, …, file, offset 0x1000): byte 0xc005 is byte 0x2005 of the file.',
    source: 'KeOS lazy_pager.rs',
    freedoms: [
      {
        id: 'read-or-mmap',
        text: 'a page is filled by `RegularFile.mmap` or by `read`.',
      },
      {
        id: 'old-or-new',
        text: 'a file that changed between `mmap` and first touch shows its old or its new bytes, page by page; a file that was cut, old bytes or zeros.',
      },
    ],
  },
  {
    id: 'LP-8',
    title: 'Beyond the end of the file there are zeros',
    text: 'Bytes of a file mapping past the end of the file read as 0: the tail of the last block, and whole pages beyond it. A mapping may be longer than its file and may start past its end.',
    why: 'Anything else would show what the frame held before: somebody else’s data.',
    example: 'A file of 100 bytes: byte 100 of its page is 0, and so is the next page.',
    source: 'KeOS lazy_pager.rs; longer mappings are our decision',
  },
  {
    id: 'LP-9',
    title: 'Outside of the regions there is nothing',
    text: 'An access to an address in no region is refused with an error of the fault handler, and nothing is loaded for it. A region covers whole pages: from its start to its size rounded up.',
    why: 'That is the segmentation fault that ends a stray pointer.',
    example: 'mmap(0xa000, 0x1001, …): 0xbfff works, 0xc000 does not.',
    source: 'KeOS lazy_pager.rs',
  },
  {
    id: 'LP-10',
    title: 'A page has the rights of its region',
    text: 'A loaded page can be used exactly as the region’s permission says, from the first fault on: also a first read of a region with WRITE maps the page with WRITE. An access that the region forbids is refused, at once or at the immediate second fault, and never makes the page more accessible.',
    why: 'Rights are given to regions; the page table only carries them out.',
    example: 'mmap(0xe000, 0x1000, READ | USER, …): a first touch that is a store is refused.',
    source: 'KeOS lazy_pager.rs',
    freedoms: [
      {
        id: 'second-fault',
        text: 'an access that has to be refused is refused at once or at the immediate second fault.',
      },
      {
        id: 'loaded-though-refused',
        text: 'its page is loaded by then, or not.',
      },
    ],
  },
  {
    id: 'LP-11',
    title: 'A read-only page stays read-only after it was loaded',
    text: 'A write to a loaded page of a region without WRITE is refused, and the page stays what it was. (The fault looks like one of copy-on-write: present, and a write. The region decides.)',
    why: 'Otherwise reading a page first would be a way around its protection.',
    example: 'mmap(0xb000, 0x1000, READ | USER, file); read 0xb000; a write to 0xb000 is refused.',
    source: 'KeOS lazy_pager.rs, fork',
  },
  {
    id: 'LP-12',
    title: 'One touch loads one page',
    text: 'Touching a page, or getting it with `getUserPage`, loads that page and no other, with at most five frames (the page, a copy of it if you make one, three tables).',
    why: 'Loading more is paging in advance: a program that maps much and touches little would pay for all of it.',
    example: 'mmap of 64 pages; one read: one page is mapped.',
    source: 'KeOS lazy_pager.rs',
  },
  {
    id: 'LP-13',
    title: 'A loaded page keeps its contents',
    text: 'What was written to a page stays there until it is unmapped. A fault that says “not present”, or reports a write, on a page that is loaded and may be accessed so (another processor was faster) is no error; it neither reloads the page nor loses what is in it. (A read that violates a right never comes so late: `handlePageFault` as it is given refuses it.)',
    why: 'A page reloaded behind the program’s back has lost its data.',
    example:
      'write 7 to 0xa000; handlePageFault for 0xa000, not present; reading 0xa000 still gives 7.',
    source: 'our decision for spurious faults',
  },
  {
    id: 'LP-14',
    title: 'munmap removes the whole region',
    text: '`munmap` of the start of a region returns `0n`. After it no page of it is mapped, accesses to it are refused, `accessOk` is false and `getUserPage` null, and the range can be mapped afresh. Pages that were never touched are no problem.',
    why: 'Memory that was given back must be out of reach.',
    example: 'mmap of three pages, touch the last, munmap: all three are gone.',
    source: 'KeOS pager.rs',
  },
  {
    id: 'LP-15',
    title: 'munmap refuses what is not the start of a region',
    text: '`munmap` throws a `KernelError` for an address at which no region starts: never mapped, inside a region, unaligned, 0, in the kernel half, unmapped before. Nothing changes.',
    why: 'Rounding or guessing would unmap somebody else’s memory.',
    example: 'mmap(0xa000, 0x2000, …); munmap(0xb000) throws; both pages still work.',
    source: 'KeOS pager.rs',
  },
  {
    id: 'LP-16',
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
    id: 'LP-17',
    title: 'A new region starts afresh',
    text: 'A region mapped where another one was before has its own contents and rights, nothing of the old one.',
    why: 'Old bytes or old rights would leak from one use of an address to the next.',
    example: 'write to 0xa000; munmap; mmap(0xa000, …) again: it reads 0.',
    source: 'KeOS',
  },
  {
    id: 'LP-18',
    title: 'Other regions and processes are left alone',
    text: 'No call changes pages of other regions, or of other processes.',
    why: 'Every region is somebody’s data.',
    example: 'Two adjacent regions: unmapping the first leaves the second working.',
    source: 'KeOS pager.rs',
  },
  {
    id: 'LP-19',
    title: 'getUserPage finds the page and its permission',
    text: '`getUserPage(addr)` returns the page that holds `addr` (the whole page, whatever the offset), loading it if needed, and the permission that was given to `mmap`. It returns null where nothing is mapped.',
    why: 'The kernel reaches user memory through it when it loads programs and copies data.',
    example: 'getUserPage(0xa123) gives the page at 0xa000.',
    source: 'KeOS lazy_pager.rs',
  },
  {
    id: 'LP-20',
    title: 'accessOk answers from the regions',
    text: '`accessOk(va, isWrite)` is true exactly if `va` lies in a region whose permission has READ, or WRITE for a write. It loads nothing and does not look at the page table. USER does not matter.',
    why: 'System calls ask it before they touch user buffers; it must not cost a page, and must not be fooled by pages that are not loaded yet.',
    example:
      'mmap(0x1000, 0x1000, READ, …): accessOk(0x1fff, false) is true, accessOk(0x2000, false) is not.',
    source: 'KeOS pager.rs, lazy_pager.rs',
  },
  {
    id: 'LP-21',
    title: 'Every frame is released once',
    text: 'Frames are owned by whoever uses them: no leak, no early and no double release, through munmap and exit, on every path. A frame that is not needed any more is released, or used again, before others run out: the same calls can be repeated for ever in little memory. What a pager keeps in fields of its own it releases in `drop()`.',
    why: 'A leak per system call brings the machine down in a day.',
    example: 'mmap, touch, munmap, exit: all frames are free.',
    source: 'KeOS page_table.rs',
    freedoms: [
      {
        id: 'kept-pages',
        text: 'the pager keeps owners of pages in fields of its own and releases them in `munmap` and `drop()`, or keeps none.',
      },
    ],
  },
  {
    id: 'LP-22',
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
    id: 'LP-23',
    title: 'A load that fails changes nothing',
    text: '`Page.new()` may throw `KernelError.NoMemory` and reading a file `KernelError.IOError` at any time. A call in which that happens lets a `KernelError` out (`getUserPage` may return null), loses no frame, leaves no half-loaded page, and works when it is repeated. It may also succeed all the same, say because the pager had frames of its own to give back and tried again.',
    why: 'Memory runs out and disks fail; the process may be killed, the kernel may not.',
    example:
      'The read of a file page fails: the access is refused; the next access loads the page.',
    source: 'our decision (KeOS stops the kernel)',
    freedoms: [
      {
        id: 'null-or-error',
        text: '`getUserPage` returns null or throws a `KernelError` if the page cannot be loaded.',
      },
    ],
  },
  {
    id: 'LP-24',
    title: 'Kernel addresses are refused',
    text: 'A fault of user code on a kernel address is refused, and the kernel half of the page table is neither used nor changed. The same holds for `getUserPage`, `accessOk` and `munmap` of such addresses: null, false, an error, never a panic.',
    why: 'Programs must not reach the kernel, nor crash it with a pointer.',
    example: 'A user store to 0xffff_ff00_0000_1000 kills the process and nothing else.',
    source: 'KeOS',
  },
  {
    id: 'LP-25',
    title: 'A pager reports failure with a KernelError',
    text: 'The entry points of the pager throw no `PageTableMappingError`; they turn it into a `KernelError`.',
    why: 'A system call can only return kernel errors.',
    example:
      'doMap finds a page (Duplicated) while a fault is handled: what leaves handlePageFault is a KernelError, or nothing.',
    source: 'KeOS pager.rs (its signatures)',
  },
  {
    id: 'LP-26',
    title: 'Everything together',
    text: 'Any sequence of calls and accesses, by several processes on several processors, keeps all the rules above. If a sequence breaks one of them, the report names that rule.',
    why: 'Mistakes like to hide where two features meet.',
    example: 'Programs of fifty random operations.',
    source: 'all of the above',
  },
];
