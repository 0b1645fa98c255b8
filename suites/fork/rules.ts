import type { Rule } from '../../harness/index.ts';

export const rules: readonly Rule[] = [
  {
    id: 'CW-1',
    title: 'fork makes a child with the memory of its parent',
    text: '`writeProtectPtes` returns a child with a page table and a pager of its own: no table is used by two processes. The child has every region of its parent, loaded or not, and both read what the parent held at the moment of the fork. A process may fork again and again, and so may its children.',
    why: 'The child goes on where the parent was: its stack, its code and its data have to be there.',
    example: 'write 7 to 0xa000; fork; reading 0xa000 gives 7 in the parent and in the child.',
    source: 'KeOS fork.rs',
    fundamental: true,
  },
  {
    id: 'CW-2',
    title: 'fork shares frames and copies nothing',
    text: 'After a fork every page that the parent had loaded is mapped in both, at the same address and on the same frame as before. That includes pages that are read-only, pages that `getUserPage` has loaded, and pages that are still shared from an earlier fork. A fork takes frames only for the page tables of the child: one for each table that the loaded pages need, and two to spare.',
    why: 'Most children replace their memory at once. A copy would be slow, and mostly for nothing.',
    example: 'Three pages on frames 5, 6, 7: after the fork both page tables lead to 5, 6, 7.',
    source: 'KeOS fork.rs; the number of frames is our decision',
    freedoms: [
      {
        id: 'empty-tables',
        text: 'tables of the parent that have become empty are made for the child, too, or left out.',
      },
    ],
  },
  {
    id: 'CW-3',
    title: 'Shared pages are read-only in both processes',
    text: 'After a fork no leaf of a shared page has `RW`, neither in the parent nor in the child, until that process has a copy or nobody else has the frame any more.',
    why: 'Only a page fault tells the kernel that somebody is about to write.',
    example: 'fork: both leaves of 0xa000 have P, US and XD, and not RW.',
    source: 'KeOS fork.rs',
    freedoms: [
      {
        id: 'late-rw',
        text: 'a page whose frame nobody shares any more gets `RW` back at once, at a write, or later than that.',
      },
      {
        id: 'leaf-marks',
        text: 'what you note in bits 9 to 11 and 52 to 58 of the leaves.',
      },
    ],
  },
  {
    id: 'CW-4',
    title: 'A write to a shared page works',
    text: 'A write to a shared page of a region with `WRITE` succeeds, in the parent and in the child, whoever is first, at any byte of the page, by the program or by the kernel (which respects a missing `RW`, too). From then on the process has a page of its own.',
    why: 'The program must not notice that its memory is shared.',
    example: 'fork; the child stores to 0xa123; the child reads its value back.',
    source: 'KeOS fork.rs, pager.rs',
    fundamental: true,
    freedoms: [
      {
        id: 'last-sharer',
        text: 'the last one who has the page copies it, or takes it over as it is.',
      },
    ],
  },
  {
    id: 'CW-5',
    title: 'fork loads nothing',
    text: 'A fork loads no page, reads no file and adds no leaf beyond those that the parent has. Pages that were not loaded are loaded later, by each process for itself.',
    why: 'A fork that touched all of memory would undo demand paging.',
    example:
      'mmap of four pages, one of them touched; fork: each page table has one leaf, and a page touched later is not shared.',
    source: 'KeOS lazy_pager.rs, fork.rs',
  },
  {
    id: 'CW-6',
    title: 'fork invalidates what the parent could write',
    text: 'When a fork returns, no processor can write to a shared page by an old translation of the parent, not only the one that forks.',
    why: 'A processor does not notice that `RW` is gone. It would go on writing into a frame that the child sees. It may also load a translation again while the leaf still has `RW`: an invalidation counts only after the leaf has changed.',
    example:
      'The parent has written to a page on two processors; it forks on one; a write on the other faults.',
    source:
      'KeOS tlb_shutdown; Intel SDM vol. 3A, "Propagation of Paging-Structure Changes to Multiple Processors"',
    freedoms: [
      {
        id: 'extra-invalidations',
        text: 'one invalidation a page, one for the whole table, or more than needed, here and after a copy, as long as CW-16 allows them.',
      },
    ],
  },
  {
    id: 'CW-7',
    title: 'A copy has the contents of the page',
    text: 'After the first write to a shared page all other bytes of it are what they were: not zeros, not what the file has, but what the page held at that moment.',
    why: 'One store changes one byte, not a page.',
    example:
      'A page of a file, byte 8 changed; fork; the child stores to byte 9: byte 8 is still the changed one, byte 10 that of the file.',
    source: 'KeOS fork.rs',
  },
  {
    id: 'CW-8',
    title: 'Nobody else sees a write',
    text: 'What a process writes after a fork is seen by that process alone: not by its parent, not by its children from before, not by their children.',
    why: 'Processes are isolated. Sharing is a trick that must not show.',
    example: 'fork; the parent writes 8; the child still reads 7.',
    source: 'KeOS fork.rs',
  },
  {
    id: 'CW-9',
    title: 'A fork or a copy that fails changes nothing',
    text: '`Page.new()` may throw `KernelError.NoMemory` at any time. A fork in which that happens lets a `KernelError` out, and there is no child and nothing left of it. The parent works as before; where a leaf has lost `RW`, no processor keeps the old translation. A write whose copy cannot be had is refused, and the page, its frame and its rights stay as they were for everybody. The same call works when it is repeated.',
    why: 'Memory runs out. The process may be killed, its relatives and the kernel may not.',
    example:
      'The second table of the child cannot be had: the fork throws, all its frames are free, the parent goes on.',
    source: 'our decision (KeOS stops the kernel)',
    freedoms: [
      {
        id: 'failed-fork-read-only',
        text: 'the leaves of a parent whose fork has failed are as before, or have lost `RW`, since a write cures that.',
      },
    ],
  },
  {
    id: 'CW-10',
    title: 'A copy leaves no old translation behind',
    text: 'When the fault of a write to a shared page has been handled, no processor can use a translation to the old frame for the process that has the copy now.',
    why: 'Another thread of the process would go on reading the page that its process has left.',
    example:
      'A process reads a shared page on two processors and writes it on one: the other one reads the new value.',
    source:
      'KeOS page_table.rs (StaleTLBEntry); Intel SDM vol. 3A, "Propagation of Paging-Structure Changes to Multiple Processors"',
  },
  {
    id: 'CW-11',
    title: 'The region decides whether a write is legal',
    text: 'A fault on a page that is present is cured only if it was a write, and the region of the address has `WRITE`. Anything else is refused with a `KernelError`, and the page stays as it is: writes to regions without `WRITE` (also if the page was read before, is executable, or comes from a file), to addresses in no region, to the kernel half, and accesses of another kind. The leaf cannot tell: after a fork all are read-only.',
    why: 'Otherwise reading a page first, or forking, would be a way around its protection.',
    example:
      'A region with READ and USER; read it; fork; a store in the child is refused, and so is one in the parent.',
    source: 'KeOS fork.rs; contract of handle_page_fault in pager.rs',
    freedoms: [
      {
        id: 'error-kinds',
        text: 'any `KernelError`, one for all refusals or one for each reason.',
      },
      {
        id: 'absent-write',
        text: 'a write fault that says “present” for a page of the region that is not there (none of copy-on-write) is refused, does nothing, or loads the page: all but a panic.',
      },
    ],
  },
  {
    id: 'CW-12',
    title: 'Shared pages and copies keep their other rights',
    text: 'Neither sharing nor copying changes `US` and `XD`: what could be executed still can, what could not still cannot, and what was for the kernel alone stays so.',
    why: 'A page that becomes executable by being written is what attackers look for.',
    example: 'A page with READ, WRITE, EXECUTABLE: fork; the child writes code to it and calls it.',
    source: 'KeOS fork.rs',
  },
  {
    id: 'CW-13',
    title: 'Regions of parent and child are independent',
    text: 'After a fork an `mmap`, `munmap` or exit of one process does not show in another.',
    why: 'The child unmaps what it does not need. The parent still does.',
    example:
      'fork; the child unmaps 0xa000 and maps a file there; the parent’s 0xa000 is what it was.',
    source: 'KeOS fork.rs (LazyPager is cloned)',
  },
  {
    id: 'CW-14',
    title: 'A shared frame lives until its last user is gone',
    text: 'Each leaf owns one reference to its frame. A copy, a `munmap` or an exit gives up the reference of that one leaf, and the page stays with all the others, whoever leaves first.',
    why: 'A frame that is freed too early is somebody else’s a moment later.',
    example: 'fork; the child exits; the parent reads and writes its page; fork again.',
    source: 'KeOS mm/mod.rs, page_table.rs',
    fundamental: true,
  },
  {
    id: 'CW-15',
    title: 'No frame is lost',
    text: 'When all processes have exited, all frames are free: shared ones, copies, tables of children, and whatever was kept to work with. What a pager keeps in fields of its own it releases in `drop()`.',
    why: 'A frame per copy is the whole memory after a few thousand forks.',
    example: 'fork; both write every page; both exit: nothing is left.',
    source: 'KeOS mm/mod.rs; its test runs until memory is exhausted',
    freedoms: [
      {
        id: 'kept-pages',
        text: 'the pager keeps pages in fields of its own, also from one copy to the next, or keeps none.',
      },
    ],
  },
  {
    id: 'CW-16',
    title: 'A copy costs one page',
    text: 'A write to a shared page takes at most five frames (the copy, one to work with, and three tables if you unmap the old page first) and at most eight invalidations on each processor, and copies no other page. A fork costs at most eight invalidations on each processor, and two more for each loaded page. A fault by a write to a page that is writable by now (another thread was faster) takes no frame.',
    why: 'A pager that copies everything at the first write has only put off the copy that fork is to save.',
    example: 'Sixteen shared pages; one store: one page is copied.',
    source: 'KeOS fork.rs; the numbers are our decision',
    freedoms: [
      {
        id: 'ways-to-copy',
        text: 'the copy is made straight from the shared page, by way of a page to work with, or after the old page was unmapped.',
      },
    ],
  },
  {
    id: 'CW-17',
    title: 'The rules of the lazy pager hold after a fork, too',
    text: 'All rules of the assignment about the lazy pager (LP-1 to LP-25) hold for processes that have forked, and for shared pages. `accessOk` asks the region, so a shared page of a region with `WRITE` may be written. `getUserPage` returns the page as the process sees it and the permission given to `mmap`. A fault that comes late, on a page that is there by now, is no error. A rule that is broken also without a fork is charged there, and costs nothing here.',
    why: 'Mistakes like to hide where two features meet.',
    example: 'fork; accessOk(0xa000, write) is true in both processes.',
    source: 'KeOS pager.rs, lazy_pager.rs',
    freedoms: [
      {
        id: 'user-page-copy',
        text: '`getUserPage` leaves the frame shared, or makes the copy first.',
      },
    ],
  },
  {
    id: 'CW-18',
    title: 'Everything together',
    text: 'Any sequence of calls and accesses, by processes that fork, write and exit on several processors, keeps all the rules above. If a sequence breaks one of them, the report names that rule.',
    why: 'Mistakes like to hide behind the third fork.',
    example: 'Programs of sixty random operations.',
    source: 'all of the above',
  },
];
