import type { FrameSites } from '../contract/machine-facts.ts';

/**
 * What a panic is about: ownership of frames, a translation that was never invalidated, what all page tables share, far more present pages than a program
 * maps, or a wrong call.
 */
export type PanicAbout = 'frames' | 'invalidation' | 'kernel-half' | 'leaves' | 'call';

/** Why a machine stopped for good. Sticky: whatever the student's code catches, the run ends with it. */
export interface Stop {
  /**
   * `panic`: the kernel misused the machine. `todo`: it reached a body that is not written yet. `limit`: a deterministic budget ran
   * out. `torn`: a hardware call was cut short (endless recursion), so the machine's state means nothing any more.
   */
  readonly kind: 'panic' | 'todo' | 'limit' | 'torn';
  readonly about?: PanicAbout;
  readonly message: string;
  /** Raw stack text. */
  readonly stack: string;
  /** Where the frame that it is about was allocated and released, if sites are recorded. */
  readonly sites?: FrameSites;
}

/** Thrown to unwind student code once the machine has stopped. */
export class KernelPanic extends Error {
  override readonly name = 'KernelPanic';
}
