/** What the judge of one operation found: things that are wrong and disturb nothing, and at most one after which nothing can be said any more. */
import type { Mismatch } from './mismatch.ts';

export interface Findings {
  /** Noted; the comparison goes on. */
  readonly noted: readonly Mismatch[];
  /** Ends the comparison. */
  readonly broken: Mismatch | null;
}

/** All is well. */
export const NOTHING: Findings = { noted: [], broken: null };

export function noted(...mismatches: readonly Mismatch[]): Findings {
  return { noted: mismatches, broken: null };
}

export function broken(mismatch: Mismatch): Findings {
  return { noted: [], broken: mismatch };
}
