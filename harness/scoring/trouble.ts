import type { SubmissionGrade } from './grade.ts';

/** Whether the grader failed, on all of it or on a check. What else was found out is no score then: nobody knows what the rest would have come to. */
export function hasTrouble({
  outcome,
  assignments,
}: Pick<SubmissionGrade, 'outcome' | 'assignments'>): boolean {
  return (
    outcome === 'error' ||
    assignments.some((assignment) => assignment.outcome === 'error') ||
    assignments.some(({ checks }) => checks.some((check) => check.status === 'error'))
  );
}
