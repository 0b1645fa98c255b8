/** Mistakes from the lists that are no mutants here, and why. */
import type { LeftOut } from '../../../harness/index.ts';

export const leftOut: readonly LeftOut[] = [
  {
    source: 'contract M16 (the same frame mapped again at the same address succeeds)',
    why: 'not expressible: a page is used up by its first mapping, so no program has it for a second one',
  },
  {
    source: 'contract U8 (an emptied table freed without an invalidation)',
    why: 'a freedom: graded programs run on processors that cache no paging structures',
  },
  {
    source: 'contract C14 (a shared frame freed instead of one reference dropped)',
    why: 'not expressible: `keos` has no way to free a frame but to drop references, and a second drop is clear-releases-pages-twice',
  },
  {
    source: 'contract T4, T7 (write-protecting, copy-on-write)',
    why: 'belongs to fork',
  },
  {
    source: 'bug-finding 5.4 (leak root on failure)',
    why: 'not expressible: making a root never fails',
  },
  {
    source: 'own: map drops the page that it has mapped',
    why: 'a mistake in code that is given; nothing works with it, so it says nothing about the suite',
  },
];
