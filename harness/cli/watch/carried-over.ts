/** What the next round is held against. */
import type { SubmissionGrade } from '../../scoring/grade.ts';
import { scoreSubmission } from '../../scoring/score.ts';

/**
 * A round, with those assignments that could not be run in it as they were when they last could: a slip of the pen in between is no change to tell.
 * `before`: what that round was held against.
 */
export function carriedOver(
  grade: SubmissionGrade,
  before: SubmissionGrade | null,
): SubmissionGrade {
  const assignments = grade.assignments.map((assignment) =>
    assignment.outcome === 'broken'
      ? (before?.assignments.find((old) => old.assignment === assignment.assignment) ?? assignment)
      : assignment,
  );
  return { ...grade, assignments, ...scoreSubmission(assignments) };
}
