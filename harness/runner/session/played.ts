/** What playing a program came to. */
import type { DeathCause } from '../../sandbox/confined-process.ts';
import type { Program } from '../../protocol/program.ts';
import type { Panic, Trace } from '../../protocol/trace.ts';
import type { Verdict } from '../../oracle/verdict.ts';

export type Played =
  | {
      readonly kind: 'judged';
      readonly trace: Trace;
      readonly verdict: Verdict;
      /** With a spy before the pager it comes to something else, so this is what it came to without; see `unwatched.ts`. */
      readonly unwatched?: true;
    }
  /** The modules could not be loaded, or lack an export. */
  | { readonly kind: 'unloadable'; readonly panic: Panic }
  /** The program killed its process. */
  | {
      readonly kind: 'died';
      readonly why: DeathCause;
      readonly detail: string;
      /** Operation that it died in, as far as it told: the number of operations stands for the release of everything. */
      readonly lastOp?: number;
    };

/** A program, and what it came to when it was judged. */
export interface SampledRun {
  readonly program: Program;
  readonly trace: Trace;
  /** Id of the check that played it. */
  readonly check: string;
}
