/** Mistakes from the lists that are no mutants of fork. */
import type { LeftOut } from '../../../harness/index.ts';

export const leftOut: readonly LeftOut[] = [
  {
    source: 'contract K4',
    why: 'doLazyLoad maps read-only pages writable: a mistake of the lazy pager, which loses LP-10 and LP-11 there.',
  },
  {
    source: 'contract K5',
    why: 'Not expressible: below the kernel’s slot there are 1 GiB pages, in which no walk finds a leaf, so that the write is refused all the same. What can be told apart is any-present-fault and absent-leaf-panics.',
  },
  {
    source: 'contract K28 (frames)',
    why: 'The same as fork-loads-everything.',
  },
  {
    source: 'contract T11',
    why: 'A freedom: more invalidations than needed, up to the number that CW-16 names.',
  },
  {
    source: 'contract T1, T3, T10, T12',
    why: 'munmap without invalidation: mistakes of the page table and the lazy pager (PT-11, LP-16).',
  },
  {
    source: 'contract C14',
    why: 'clear() releases a shared frame as often as it has owners: a mistake of the page table (PT-15).',
  },
  {
    source: 'contract G10',
    why: 'A freedom: getUserPage may return the shared frame; callers only read through it.',
  },
  {
    source: 'bug-finding 5.4: wrong error code, error swallowed, frame freed but PTE left',
    why: 'As failed-fork-throws-another-error, failed-fork-succeeds and failed-fork-drops-the-parent.',
  },
  {
    source: 'bug-finding 5.4: parent left write-protected with no copy-on-write path',
    why: 'The path is the same as after a fork that succeeds, so it cannot be missing alone.',
  },
];
