/**
 * The score of a submission on another seed. Written programs are the same on every seed, so only the generated ones are played again; the rest is taken from the run
 * that there has been.
 */
import type { Assignment } from '../runner/assignments.ts';
import type { GradingJob } from '../runner/worker-job.ts';
import type { AssignmentGrade, CheckResult } from '../scoring/grade.ts';
import { scoreAssignment } from '../scoring/score.ts';

/** Plays the generated programs of `seed` in the state in which the run `graded` had come to them. `null`: nothing of it depends on the seed. */
export function rescoreJob(
  job: GradingJob,
  { info, checks }: Assignment,
  graded: AssignmentGrade,
  seed: number,
): GradingJob | null {
  const generated = checks.filter(({ kind }) => kind !== 'scenario').map(({ id }) => id);
  if (generated.length === 0) return null;
  const knownBroken = [...rulesSeen(graded.checks.filter(({ id }) => !generated.includes(id)))];
  const options = { ...job.options, assignments: [info.id], seed, only: generated, knownBroken };
  return { submission: job.submission, options };
}

/** The score with the results of `again` in the place of those of `graded`. */
export function rescored(
  { info }: Assignment,
  graded: AssignmentGrade,
  again: AssignmentGrade,
): number {
  const replaced = new Map(again.checks.map((check) => [check.id, check]));
  const checks = graded.checks.map((check) => replaced.get(check.id) ?? check);
  return scoreAssignment(info.rules, checks, rulesSeen(checks)).score;
}

function rulesSeen(checks: readonly CheckResult[]): ReadonlySet<string> {
  return new Set(checks.flatMap(({ failure }) => (failure === null ? [] : [failure.rule])));
}
