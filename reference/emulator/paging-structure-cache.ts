/**
 * What a processor remembers of PML4Es, PDPTEs and PDEs that lead to further structures, so that a walk need not begin at the root. It makes
 * visible that a page table was freed while a processor could still walk through it.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", section "Caching Translation Information", subsection "Paging-Structure Caches".
 */
import { SPAN } from '../x86/address.ts';
import { entryAddress, HI_EXECUTE_DISABLE, type Level, LO } from '../x86/page-table-entry.ts';
import { type Keyed, KeyTable } from './key-table.ts';
import type { WalkStart, WalkStep } from './walker.ts';

/**
 * Levels of the entries that are remembered, deepest first: the further a walk is shortened the better. Source: Intel SDM vol. 3A, "Caches for Paging
 * Structures", "Using the Paging-Structure Caches to Translate Linear Addresses".
 */
const LEVELS = [2, 3, 4] as const satisfies readonly Level[];

/** `low`: what the addresses that it serves have in common; `high`: the context. */
type Remembered = WalkStart & Keyed;

/** A remembered way to a structure. */
export interface CachedStructure extends WalkStart {
  /** First signed linear address that it serves. */
  readonly linear: number;
  readonly pcid: number;
}

export class PagingStructureCache {
  readonly #caches = LEVELS.map((level) => ({ level, starts: new KeyTable<Remembered>() }));

  /** Where a walk for `linear` in the context of `pcid` may begin, or `null` for the root. */
  lookUp(linear: number, pcid: number): WalkStart | null {
    for (const { level, starts } of this.#caches) {
      const found = starts.get(prefixOf(linear, level), pcid);
      if (found !== undefined) return found;
    }
    return null;
  }

  /**
   * Remembers the entries of a successful walk that led to further structures, with the rights combined so far. `start`: where it began. Source: Intel SDM
   * vol. 3A, "Caches for Paging Structures": only present entries without reserved bits whose accessed flag is set.
   */
  remember(
    linear: number,
    pcid: number,
    start: WalkStart | null,
    steps: readonly WalkStep[],
  ): void {
    let { writable, user, executable } = start ?? { writable: true, user: true, executable: true };
    for (const { level, lo, hi } of steps) {
      if (level === 1 || (lo & LO.PAGE_SIZE) !== 0) return;
      writable &&= (lo & LO.WRITABLE) !== 0;
      user &&= (lo & LO.USER) !== 0;
      executable &&= (hi & HI_EXECUTE_DISABLE) === 0;
      const next = { level: (level - 1) as Level, table: entryAddress(lo, hi) };
      const starts = this.#caches.find((cache) => cache.level === level)?.starts;
      starts?.set({
        low: prefixOf(linear, level),
        high: pcid,
        ...next,
        writable,
        user,
        executable,
      });
    }
  }

  /**
   * Drops what is remembered in the context of `pcid`: INVLPG does so, whatever its address. Source: Intel SDM vol. 3A, "Operations that Invalidate TLBs and
   * Paging-Structure Caches".
   */
  invalidateContext(pcid: number): void {
    for (const { starts } of this.#caches) starts.deleteWhere(({ high }) => high === pcid);
  }

  /** Drops what leads to `linear` in the context of `pcid`: a page fault there does so. Source: as for {@link invalidateContext}. */
  invalidatePage(linear: number, pcid: number): void {
    for (const { level, starts } of this.#caches) starts.delete(prefixOf(linear, level), pcid);
  }

  clear(): void {
    for (const { starts } of this.#caches) starts.clear();
  }

  /** Structures that can be entered without looking at what leads to them, in no particular order. */
  *reachable(): Iterable<CachedStructure> {
    for (const { level, starts } of this.#caches)
      for (const start of starts.values())
        yield { ...start, linear: start.low * SPAN[level], pcid: start.high };
  }
}

/** What the addresses that an entry of `level` serves have in common: at most 27 bits and a sign. */
function prefixOf(linear: number, level: Level): number {
  return Math.floor(linear / SPAN[level]);
}
