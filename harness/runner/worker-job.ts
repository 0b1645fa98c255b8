/** Grading one submission, told in plain data: what can be sent to another process. */
import type { Submission } from '../intake/submission.ts';
import type { GradeOptions, ReplayPoint } from './grading.ts';
import { shellQuoted } from './shell-quote.ts';

/** Seed of a run that names none. Fixed, so that everybody meets the same programs. */
export const DEFAULT_SEED = 1;
/** Programs that each property plays in a run that does not say. */
export const DEFAULT_RUNS = 20;
/** Seconds that a submission whose code is slow has, if nobody says. */
export const DEFAULT_TIME_LIMIT = 120;

/** What to grade a submission with. */
export interface JobOptions {
  /** Assignments to grade by id; `null`: all that the submission has files for. */
  readonly assignments: readonly string[] | null;
  readonly seed: number;
  readonly runs: number;
  /** Consecutive seeds from each of which a random check plays `runs` programs. Default: 1. */
  readonly seeds?: number;
  /** Ids of checks or rules, or patterns of them; `null`: all checks. */
  readonly only: readonly string[] | null;
  readonly pageTable?: 'own' | 'model';
  readonly knownBroken?: readonly string[];
  /** Whether a sample of the programs is played again in a fresh process. Default: true. */
  readonly playAgain?: boolean;
  /** Seconds that the submission has if its code is slow. Default: as many as it takes. */
  readonly timeLimit?: number;
  /** The command that shows again what goes wrong, with `{seed}` for the seed, if what is graded is no submission that `replay` could read. */
  readonly seenAgainBy?: string;
}

export interface GradingJob {
  readonly submission: Submission;
  readonly options: JobOptions;
}

/** What the grader is to be told. */
export function gradeOptions({ submission, options }: GradingJob): GradeOptions {
  const { only, seenAgainBy, timeLimit, ...rest } = options;
  return {
    ...rest,
    ...(timeLimit === undefined ? {} : { allowance: { limitMs: timeLimit * 1000 } }),
    only: only === null ? null : (check) => only.some((pattern) => selects(pattern, check)),
    replayCommand: (point) =>
      seenAgainBy === undefined
        ? replayCommand(submission.source, point, options)
        : seenAgainBy.replace('{seed}', String(point.seed ?? options.seed)),
  };
}

/** Whether `pattern` means a check: its id or its rule's, whatever the case; `*` stands for anything and `?` for one character. */
export function selects(
  pattern: string,
  check: { readonly id: string; readonly rule: string },
): boolean {
  return matches(pattern, check.id) || matches(pattern, check.rule);
}

/** Whether `pattern` means `name`, whatever the case; `*` stands for anything and `?` for one character. */
export function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
    .replace(/\*/gu, '.*')
    .replace(/\?/gu, '.');
  return new RegExp(`^${source}$`, 'iu').test(name);
}

/** The command that shows a failure again; what has its default value is left out. */
function replayCommand(source: string, point: ReplayPoint, { seed, runs }: JobOptions): string {
  return [
    'npx ts-node grade.ts replay',
    shellQuoted(source),
    `--check ${point.check}`,
    ...(point.pageTable === 'model' ? ['--page-table model'] : []),
    ...(point.knownBroken.length > 0 ? [`--known-broken ${point.knownBroken.join(',')}`] : []),
    ...(seed === DEFAULT_SEED ? [] : [`--seed ${seed}`]),
    ...(runs === DEFAULT_RUNS ? [] : [`--runs ${runs}`]),
  ].join(' ');
}
