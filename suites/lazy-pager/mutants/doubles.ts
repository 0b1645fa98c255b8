/** Two mistakes at once: neither may hide the other completely, nor make the score better. */
import type { Double } from '../../../harness/index.ts';

export const doubles: readonly Double[] = [
  ['mmap-returns-size', 'munmap-returns-bytes'],
  ['overlap-successor-only', 'munmap-keeps-the-region'],
  ['file-offset-forgotten', 'munmap-first-page-only'],
  ['everything-executable', 'cow-ignores-the-region'],
  ['outside-says-ok', 'access-ok-end-inclusive'],
  ['munmap-keeps-frames', 'failed-map-leaks'],
  ['user-page-not-loaded', 'access-ok-needs-user'],
  ['size-not-rounded', 'munmap-one-page-too-many'],
  ['user-page-loads-the-region', 'spurious-fault-fails'],
  ['null-accepted', 'no-read-accepted'],
  ['read-error-is-zeros', 'munmap-inside'],
  ['munmap-does-not-invalidate', 'overlap-last-region-only'],
];
