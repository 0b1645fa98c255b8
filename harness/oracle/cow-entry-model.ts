/**
 * An entry of the table of shared frames. How many sharers it counts is known but for what the rules leave open, so there is a set of possible counts,
 * and each answer seen rules some of them out.
 */
import type { ModelFrame } from './model-frame.ts';

/** The call that made an entry. */
export type MarkedBy = 'mark-cow' | 'add-cow-entry' | 'mark-cow-range';

/** Sharers of a frame that is marked. */
const SHARERS = 2;

export class CowEntryModel {
  readonly frame: ModelFrame;
  readonly by: MarkedBy;
  /** How often the page was marked, and for which frames before. */
  readonly marks: number;
  readonly formerFrames: readonly ModelFrame[];
  /** Copy-on-write faults that were handled, and those that were refused because something had failed on purpose. */
  faults = 0;
  failedFaults = 0;
  #counts: readonly number[];

  /** `before`: the entry of the same page that this one takes the place of. */
  constructor(frame: ModelFrame, by: MarkedBy, before: CowEntryModel | undefined) {
    this.frame = frame;
    this.by = by;
    this.marks = (before?.marks ?? 0) + 1;
    this.formerFrames = before === undefined ? [] : [...before.formerFrames, before.frame];
    // Marking again begins anew, or adds a sharer to those that are left.
    const left = before === undefined ? [] : before.#counts.filter((count) => count > 0);
    this.#counts = [...new Set([SHARERS, ...left.map((count) => count + 1)])];
  }

  /** Whether the last sharer may be gone. */
  get mayBeOver(): boolean {
    return this.#counts.includes(0);
  }

  /** Whether there may be one sharer left. */
  get mayBeLast(): boolean {
    return this.#counts.includes(1);
  }

  /** The last sharer has kept the frame for itself. */
  end(): void {
    this.#counts = [0];
  }

  /** One sharer less. `wasLast`: whether it was seen to be the last one, if that was seen. False: that cannot be. */
  release(wasLast?: boolean): boolean {
    const possible = this.#counts.filter(
      (count) => wasLast === undefined || (count === 1) === wasLast,
    );
    if (possible.length === 0) return false;
    this.#counts = [...new Set(possible.map((count) => Math.max(0, count - 1)))];
    return true;
  }
}
