/** What an operation on a process must come to, and how an outcome departs from it. */
import type { Hex } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { Extent } from './region-rules.ts';

/** The rule that something breaks, and which others may be to blame. */
export interface Charge {
  readonly rule: string;
  /** Rules whose breach would have this as a consequence, too. */
  readonly perhaps?: readonly string[];
  /** Those of `perhaps` that explain it to the full if they are broken: then it says nothing against its own rule. */
  readonly surely?: readonly string[];
  /** Rules of the lazy pager that may be broken instead: if the program breaks one without its forks, too, that is the cause. */
  readonly unforked?: readonly string[];
  /** The rule that was expected to be broken by this, and is not charged for it: whether it holds, nobody can tell here. */
  readonly instead?: string;
}

/** A departure from what was expected, before it is placed in a program. */
export interface Mismatch extends Charge {
  readonly summary: string;
  readonly expected: string;
  readonly observed: string;
  readonly va?: Hex;
  /** The byte that was seen at `va`, if it is wrong. */
  readonly byte?: number;
  /**
   * Nothing that comes later depends on it, so that it is noted and the comparison goes on. `unless mapped`: if the operation has changed no page table. The model
   * then knows what may have changed besides.
   */
  readonly harmless?: boolean | 'unless mapped';
  /** It is a refusal of what had to work: nobody sees what would have come of it, at all or in these pages. */
  readonly hides?: true | Extent;
}

export interface ProcessExpectation {
  /** Rule that a panic in this operation breaks. */
  readonly rule: string;
  /** Rules whose breach would have such a panic as a consequence, too. */
  readonly perhaps?: readonly string[];
  readonly text: string;
  /** Rule that a panic breaks, if it is not always {@link rule}: in an operation of `MmStruct` it may be the pager's. */
  readonly panicRule?: (step: Step) => string;
  /** Whether a refusal must be exactly `InvalidArgument`; absent if the call must succeed. */
  readonly refusesExactly?: boolean;
  /** Compares the step and lets the model follow. `null`: as it should be. */
  judge(step: Step): Mismatch | null;
}
