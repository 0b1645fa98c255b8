/** Mistakes from the lists that are no mutants here, and why. */
import type { LeftOut } from '../../../harness/index.ts';

export const leftOut: readonly LeftOut[] = [
  {
    source: 'contract E13 (region recorded before the loop)',
    why: 'the same as refused-region-recorded: a lazy mmap has no loop',
  },
  {
    source: 'contract E15 (every page gets block 0 of the range)',
    why: 'the same as block-of-the-region-start',
  },
  {
    source: 'contract E24 (reads by the cursor of the descriptor)',
    why: 'not expressible: a RegularFile has no cursor; reading instead of mapping is a freedom',
  },
  {
    source: 'contract T11 (the whole TLB flushed at every fault)',
    why: 'a freedom: extra invalidations cost nothing',
  },
  {
    source: 'contract A7 to A13 (ranges)',
    why: 'belongs to address-space: MmStruct.accessOk',
  },
  {
    source: 'contract A18 (accessOk looks at the RW bit of the entry)',
    why: 'not expressible: accessOk has no page table; with copy-on-write it belongs to fork',
  },
  {
    source: 'contract G10, K10 to K37 (pages shared by fork)',
    why: 'belongs to fork',
  },
  {
    source: 'contract L15 (regions keyed by the identity of address objects)',
    why: 'not expressible: addresses are bigints, which are equal by value',
  },
  {
    source: 'contract S1 to S10 (system calls)',
    why: 'belongs to address-space',
  },
  {
    source: 'contract K4 taken alone (a read-only region mapped read-only at a store, and Ok)',
    why: 'a freedom: refused at the immediate second fault',
  },
  {
    source: 'bug-finding 5.4 (parent left write-protected, OOM in COW)',
    why: 'belongs to fork',
  },
  {
    source: 'bug-finding 5.4 (loop for k <= done in a rollback)',
    why: 'belongs to address-space: a lazy mmap has nothing to roll back',
  },
  {
    source: 'bug-finding 5.4 (allocation failure during munmap)',
    why: 'not expressible: nothing fails in munmap on purpose, because it cannot report it',
  },
];
