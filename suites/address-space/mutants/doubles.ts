/** Two mistakes at once: neither may hide the other completely, nor make the score better. */
import type { Double } from '../../../harness/index.ts';

export const doubles: readonly Double[] = [
  // A page that stays and a region that stays explain much of each other.
  ['munmap-remembers-region', 'munmap-forgets-only'],
  ['failure-leaves-pages', 'no-overlap-check'],
  ['munmap-keeps-frames', 'access-ignores-write'],
  ['first-page-only', 'range-ends-only'],
  ['one-page-too-many', 'call-user-forgotten'],
  ['file-offset-ignored', 'call-offset-forgotten'],
  ['mmap-returns-size', 'munmap-call-swallows'],
  ['access-end-inclusive', 'range-end-inclusive'],
  ['write-always', 'user-page-permission'],
  ['munmap-inside', 'call-zero-is-anonymous'],
  ['end-wraps', 'call-size-lower-half'],
  ['blocks-shared', 'munmap-returns-size'],
];
