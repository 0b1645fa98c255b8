/** What filling an export has come to. Plain data; `fill-text.ts` tells it. */
import type { Counted } from './class-scores.ts';
import type { Gradebook } from './gradebook.ts';

/** `points`: ours as they are. `percent`: the same share of the points possible in the platform's column. */
export type Scale = 'points' | 'percent';

/** A cell that another text was written to. */
export interface CellChange {
  /** Index into the rows of the export. */
  readonly row: number;
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Somebody of whom a person has to see. */
export interface Unsettled {
  readonly submission: string;
  /** Who handed it in, as far as is known; empty if no more than the id is. */
  readonly who: string;
  readonly reason: string;
}

export interface FillReport {
  readonly platform: Gradebook['platform'];
  readonly title: string;
  readonly possible: number | null;
  readonly scale: Scale;
  readonly counted: readonly Counted[];
  /** Students in the export. */
  readonly students: number;
  /** Cells that were empty. */
  readonly filled: readonly CellChange[];
  /** Cells that held something else. */
  readonly changed: readonly CellChange[];
  /** Cells that said the same before. */
  readonly unchanged: number;
  /** Students who are excused. */
  readonly excused: number;
  /** Students who handed nothing in. */
  readonly withoutSubmission: number;
  /** Submissions that got 0 because nothing could be graded. */
  readonly zeros: readonly Unsettled[];
  /** Scores of nobody in the export, or of several. */
  readonly unmatched: readonly Unsettled[];
  /** Students whose cell stays as it was, though they handed something in. */
  readonly unscored: readonly Unsettled[];
}
