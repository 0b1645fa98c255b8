/** What an operation on a process must come to, and how an outcome departs from it. */
import type { Hex } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';

/** A departure from what was expected, before it is placed in a program. */
export interface Mismatch {
  readonly rule: string;
  readonly summary: string;
  readonly expected: string;
  readonly observed: string;
  readonly va?: Hex;
  /** Rules that may be broken instead: one of the lazy pager, if the program breaks it without its forks, too; one of fork, if it is broken anyway. */
  readonly suspects?: readonly string[];
  /** Nothing that comes later depends on it, so that it is noted and the comparison goes on. */
  readonly harmless?: boolean;
}

export interface ProcessExpectation {
  /** Rule that a panic in this operation breaks. */
  readonly rule: string;
  readonly text: string;
  /** Rule that a panic inside the pager breaks, if the operation is one of `MmStruct` and the pager was asked. */
  readonly pagerRule?: string;
  /** Whether a refusal must be exactly `InvalidArgument`; absent if the call must succeed. */
  readonly refusesExactly?: boolean;
  /** Compares the step and lets the model follow. `null`: as it should be. */
  judge(step: Step): Mismatch | null;
}
