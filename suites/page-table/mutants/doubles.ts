/** Two mistakes at once: neither may hide the other completely, nor make the score better. */
import type { Double } from '../../../harness/index.ts';

export const doubles: readonly Double[] = [
  ['unmap-does-not-invalidate', 'clear-keeps-pages'],
  ['unmap-keeps-the-leaf', 'map-overwrites'],
  ['leaf-always-writable', 'tables-never-user'],
  ['xd-inverted', 'only-empty-permission-refused'],
  ['walk-finds-absent-leaves', 'unmap-does-not-invalidate'],
  ['failed-map-keeps-page', 'shortage-leaks-tables'],
  ['clear-goes-into-the-kernel', 'clear-keeps-pdpts'],
  ['unaligned-rounded-down', 'duplicated-is-not-exist'],
  ['pml4-mask-eight-bits', 'clear-misses-last-slot'],
  ['emptiness-from-entry-0', 'tables-take-rights-of-first-page'],
  ['walked-for-page-0', 'leaf-never-user'],
  ['shortage-remembered', 'drop-keeps-the-root'],
];
