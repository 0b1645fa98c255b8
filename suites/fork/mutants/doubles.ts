/** Pairs of mistakes that one student may well make together: the second must not hide the first. */
import type { Double } from '../../../harness/index.ts';

export const doubles: readonly Double[] = [
  ['fork-without-shootdown', 'old-page-is-kept'],
  ['fork-copies-eagerly', 'region-is-not-asked'],
  ['child-stays-writable', 'fork-without-shootdown'],
  ['fork-skips-read-only-regions', 'clone-shares-the-list'],
  ['copies-nothing', 'failed-fork-keeps-the-child'],
  ['protect-drops-xd', 'copy-without-invalidation'],
  ['sharing-is-counted-twice', 'failed-copy-loses-the-page'],
  ['any-present-fault', 'fork-loads-everything'],
  ['clone-shares-the-list', 'writable-in-place'],
  ['munmap-trusts-its-notes', 'shootdown-of-the-child'],
  ['access-ok-asks-for-copies', 'copy-has-xd'],
  ['fork-shares-first-pages', 'copies-writable-pages'],
];
