import type { ListedFile } from './listed-file.ts';
import type { Submitter } from './submitter.ts';

/** What a source holds. */
export interface Contents {
  readonly files: readonly ListedFile[];
  /** Whether they come out of an archive that is the submission: a further one in it is not opened. */
  readonly isUnpacked: boolean;
  readonly notes: readonly string[];
}

/** One submission to read, under the name it has in this run. */
export interface Source {
  readonly id: string;
  /** What to give to find it again: a path on disk, or one of an archive and on into it (`export.zip/submission_12`). */
  readonly path: string;
  /** The path on the command line that it comes from. */
  readonly from: string;
  /** Who handed it in, as far as the platform tells. */
  readonly submitters: readonly Submitter[];
  /** @throws {Refusal} for what no submission may hold. */
  contents(): Promise<Contents>;
}
