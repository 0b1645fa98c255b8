/**
 * Rules about situations that a broken rule keeps from arising: a page that is there already is never loaded, and one that is no copy is never copied. Who
 * does not let them arise has not shown that they would go well.
 */
import type { ModelProcess } from './model-process.ts';
import { isPastFile, type Region } from './model-region.ts';
import type { Excused } from './verdict.ts';

/** `mmap` loads nothing. */
export const LAZY = 'LP-5';
/** `fork` shares the frames of loaded pages. */
export const SHARES = 'CW-2';
/** What has to happen to pages that `fork` shares. */
export const PROTECTION_RULES: readonly string[] = ['CW-3', 'CW-6'];
/** What has to happen when a shared page is written. */
export const COPY_RULES: readonly string[] = ['CW-4', 'CW-7', 'CW-10', 'CW-16'];

/** What has to happen when the page at `page` is touched for the first time. */
export function loadRules(process: ModelProcess, region: Region, page: number): readonly string[] {
  const contents = region.file === null ? 'LP-6' : isPastFile(region, page) ? 'LP-8' : 'LP-7';
  return [contents, 'LP-12', ...(process.unmapped.has(page) ? ['LP-17'] : [])];
}

export class Unseen {
  readonly #seen = new Set<string>();
  readonly #missed = new Map<string, string>();

  /** A situation has arisen that these rules are about. */
  see(...rules: readonly string[]): void {
    for (const rule of rules) this.#seen.add(rule);
  }

  /** It has not, because the rule `cause` is broken. */
  miss(cause: string, ...rules: readonly string[]): void {
    for (const rule of rules) this.#missed.set(rule, this.#missed.get(rule) ?? cause);
  }

  /** The rules whose situations have been missed every time. */
  get excused(): readonly Excused[] {
    return [...this.#missed].flatMap(([rule, cause]) =>
      this.#seen.has(rule) ? [] : [{ rule, cause, isUnseen: true }],
    );
  }
}
