import type { AssignmentInfo, Rule } from '../../harness/index.ts';

const rules: readonly Rule[] = [
  {
    id: 'PT-1',
    title: 'An address is split into its four indices',
    text: '`PtIndices.fromVa(va)` gives the index at each level: bits 47..39 (PML4), 38..30 (PDPT), 29..21 (PD) and 20..12 (PT), each from 0 to 511.',
    why: 'Every other operation finds its way through the tables with these four numbers; one wrong shift or mask sends addresses into the wrong table.',
    example: 'fromVa(0x4747f000) has pml4ei 0, pdptei 1, pdei 58, ptei 127.',
    source:
      'KeOS page_table.rs; Intel SDM vol. 3A, "Linear-Address Translation with 4-Level Paging"',
    fundamental: true,
  },
  {
    id: 'PT-2',
    title: 'Unaligned addresses are refused',
    text: '`fromVa`, `doMap` (and so `map`), `unmap`, `walk` and `walkMut` throw `PageTableMappingError.Unaligned` for a virtual address that is not a multiple of the page size, before they do anything else. `doMap` throws it for an unaligned physical address too.',
    why: 'An entry can only hold a page-aligned address. Rounding silently would map or unmap a page nobody asked for.',
    example: 'table.map(0x1234123, page, READ) throws Unaligned and changes nothing.',
    source: 'KeOS page_table.rs',
    freedoms: [
      {
        id: 'error-order',
        text: 'which error is thrown first if an unaligned physical address comes with another reason to refuse.',
      },
    ],
  },
  {
    id: 'PT-3',
    title: 'A mapped page is found',
    text: 'After `doMap(va, pa, perm)` or `map(va, page, perm)` succeeds, the hardware and `walk` both find exactly that frame at `va`, whatever the address, and go on finding it when more pages are mapped. Frames, of pages and of tables, may lie beyond 4 GiB: a physical address has up to 52 bits.',
    why: 'This is what a page table is for.',
    example: 'map(0x1000, page, READ); then walk(0x1000).pa() is the address of the frame of page.',
    source: 'KeOS page_table.rs',
    fundamental: true,
  },
  {
    id: 'PT-4',
    title: 'A leaf grants exactly the permission asked for',
    text: 'The leaf entry made by `doMap` has P, has RW exactly if WRITE was asked for, US exactly if USER was, XD exactly if EXECUTABLE was not, and no other flag. Every combination with READ is possible, WRITE with EXECUTABLE too.',
    why: 'A right too many lets programs break isolation; a right too few breaks programs that are correct.',
    example: 'map(va, page, READ | EXECUTABLE) makes an entry with P and nothing else.',
    source: 'KeOS page_table.rs; Intel SDM vol. 3A, "Access Rights"',
  },
  {
    id: 'PT-5',
    title: 'A permission without READ is refused',
    text: '`doMap` throws `PageTableMappingError.InvalidPermission` for every permission that lacks READ, and changes nothing. It says so even if the address is mapped already.',
    why: 'x86-64 cannot express a present page that may not be read.',
    example: 'map(0x1000, page, WRITE) throws InvalidPermission.',
    source: 'KeOS page_table.rs; precedence over Duplicated is our decision',
  },
  {
    id: 'PT-6',
    title: 'An address is mapped only once',
    text: '`doMap` throws `PageTableMappingError.Duplicated` if the address is mapped already, and the mapping that is there stays as it is, frame and rights.',
    why: 'Overwriting would lose the frame that was mapped and hand its users another one.',
    example:
      'map(0x1234000, a, READ); map(0x1234000, b, READ) throws Duplicated; walk still finds a.',
    source: 'KeOS page_table.rs',
  },
  {
    id: 'PT-7',
    title: 'Tables on the way never take rights away',
    text: 'The entries above a leaf allow whatever any leaf below them allows, whichever leaf came first: writes, user access and execution are decided by the leaf alone.',
    why: 'The hardware combines all four levels. A table entry made for a read-only page must not make its writable neighbour read-only.',
    example:
      'map(0x2000, code, READ | EXECUTABLE | USER); map(0x3000, data, READ | WRITE | USER): storing to 0x3000 works.',
    source: 'KeOS page_table.rs; Intel SDM vol. 3A, "Determination of Access Rights"',
    freedoms: [
      {
        id: 'table-rights',
        text: 'rights of table entries beyond what the leaves below them need, or only as many as they need so far.',
      },
      {
        id: 'table-marks',
        text: 'bits that the hardware ignores (9 to 11 and 52 to 58) in the entries of tables.',
      },
    ],
  },
  {
    id: 'PT-8',
    title: 'Other mappings stay as they are',
    text: 'No call changes what is mapped at any other address of this page table, or anything in another one.',
    why: 'Tables are shared between many pages; freeing or rewriting one too early takes its neighbours along.',
    example: 'map five addresses that differ in one index each; unmapping four leaves the fifth.',
    source: 'KeOS page_table.rs',
  },
  {
    id: 'PT-9',
    title: 'Unmapping gives the page back',
    text: '`unmap(va)` of a mapped address removes the mapping and returns a `Page` on the frame that was mapped: the reference that the entry owned is now the page’s.',
    why: 'The caller decides what becomes of the frame; the table must not keep, release or confuse it.',
    example:
      'map(0x1000, page, READ); unmap(0x1000) returns the same frame; walk(0x1000) then throws NotExist.',
    source: 'KeOS page_table.rs',
  },
  {
    id: 'PT-10',
    title: 'What is not mapped does not exist',
    text: '`walk`, `walkMut` and `unmap` throw `PageTableMappingError.NotExist` if nothing is mapped at the address: when the leaf is not present, and when a table on the way is missing.',
    why: 'Pagers use `walk` to ask whether a page is there; an absent page is an ordinary answer, not a crash.',
    example: 'On a new table, walk(0x1000) throws NotExist.',
    source: 'KeOS page_table.rs',
  },
  {
    id: 'PT-11',
    title: 'Unmapping invalidates the translation',
    text: 'When `unmap` returns, no processor that runs the current page table can still use the old translation.',
    why: 'A processor keeps translations until it is told. A stale one reaches a frame that belongs to somebody else by now. While the entry is there, a processor may load a translation again at any time: an invalidation counts only after the entry has changed.',
    example: 'CPU 0 reads 0x1000; unmap(0x1000); the next read of 0x1000 faults.',
    source: 'KeOS page_table.rs; Intel SDM vol. 3A, "Recommended Invalidation"',
    freedoms: [
      {
        id: 'extra-invalidations',
        text: 'more invalidations than needed: of one page or of the whole table, with a `StaleTLBEntry` or with `tlbShutdown`.',
      },
    ],
  },
  {
    id: 'PT-12',
    title: 'walk shows the live entry and changes nothing',
    text: '`walk(va)` returns the leaf entry itself, not a copy; it allocates nothing and changes nothing.',
    why: 'What the hardware and later calls write to the entry must be seen through it.',
    example: 'walk(0x1000).pa() is the frame that is mapped there.',
    source: 'KeOS page_table.rs',
  },
  {
    id: 'PT-13',
    title: 'walkMut gives a handle on the live entry',
    text: '`walkMut(va)` returns a `Walked` for this address on the leaf entry itself: after its `clear()` and the invalidation nothing is mapped, and `setPage` then maps another page.',
    why: 'Copy-on-write replaces the frame behind an address in exactly this way.',
    example: 'w = walkMut(va); old = w.clear().invalidate(); w.setPage(copy, flags).',
    source: 'KeOS page_table.rs',
  },
  {
    id: 'PT-14',
    title: 'clear releases everything once',
    text: '`clear()`, and so `drop()`, releases the reference of every mapped page (of one that is mapped several times, one for each entry) and frees every table below the root, each exactly once. The root stays, empty, and can be used again after `clear()`. Pages that have other owners live on.',
    why: 'A process that exits must give back all its memory, and only its own.',
    example: 'map a thousand pages, drop the table: no frame is in use any more.',
    source: 'KeOS page_table.rs',
    freedoms: [
      {
        id: 'empty-tables',
        text: 'a table that has become empty is freed at once, kept for later use, or freed by `clear()` only.',
      },
    ],
  },
  {
    id: 'PT-15',
    title: 'Every frame has its owners',
    text: 'On every path, success or error, each present entry owns one reference to its frame and nothing is lost: no leak, no release of what is still in use, no double release. A frame that is not needed any more is released, or used again, before others run out: the same calls can be repeated for ever in little memory. A failed `doMap` does not touch the reference of the page that it was given; a failed `map` releases it.',
    why: 'Leaks add up until the machine is out of memory; an early release gives one page to two owners.',
    example: 'map(va, a, READ); map(va, b, READ) throws Duplicated and b is free again.',
    source: 'KeOS page_table.rs',
    freedoms: [
      {
        id: 'kept-pages',
        text: 'a frame that an entry points to is owned by a reference from `intoRaw`, or by a `Page` in a field of the page table.',
      },
    ],
  },
  {
    id: 'PT-16',
    title: 'The kernel half stays untouched',
    text: 'Slots 256 to 511 of the root are shared by all page tables: `new PageTable()` has the kernel’s entries there (`PageTableRoot.newBoxedWithKernelAddr()` makes such a root), and no call changes them or frees what lies below them. Only a table that is made on a root without them has none.',
    why: 'The kernel lives there, in every address space.',
    example: 'clear() of a table with the kernel half leaves slot 510 alone.',
    source: 'KeOS page_table.rs',
  },
  {
    id: 'PT-17',
    title: 'Running out of memory changes nothing',
    text: '`Page.new()` may throw `KernelError.NoMemory` at any call. A `doMap` that cannot get its tables lets a `KernelError` out, maps nothing, loses no frame, and works when it is called again later. An empty table may stay behind.',
    why: 'Memory does run out, and a kernel has to survive it.',
    example:
      'the second frame allocation inside map(0x1000, …) fails: the call throws, a second call succeeds.',
    source: 'our decision (KeOS stops the kernel)',
    freedoms: [
      {
        id: 'shortage-leaves-tables',
        text: 'tables that were linked before memory ran out stay, empty, or are taken away again.',
      },
    ],
  },
  {
    id: 'PT-18',
    title: 'Everything together',
    text: 'Any sequence of calls, on several page tables and processors, keeps all the rules above. If a sequence breaks one of them, the report names that rule.',
    why: 'Mistakes like to hide where two features meet.',
    example: 'Programs of fifty random operations.',
    source: 'all of the above',
  },
];

export const assignment: AssignmentInfo = {
  id: 'page-table',
  title: 'Four-level page table',
  requires: ['page-table'],
  modelParts: [],
  rules,
};
