/** What a platform wants of a grade, and where. All of it may be read by the student. */
import type { JobOptions } from '../../runner/worker-job.ts';
import type { SubmissionGrade } from '../../scoring/grade.ts';

/** File names, and what is in each; null: no such file. */
export type Files = Readonly<Record<string, string | null>>;

export interface Delivery {
  /** Where {@link before} and {@link files} go; null: nowhere. */
  readonly output: string | null;
  /** The folder with the student's files, if the platform says which. */
  readonly checkout?: string | undefined;
  /** What stands there until there is a grade: nobody is to take an earlier run's files for this one's, should it not live to see its end. */
  readonly before: Files;
  files(grade: SubmissionGrade): Files;
  /** Paths of files that the platform has made, and text to put at their end. */
  appended(grade: SubmissionGrade): Readonly<Record<string, string>>;
  /** What is said on stdout after the report. */
  closing(grade: SubmissionGrade): string;
}

/** What a delivery is made from. */
export interface PipelineRun {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the submission. */
  readonly submission: string;
  /** The folder that holds its code, from there: with a slash at its end, or empty. */
  readonly codeFolder: string;
  /** `--output`. */
  readonly output: string | null;
  readonly options: JobOptions;
}
