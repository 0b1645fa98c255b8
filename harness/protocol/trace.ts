/**
 * A trace: what the untrusted side saw while it ran a program. Plain data, believed only as an observation.
 */
import type { FrameUse } from '../../reference/contract/frame-use.ts';
import type { InjectionCounts } from '../../reference/contract/injection.ts';
import type {
  Effort,
  Fact,
  FrameSites,
  Leaf,
  SpaceChange,
} from '../../reference/contract/machine-facts.ts';
import type { Hex } from './program.ts';

/** A value student code returned, reduced to what can be said of it without running any of its code. */
export type Value =
  | { readonly type: 'bigint'; readonly value: Hex }
  | {
      readonly type:
        'number' | 'boolean' | 'string' | 'undefined' | 'null' | 'object' | 'function' | 'symbol';
      readonly value: string;
    };

/** What a leaf entry looked like to student code: frame number, flag bits, and whether the view is the live entry of that address. */
export interface EntrySeen {
  readonly frame: number | null;
  readonly flags: Hex;
  readonly live: boolean;
}

/** One page fault and how the pager's handler ended. */
export interface FaultSeen {
  readonly va: Hex;
  readonly code: number;
  /** `ok`, or the name of the error thrown. */
  readonly handled: string;
}

/** A call that `MmStruct` made to its pager, and what the pager answered: tells whose mistake a wrong result is. */
export interface PagerCall {
  readonly call: string;
  /** Without the page table. A file stands as its label. */
  readonly args: readonly Value[];
  /** What it returned, or the name of the error thrown. */
  readonly answer: Value | { readonly type: 'thrown'; readonly value: string };
}

export type Outcome =
  /** The call returned. */
  | {
      readonly kind: 'ok';
      readonly value?: Value;
      /** `walk` and `walk-mut`. */
      readonly entry?: EntrySeen;
      /** Frame number of a page returned or used. */
      readonly frame?: number;
      /** Bytes seen: `access`, `probe` and `get-user-page` (run-length: [byte, count] pairs). */
      readonly bytes?: readonly (readonly [number, number])[];
      /** `indices`: pml4ei, pdptei, pdei, ptei. */
      readonly indices?: readonly Value[];
      /** `get-user-page`: the permission returned. `demand-page`: the flags returned. */
      readonly perm?: Value;
    }
  /** The call threw one of the errors of the interface. */
  | { readonly kind: 'error'; readonly error: string }
  /** An access could not be carried out: the pager refused (`error` says how) and the process would be killed. */
  | { readonly kind: 'killed'; readonly error: string }
  /** A `probe` faulted (error code), or hit a non-canonical address (`null`). */
  | { readonly kind: 'fault'; readonly code: number | null }
  /** The handler said all is well, but the access faults again and again. */
  | { readonly kind: 'no-progress' }
  /** The kernel stopped for good. */
  | { readonly kind: 'panic'; readonly panic: Panic }
  /** The call returned something that is not what the interface says (not a `Pte`, not a `Page`, …). */
  | { readonly kind: 'bad-value'; readonly what: string; readonly value: Value }
  /** The operation names a label that does not exist. */
  | { readonly kind: 'skipped' };

/** Why a run ended before its program did. */
export interface Panic {
  /** See the emulator's `Stop`; `exception`: student code threw something that is not an error of the interface. */
  readonly kind: 'panic' | 'todo' | 'limit' | 'torn' | 'exception';
  readonly about?: 'frames' | 'invalidation' | 'kernel-half' | 'leaves' | 'call';
  readonly message: string;
  /** Raw stack text. */
  readonly stack: string;
  /** Where the frame that it is about was allocated and released (see `RunOptions.recordSites`). */
  readonly sites?: FrameSites;
}

/** A frame that student code has freed. */
export interface FreedFrame {
  readonly frame: number;
  /** Where, as raw stack text. Empty unless sites are recorded. */
  readonly site: string;
}

/** Everything about one operation. */
export interface Step {
  readonly outcome: Outcome;
  readonly faults: readonly FaultSeen[];
  /**
   * The address spaces that changed since the step before, by label: all user leaves of a new one, what changed in a known one, `null` for one that is
   * gone.
   */
  readonly spaces: Readonly<Record<string, readonly Leaf[] | SpaceChange | null>>;
  /** Facts that hold now and did not hold after the step before. */
  readonly facts: readonly Fact[];
  readonly effort: Effort;
  /** What `MmStruct` asked of the pager, in order (the first and the last of very many). */
  readonly asked?: readonly PagerCall[];
  /** Whether a call failed on purpose: the failure injected into this operation, or a file's block that cannot be read. */
  readonly injected: boolean;
  /** A frame was refused because all of them are in use. */
  readonly ranOut?: true;
  /** Calls made at each point where a failure can be injected. */
  readonly calls: InjectionCounts;
  /** Operations on managers: the frames that the driver held and that student code has freed. */
  readonly freed?: readonly FreedFrame[];
  /** What the frames are used for that the operation allocated, in order (see `RunOptions.recordUses`). */
  readonly uses?: readonly FrameUse[];
}

export interface Trace {
  readonly steps: readonly Step[];
  /** Lines that student code printed (capped). */
  readonly log: readonly string[];
  /**
   * How releasing everything ended: after the last operation every process exits, and every table and page of the driver is dropped. Then the
   * frames still owned are leaks. `null` if the program did not run to its end.
   */
  readonly teardown: { readonly outcome: Outcome; readonly leaks: readonly Fact[] } | null;
  /** The page walk asked for (see `RunOptions.inspect`), as lines of text, as it was after the last step. */
  readonly walk: readonly string[] | null;
  /** Why the modules could not be loaded; then there are no steps. */
  readonly loadError: Panic | null;
}
