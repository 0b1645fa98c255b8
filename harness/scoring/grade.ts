/**
 * The record of a grading, from one check up to a submission. Everything a report says is in here; reporters only choose and
 * arrange. Plain data, immutable, JSON-serialisable. This is the shape of `results.json` (see `docs/results-format.md`).
 */

/** `error`: the grader itself failed (never the student's fault, never a zero). `skipped`: something it builds on is broken. */
export type CheckStatus = 'passed' | 'failed' | 'skipped' | 'error';

/** Who may see a check's name and failure before the teacher publishes: as Gradescope spells it. */
export type Visibility = 'visible' | 'hidden';

/** A place in a student's file. Line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Why a check failed, told so that a student can act on it. */
export interface Failure {
  /** Rule that the shortest program breaks. */
  readonly rule: string;
  /** One line: what is wrong. */
  readonly summary: string;
  /** The shortest program found, one numbered step each (without the numbers). */
  readonly steps: readonly string[];
  /** Index into `steps` of the step that showed it. */
  readonly failingStep: number;
  readonly expected: string;
  readonly observed: string;
  /** The page walk of the address in question, several lines, if there is one. */
  readonly walk: string | null;
  readonly hint: string;
  /** Innermost place in the student's code, and the frames above it, for a panic, a limit, or a frame's allocation. */
  readonly stack: readonly SourceLocation[];
  /** What the student's code printed in this program (capped). */
  readonly log: readonly string[];
  /** What to type to see it again. */
  readonly replay: string;
}

/** One check: the smallest graded statement. */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  /** Rule whose points it guards. */
  readonly rule: string;
  readonly kind: 'scenario' | 'property';
  readonly points: number;
  readonly visibility: Visibility;
  readonly status: CheckStatus;
  /** Set when failed. Otherwise another rule that the check's program was seen to break, if any. */
  readonly failure: Failure | null;
  /** Set when skipped or error: which prerequisite, or what went wrong in the grader. */
  readonly reason: string | null;
  /** What an enumeration of failures has tried; null for other checks, and if nothing was tried. */
  readonly injections: Injections | null;
}

/** Calls of student code that were made to fail, one after the other: frame allocations, and reads of files. */
export interface Injections {
  /** Calls that have failed, once and from then on. */
  readonly failed: number;
  /** Calls there are, in all programs played. */
  readonly calls: number;
}

/**
 * One program, two answers: played again in a fresh process, the submission did something else than at first. A kind of failure of its own, which
 * belongs to no rule and takes no points: what was judged is the first run.
 */
export interface RunDifference {
  /** The check that played the program. */
  readonly check: string;
  /** The program, one numbered step each (without the numbers). */
  readonly steps: readonly string[];
  /** Index into `steps` of the first step at which the two runs differ. */
  readonly differingStep: number;
  /** What the step came to in the run that was judged. */
  readonly first: string;
  /** What it came to in the fresh process. */
  readonly again: string;
}

/** A rule's points are earned together: only if every check of the rule passed and no other check saw it broken. */
export interface RuleResult {
  readonly id: string;
  readonly title: string;
  readonly status: 'held' | 'broken' | 'not judged';
  readonly points: number;
  readonly earned: number;
}

/**
 * `graded`: checks ran. `not submitted`: no file for it, and it was not asked for by name (outside the percentage). `missing`: asked for by name, but
 * a file is missing (0 points). `broken`: a file it needs does not compile, or lacks an export (0 points; see `problems`).
 * `error`: the grader failed.
 */
export type AssignmentOutcome = 'graded' | 'not submitted' | 'missing' | 'broken' | 'error';

export interface AssignmentGrade {
  readonly assignment: string;
  readonly title: string;
  readonly outcome: AssignmentOutcome;
  /** False if the options of the run left it out: it is then `not submitted`, whatever was handed in. */
  readonly selected: boolean;
  readonly score: number;
  readonly maxScore: number;
  /** Which page table it ran on; `model` when that gave the better score (the note says so). Null where it makes no difference. */
  readonly pageTable: 'own' | 'model' | null;
  /** Sentences for the reader: which page table counted, what was not implemented, what stopped early. */
  readonly notes: readonly string[];
  readonly rules: readonly RuleResult[];
  readonly checks: readonly CheckResult[];
  /** Null if all programs of the sample that was played again came to the same. */
  readonly difference: RunDifference | null;
}

/** Something wrong with the submission's text, with the student's line where there is one. */
export interface Problem {
  /** `syntax`, `import`, `export`, `limit` stop what needs the file; `type` is shown first and costs nothing. */
  readonly kind: 'syntax' | 'import' | 'export' | 'limit' | 'type';
  readonly message: string;
  readonly location: SourceLocation | null;
}

/** `graded`: see the assignments. `rejected`: nothing could be graded (no such folder, broken archive, no TypeScript file). `error`: the grader failed. */
export type SubmissionOutcome = 'graded' | 'rejected' | 'error';

export interface SubmissionGrade {
  /** Identifier of this format. */
  readonly schema: 'faultline/results/v1';
  readonly submission: string;
  readonly outcome: SubmissionOutcome;
  /** Why, when not graded. */
  readonly reason: string | null;
  readonly score: number;
  readonly maxScore: number;
  /** `score / maxScore * 100`, two decimals; 0 when nothing could be scored. */
  readonly percent: number;
  readonly seed: number;
  readonly runs: number;
  /** Version of the suites and of the grader. */
  readonly version: string;
  readonly problems: readonly Problem[];
  readonly assignments: readonly AssignmentGrade[];
  /** Everything that may differ between two runs of the same submission and seed. Not part of the byte-for-byte promise. */
  readonly diagnostics: Diagnostics;
}

export interface Diagnostics {
  /** Milliseconds from the start of grading this submission to its end. */
  readonly durationMs: number;
  readonly node: string;
  /** Confinement layers that were active. */
  readonly layers: readonly string[];
  /** Free-form lines: time by stage, programs run, engine messages. */
  readonly notes: readonly string[];
  /** For each assignment in which a check failed: which was the first, and how long it took. Left out if there is none. */
  readonly firstFailures?: readonly FirstFailure[] | undefined;
  /** Slow code has used up the time of the submission, so that not all was judged: what was may differ between two runs. Left out otherwise. */
  readonly timeWasUp?: true | undefined;
}

/** The first check of an assignment that failed. Milliseconds count from the first program that was sent to the process running the code. */
export interface FirstFailure {
  readonly assignment: string;
  readonly pageTable: AssignmentGrade['pageTable'];
  readonly check: string;
  /** Programs played until one showed the failure, this one included. */
  readonly programs: number;
  /** When that program had been judged. */
  readonly noticedMs: number;
  /** When the failure had been explained: program reduced, confirmed by the model, seen once more. */
  readonly reportedMs: number;
}
