/** A grading apart from who handed the code in: the same code has the same result, under whatever name it came. */
import type { Submission } from '../intake/submission.ts';
import { shellQuoted } from '../runner/shell-quote.ts';
import type { GradingJob, JobOptions } from '../runner/worker-job.ts';
import type { AssignmentGrade, CheckResult, SubmissionGrade } from '../scoring/grade.ts';

/** Stands for the path in commands that show a failure again. No shell has to quote it. */
const ANYWHERE = '@submission@';

/** The job of grading this code, whoever handed it in. */
export function jobOf(submission: Submission, options: JobOptions): GradingJob {
  const nobodys = { id: ANYWHERE, source: ANYWHERE, provenance: [], submitters: [] };
  return { submission: { ...submission, ...nobodys }, options };
}

/** What grading the code of `submission` came to, as the result of this submission. */
export function handedIn(
  grade: SubmissionGrade,
  { id, source, provenance }: Pick<Submission, 'id' | 'source' | 'provenance'>,
): SubmissionGrade {
  const path = shellQuoted(source);
  const check = (result: CheckResult): CheckResult =>
    result.failure === null
      ? result
      : {
          ...result,
          failure: {
            ...result.failure,
            replay: result.failure.replay.replace(ANYWHERE, () => path),
          },
        };
  const assignment = (graded: AssignmentGrade): AssignmentGrade => ({
    ...graded,
    checks: graded.checks.map(check),
  });
  return {
    ...grade,
    submission: id,
    assignments: grade.assignments.map(assignment),
    diagnostics: {
      ...grade.diagnostics,
      notes: [...provenance, ...grade.diagnostics.notes],
    },
  };
}
