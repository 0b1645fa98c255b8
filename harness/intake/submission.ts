import type { Submitter } from './submitter.ts';

/** The code one student handed in, as text in memory: nothing of it has been written anywhere or run. */
export interface Submission {
  /** Safe in file names, reports and shells; see `submissionId`. */
  readonly id: string;
  /** Where it can be read again; see `Source.path`. */
  readonly source: string;
  /** Text of each file of code, by its path from the folder that holds the code (`/` between names). */
  readonly files: Readonly<Record<string, string>>;
  /** That folder, in what was handed in: with a slash at its end, or empty. */
  readonly folder: string;
  /** SHA-256, in hexadecimal, of the paths and bytes of these files: the same for a folder and a zip of it. */
  readonly digest: string;
  /** Sentences for the student and the grader: files that look misnamed or misplaced, and are not read as what they seem. */
  readonly notes: readonly string[];
  /** Sentences on where it comes from: older attempts that do not count, an archive that is incomplete. */
  readonly provenance: readonly string[];
  /** Who handed it in, as far as the platform tells: all members of a group. */
  readonly submitters: readonly Submitter[];
}

/** A source that cannot be graded, and why. */
export interface Rejection {
  readonly id: string;
  readonly source: string;
  /** One sentence: what is wrong, where, and what to do about it. Free of control characters. */
  readonly reason: string;
  /** `rejected`: its own fault. `error`: what it came in is damaged or incomplete, through no fault of whoever handed it in. */
  readonly outcome: 'rejected' | 'error';
  readonly submitters: readonly Submitter[];
}

/** True for a source that cannot be graded. */
export function isRejection(result: Submission | Rejection): result is Rejection {
  return 'reason' in result;
}
