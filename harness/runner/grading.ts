/** A submission being graded: what is asked for, who is told of it, and what there is to work with. */
import type { Submission } from '../intake/submission.ts';
import type { Compilation, SubmissionCompiler } from '../sandbox/compile-process.ts';
import type { InterruptiblePlayer } from '../sandbox/twin-sandbox.ts';
import type { AssignmentGrade, CheckResult, Problem } from '../scoring/grade.ts';
import type { ModelRuns } from './session/model-runs.ts';
import type { SessionOptions } from './session/session.ts';
import type { Allowance } from './session/time-limit.ts';
import type { Told } from './told.ts';

export interface GradeOptions {
  /** Assignments to grade by id; `null`: all that the submission has files for. */
  readonly assignments: readonly string[] | null;
  readonly seed: number;
  readonly runs: number;
  /** Consecutive seeds from each of which a property plays `runs` programs. Default: 1. */
  readonly seeds?: number;
  readonly only: SessionOptions['only'];
  /** Page table to run on. Left out: the submission's own, and the model's too where that may give a better score. */
  readonly pageTable?: 'own' | 'model';
  /** Rules that count as reported already, which properties then pass over: the state in which a replayed check ran. */
  readonly knownBroken?: readonly string[];
  /** Whether a sample of the programs is played again in a fresh process. Default: true. */
  readonly playAgain?: boolean;
  /** The time that the submission has if its code is slow. Default: as long as it takes. */
  readonly allowance?: Allowance;
  /** What to look at before everything else. It is told and does not count: the grade is the same as without. */
  readonly first?: readonly FirstLook[];
  /** Gives up when it is aborted: the outcome is then `error`, and means nothing. */
  readonly signal?: AbortSignal;
  /** Command that shows a check of this submission again. */
  readonly replayCommand: (point: ReplayPoint) => string;
}

/** Where a failure was met: all that a replay needs besides the submission, the seed and the number of runs. */
export interface ReplayPoint {
  readonly check: string;
  readonly assignment: string;
  readonly pageTable: AssignmentGrade['pageTable'];
  /** Rules that were reported already, if the check passes over them. */
  readonly knownBroken: readonly string[];
  /** Seed of the program, if it is not that of the run. */
  readonly seed?: number | undefined;
}

/** Checks of one assignment, by their ids, on the page table on which they were seen before. */
export interface FirstLook extends Pick<AssignmentGrade, 'assignment' | 'pageTable'> {
  readonly checks: readonly string[];
}

/** Told what happens while a submission is graded. */
export interface GradeListener {
  /** As soon as they are known: what does not compile, and type errors later. Never none. */
  readonly onProblems?: (problems: readonly Problem[]) => void;
  /** What a check came to that was looked at first. */
  readonly onFirst?: (assignment: string, result: CheckResult) => void;
  readonly onResult?: (assignment: string, result: CheckResult) => void;
}

/** What all parts of grading one submission work with. */
export interface Grading {
  readonly submission: Submission;
  readonly compilation: Compilation;
  readonly options: GradeOptions;
  readonly listener: GradeListener;
  /** What was found out so far. */
  readonly told: Told;
  readonly compiler: SubmissionCompiler;
  /** Where the code of the submission runs. */
  readonly sandbox: InterruptiblePlayer;
  readonly modelRuns: ModelRuns;
}
