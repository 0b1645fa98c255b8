import type { Rule } from '../../harness/index.ts';

const SEED = 'VeridianOS demand_paging.rs';

export const rules: readonly Rule[] = [
  {
    id: 'DP-1',
    title: 'Backings are compared by what they say',
    text: '`BackingType.equals(a, b)` is true exactly if both are `Anonymous`, or both are `FileBacked` with the same inode and the same offset. It does not matter whether they are the same object.',
    why: 'Whether two mappings show the same is not a matter of objects. (Nothing in this chapter has to be merged.)',
    example:
      'FileBacked({ inode: 42n, offset: 0n }) equals another one made so, and not one with offset 0x1000n.',
    source: SEED,
  },
  {
    id: 'DP-2',
    title: 'A mapping contains its bytes',
    text: '`LazyMapping.contains(vaddr)` is true from the start of the mapping up to its last byte, and false before its first page and behind its last.',
    why: 'This decides which faults the mapping is asked about.',
    example: 'Start 0x10000, size 0x4000: 0x13fff is in, 0x14000 is not.',
    source: SEED,
    freedoms: [
      {
        id: 'last-page',
        text: 'the bytes of the last page that lie behind the end of the mapping, where its size is not a multiple of the page size, count or do not: `contains` is true or false, and a fault there gets the frame of that page (`InvalidAddress`, once it was given out), or `UnmappedMemory` at any time.',
      },
    ],
  },
  {
    id: 'DP-3',
    title: 'Registering only takes note',
    text: '`registerLazy` takes no frame, reads no file and refuses nothing. Starts are multiples of the page size.',
    why: 'This is what lazy means: memory is paid for when it is used.',
    example: 'registerLazy(0x10000n, 0x1000000n, …) takes no frame.',
    source: SEED,
    freedoms: [
      {
        id: 'double-registration',
        text: 'what counts, if anything does, where mappings were registered on top of one another, again at the same start without having been unregistered, or with size 0.',
      },
    ],
  },
  {
    id: 'DP-4',
    title: 'The first fault of a page gives a frame',
    text: 'The first `tryDemandPage(vaddr)` for a page of a registered mapping returns a pair `[frame, flags]`. The frame comes from the allocator and is nobody else’s: from now on it is the caller’s, who maps it. Nothing else is done: no page table is touched.',
    why: 'This is demand paging. The manager supplies the frame, its caller installs it.',
    example: 'registerLazy(0x10000n, 0x4000n, …); tryDemandPage(0x12345n) returns a frame.',
    source: SEED,
    fundamental: true,
  },
  {
    id: 'DP-5',
    title: 'The flags are those of the mapping',
    text: 'The flags that `tryDemandPage` returns are exactly those that the mapping was registered with: none is added, none is left out.',
    why: 'Whoever registered the mapping has decided what its pages may do.',
    example: 'Registered with PRESENT | NO_EXECUTE: the fault returns PRESENT | NO_EXECUTE.',
    source: SEED,
  },
  {
    id: 'DP-6',
    title: 'Anonymous pages are zero',
    text: 'Every byte of the frame of an anonymous page is 0 when it is returned. The allocator does not clear frames.',
    why: 'The frame still holds what its last owner left in it: somebody else’s data.',
    example: 'After tryDemandPage all 4096 bytes of the frame read 0.',
    source: SEED,
  },
  {
    id: 'DP-7',
    title: 'Pages of a file show the file',
    text: 'The frame of page i of a file-backed mapping holds the 4096 bytes of the file from `offset + i * 4096` on, also where the mapping ends inside the page. The offset may be any byte, and a fault anywhere in the page loads the whole page.',
    why: 'Programs are loaded this way: one wrong block is one wrong page of code.',
    example:
      'Mapping at 0x10000 with offset 0x3000: the fault at 0x11234 gives the bytes from 0x4000 on.',
    source: `${SEED}, “load from inode + offset” (the original does not load anything: corrected)`,
    freedoms: [
      {
        id: 'old-or-new',
        text: 'a file that has changed since the mapping was registered shows its old or its new bytes, page by page; what it held before it was registered is too old. (Nothing has to be read ahead.)',
      },
    ],
  },
  {
    id: 'DP-8',
    title: 'Past the end of the file there are zeros',
    text: 'Bytes of a file-backed page that lie past the end of the file are 0: the rest of the page in which the file ends, and whole pages behind it.',
    why: 'Anything else would show what the frame held before.',
    example: 'A file of 100 bytes: byte 100 of its first page is 0.',
    source: 'our decision, as for the lazy pager',
  },
  {
    id: 'DP-9',
    title: 'A page is faulted in once',
    text: 'Every later fault of a page that was given out, at whatever address of the mapping in it, throws `KernelError.InvalidAddress`: it is not a lazy fault any more. The other pages of the mapping are not affected.',
    why: 'A second frame for the same page would lose what the program has written to the first.',
    example:
      'tryDemandPage(0x10000n) twice: the second one throws InvalidAddress; tryDemandPage(0x11000n) returns a frame.',
    source: SEED,
  },
  {
    id: 'DP-10',
    title: 'A part of a page is a page',
    text: 'A mapping whose size is not a multiple of the page size has one page more than the whole ones: a fault at a byte of it gives a frame like any other. (A fault behind the last byte is left open by DP-2, before and after that page was given out.)',
    why: 'The last bytes of a file or of a heap would be out of reach otherwise.',
    example: 'Start 0x10000, size 0x1800: tryDemandPage(0x11000n) returns a frame.',
    source: `${SEED} (the number of pages is rounded up)`,
  },
  {
    id: 'DP-11',
    title: 'Where nothing is registered there is nothing',
    text: '`tryDemandPage` throws `KernelError.UnmappedMemory` for an address that no mapping contains.',
    why: 'That is the segmentation fault that ends a stray pointer.',
    example: 'On a new manager tryDemandPage(0x10000n) throws UnmappedMemory.',
    source: SEED,
  },
  {
    id: 'DP-12',
    title: 'Errors carry the address that was asked for',
    text: '`addr` of an `InvalidAddress` or `UnmappedMemory` is the address that was passed, not the page it is in, from `tryDemandPage` as well as from `handleCowFault`.',
    why: 'It ends up in the message about the program that was killed.',
    example: 'tryDemandPage(0x5678n) throws UnmappedMemory({ addr: 0x5678n }).',
    source: SEED,
  },
  {
    id: 'DP-13',
    title: 'unregisterLazy removes the mapping that starts there',
    text: '`unregisterLazy(start)` forgets the mapping with exactly this start: its pages are `UnmappedMemory` from then on. For any other address, also one in the middle of a mapping, it does nothing and throws nothing. The frames that were given out stay with whoever has them.',
    why: 'Guessing which mapping is meant would take away somebody else’s memory.',
    example: 'A mapping at 0x10000 of four pages: unregisterLazy(0x12000n) changes nothing.',
    source: SEED,
  },
  {
    id: 'DP-14',
    title: 'A mapping registered anew starts afresh',
    text: 'After `unregisterLazy` a mapping registered at the same addresses has its own flags, backing and size, and none of its pages was faulted in yet.',
    why: 'Otherwise a program that maps, unmaps and maps again would not get its memory.',
    example: 'Register, fault, unregister, register: the page can be faulted in again.',
    source: SEED,
  },
  {
    id: 'DP-15',
    title: 'A marked page has two sharers',
    text: '`markCow(vaddr, frame)` gives the page two sharers. They are counted by address: a frame is only ever marked at one address, of one manager. `release(vaddr)` gives up one reference and is true exactly if it was the last one: false, then true. After that, and for an address that was never marked, it is false. `release` frees nothing: its caller frees the frame if it is true.',
    why: 'A fork makes two of one. Freed too early, the frame belongs to two; too late, to nobody.',
    example: 'markCow(0x1000n, f); release(0x1000n) is false; release(0x1000n) is true.',
    source: SEED,
  },
  {
    id: 'DP-16',
    title: 'isCow knows the marked pages',
    text: '`isCow(vaddr)` is true for a page that was marked and still has sharers, and false for one that was never marked. The methods of the table are only ever called with addresses of pages.',
    why: 'The fault handler asks before it copies.',
    example: 'markCow(0x1000n, f); isCow(0x1000n) is true, isCow(0x2000n) is false.',
    source: SEED,
    freedoms: [
      {
        id: 'is-cow-after-last',
        text: 'after the last reference was given up `isCow` is true or false.',
      },
      {
        id: 'inside-addresses',
        text: 'the table takes addresses as they are given, or for the page that they are in.',
      },
    ],
  },
  {
    id: 'DP-17',
    title: 'A copy-on-write fault gives a private copy',
    text: '`handleCowFault(vaddr)` for a marked page returns a new frame, which is the caller’s, with all 4096 bytes of the shared frame as they are now.',
    why: 'This is copy-on-write: writers part, readers share.',
    example: 'markCow(0x1000n, f); handleCowFault(0x1000n) returns a frame with the bytes of f.',
    source: SEED,
    freedoms: [
      {
        id: 'last-sharer',
        text: 'a sharer who is the last one gets a copy like any other, or the shared frame itself, for which no frame has to be free.',
      },
      {
        id: 'old-frame',
        text: 'where the last one gets a copy, the manager frees the old frame, or leaves it to its caller. (The one in graded programs looks which it was; those in a kernel would have to agree.)',
      },
      {
        id: 'after-last',
        text: 'what a fault comes to after the last reference was given up.',
      },
    ],
  },
  {
    id: 'DP-18',
    title: 'The other sharers keep the frame',
    text: 'A copy-on-write fault gives up exactly one reference, that of the writer. As long as there are other sharers the shared frame stays allocated, its bytes stay as they are, and the page stays marked.',
    why: 'The other process must not notice that somebody has written.',
    example: 'markCow(0x1000n, f); handleCowFault(0x1000n); release(0x1000n) is true now.',
    source: SEED,
  },
  {
    id: 'DP-19',
    title: 'A write fault is looked up by its page',
    text: '`handleCowFault` may be given any address in the marked page. If the page is not marked it throws `KernelError.InvalidAddress`.',
    why: 'The processor reports the byte that was written, not the page.',
    example:
      'markCow(0x1000n, f); handleCowFault(0x1abcn) returns a copy; handleCowFault(0x2000n) throws.',
    source: SEED,
  },
  {
    id: 'DP-20',
    title: 'Ranges and single entries are marked alike',
    text: '`markCowRange(base, pages)` marks each of the pages, and `addCowEntry(vaddr, frame)` one, as `markCow` does. The addresses in `pages` are complete: `base` is not added to them.',
    why: 'A fork marks all its pages in one call.',
    example:
      'markCowRange(0x10000n, [[0x11000n, f], [0x12000n, g]]): isCow(0x11000n) is true, isCow(0x21000n) is not.',
    source: SEED,
  },
  {
    id: 'DP-21',
    title: 'A page can be marked again',
    text: 'If a page is marked that is marked already, its entry is for the frame given now. The frame that it had before is its caller’s, and not freed. Once the last reference was given up, marking begins with two.',
    why: 'Addresses are used again, for other frames.',
    example:
      'markCow(0x1000n, f); markCow(0x1000n, g); handleCowFault(0x1000n) returns a copy of g.',
    source: SEED,
    freedoms: [
      {
        id: 'marked-again',
        text: 'the page has two sharers again, or one more than before.',
      },
    ],
  },
  {
    id: 'DP-22',
    title: 'Without a free frame nothing changes',
    text: 'If the allocator has no frame, `tryDemandPage` and `handleCowFault` throw `KernelError.OutOfMemory` with `requested` 4096 and `available` 0. The page counts as not faulted in, no reference was given up, no frame is lost, and the call works when it is repeated. (A last sharer who keeps its frame needs none: DP-17.)',
    why: 'Memory runs out; the process may wait for some, the books must not be wrong by then.',
    example:
      'The allocation of a copy-on-write fault fails: release(0x1000n) is still false, then true.',
    source: SEED,
    freedoms: [
      {
        id: 'error-order',
        text: 'where several errors apply (nothing is registered or marked there, no frame is free, the file cannot be read), any of them.',
      },
    ],
  },
  {
    id: 'DP-23',
    title: 'A page that cannot be read is not given out',
    text: 'If the bytes of a page cannot be read (`readInode` throws), `tryDemandPage` lets a `KernelError` of your choice out. The frame it has taken is freed, the page counts as not faulted in, and the call works when it is repeated and the file can be read.',
    why: 'A page of zeros instead of code would be run.',
    example: 'The read fails once: the fault throws; the next one returns the page.',
    source: 'our decision (the original reads no file)',
  },
  {
    id: 'DP-24',
    title: 'A frame has one owner',
    text: 'A fault takes one frame and returns it. A call keeps no frame for later, frees only what it has taken itself in this call, and never touches the bytes of a frame that it has given out. (The exceptions are those of the last sharer, in DP-17.)',
    why: 'Who owns a frame must be clear at every moment, or it is freed twice or never.',
    example: 'A fault that is refused has taken no frame when it is over.',
    source: SEED,
  },
  {
    id: 'DP-25',
    title: 'Before init there is no global manager',
    text: 'Until `init()` (or `withManagerMut`) is called, `registerLazy` does nothing, and `handlePageFault` throws `KernelError.NotInitialized({ subsystem: "demand_paging" })`. `init()` makes a new, empty manager, also if there is one already.',
    why: 'Early in the boot of a kernel not everything is there, and it has to say so.',
    example:
      'registerLazy(…); init(); handlePageFault throws UnmappedMemory: that mapping is lost.',
    source: SEED,
  },
  {
    id: 'DP-26',
    title: 'There is one global manager',
    text: 'The exported `registerLazy` and `handlePageFault` do on the global manager what its `registerLazy` and `tryDemandPage` do. `withManagerMut(f)` calls `f` once with the same manager, which it makes if there is none, returns what `f` returns, and lets out what `f` throws; a manager that it has made stays even then. (`f` calls methods of the manager, and none of these functions.)',
    why: 'The kernel has one fault handler, and everybody registers with it.',
    example:
      'withManagerMut((m) => m.registerLazy(…)); handlePageFault finds the mapping, without init.',
    source: SEED,
  },
  {
    id: 'DP-27',
    title: 'Managers do not know each other',
    text: 'What is registered or marked in one manager is not registered or marked in another.',
    why: 'Processes that share nothing can have one each. (Those that share pages have one together: DP-15.)',
    example: 'a.registerLazy(0x10000n, …); b.tryDemandPage(0x10000n) throws UnmappedMemory.',
    source: SEED,
  },
  {
    id: 'DP-28',
    title: 'Everything together',
    text: 'Any sequence of calls keeps all the rules above. If a sequence breaks one of them, the report names that rule.',
    why: 'Mistakes like to hide where two features meet.',
    example: 'Programs of fifty random operations.',
    source: 'all of the above',
  },
];
