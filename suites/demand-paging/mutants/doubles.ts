/** Two mistakes at once: neither may hide the other completely, nor make the score better. */
import type { Double } from '../../../harness/index.ts';

export const doubles: readonly Double[] = [
  ['file-index-forgotten', 'tail-not-cleared'],
  ['flags-lose-writable', 'range-adds-its-base'],
  ['read-error-loses-the-frame', 'count-begins-at-three'],
  ['unregister-rounds-down', 'copy-cut-short'],
  ['contains-includes-the-end', 'second-fault-is-unmapped'],
  ['mappings-of-all-managers', 'release-frees-the-frame'],
];
