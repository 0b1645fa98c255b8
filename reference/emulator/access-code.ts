/**
 * Accesses as small numbers, and the question whether the TLB may answer one as a look into a table: an emulated access spends most of its time here.
 */
import type { PagingControls } from '../x86/access.ts';
import { type Access, type CombinedRights, isAllowed } from './walker.ts';

/** Every access there is. Its place is its code. */
export const ACCESSES: readonly Required<Access>[] = (['read', 'write', 'fetch'] as const).flatMap(
  (kind) =>
    (['supervisor', 'user'] as const).flatMap((mode) =>
      [false, true].map((ac) => ({ kind, mode, ac })),
    ),
);

/** The code of an access. */
export function accessCode({ kind, mode, ac }: Access): number {
  const base = kind === 'read' ? 0 : kind === 'write' ? 4 : 8;
  return base + (mode === 'user' ? 2 : 0) + (ac === true ? 1 : 0);
}

/** What decides whether a translation serves an access, in four bits. Source: Intel SDM vol. 3A, "Caching Translations in TLBs" (what an entry holds). */
export function grantOf({
  writable,
  user,
  executable,
  dirty,
}: CombinedRights & { readonly dirty: boolean }): number {
  return (writable ? 1 : 0) | (user ? 2 : 0) | (executable ? 4 : 0) | (dirty ? 8 : 0);
}

/**
 * By code of the access: a word whose bit n says whether a translation with grant n serves it without a walk. A write through a clean one is allowed, but
 * has to set the dirty flag in memory first.
 *
 * Source: Intel SDM vol. 3A, "Details of TLB Use", "Accessed and Dirty Flags".
 */
export function servedWithoutWalk(controls: PagingControls): Int32Array {
  return Int32Array.from(ACCESSES, (access) => {
    let word = 0;
    for (let grant = 0; grant < 16; grant++) {
      const rights = {
        writable: (grant & 1) !== 0,
        user: (grant & 2) !== 0,
        executable: (grant & 4) !== 0,
      };
      const dirty = (grant & 8) !== 0;
      if (isAllowed(rights, access, controls) && (access.kind !== 'write' || dirty))
        word |= 1 << grant;
    }
    return word;
  });
}
