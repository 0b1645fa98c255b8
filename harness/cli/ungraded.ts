/** The grade of a submission that could not be graded. */
import { type Audience, viewOf } from '../reporters/student-view.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import { hasTrouble } from '../scoring/trouble.ts';
import { GRADER_VERSION } from '../runner/version.ts';
import type { JobOptions } from '../runner/worker-job.ts';

/** `rejected`: its own fault, nothing earned. `error`: ours, no score. `details` are for whoever looks for the reason. */
export function ungraded(
  submission: string,
  outcome: 'rejected' | 'error',
  reason: string,
  { seed, runs }: JobOptions,
  details: readonly string[] = [],
): SubmissionGrade {
  return {
    schema: 'faultline/results/v1',
    submission,
    outcome,
    reason,
    score: 0,
    maxScore: 0,
    percent: 0,
    seed,
    runs,
    version: GRADER_VERSION,
    problems: [],
    assignments: [],
    diagnostics: { durationMs: 0, node: process.version, layers: [], notes: details },
  };
}

/** The row of a submission that we failed on. */
export function failedOn(
  id: string,
  what: string,
  error: unknown,
  options: JobOptions,
): SubmissionGrade {
  const text = error instanceof Error ? error.message : String(error);
  const [reason = '', ...details] = text.split('\n');
  return ungraded(id, 'error', what + reason, options, details);
}

/** What a teacher may want to look at before all is done, in a word or two; null if there is nothing. */
export function troubleOf(grade: SubmissionGrade): string | null {
  if (hasTrouble(grade)) return 'not graded';
  if (grade.outcome === 'rejected') return 'rejected';
  const isBroken = grade.assignments.some(({ outcome }) => outcome === 'broken');
  return isBroken ? 'does not compile' : null;
}

/** What went wrong in the grader, as far as `audience` may know: for `--verbose`. */
export function troubleDetails(grade: SubmissionGrade, audience: Audience): readonly string[] {
  const { reason, assignments } = viewOf(grade, audience);
  const checks = assignments.flatMap((assignment) => assignment.checks);
  const errors = checks.flatMap(({ id, status, reason: why }) =>
    status === 'error' ? [`${id}: ${why ?? 'no reason given'}`] : [],
  );
  const notes = audience === 'staff' ? grade.diagnostics.notes : [];
  return [...(reason === null ? [] : [reason, ...notes]), ...errors];
}
