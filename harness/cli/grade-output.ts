/** Where grades go, beside stdout. */
import type { Submitter } from '../intake/submitter.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import type { SummaryRow } from '../scoring/summary.ts';
import type { ResultKey } from './result-key.ts';

/** All of it throws an `OutputError` where something cannot be written. */
export interface GradeOutput {
  /** Folder of results to use again; null: none are kept. */
  readonly cache: string | null;
  /** Takes who handed in what, before anything is graded. */
  nameSubmitters(
    submissions: readonly { readonly id: string; readonly submitters: readonly Submitter[] }[],
  ): Promise<void>;
  /** Takes a grade. Without a key it depends on more than what was handed in. */
  save(grade: SubmissionGrade, key: ResultKey | null): Promise<void>;
  /** Takes the rows of all submissions, when all is done and printed. Gives how many others from earlier runs are listed with them. */
  summarise(rows: readonly SummaryRow[]): Promise<number>;
}
