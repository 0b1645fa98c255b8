import type { AssignmentGrade, SubmissionGrade } from './grade.ts';

/** Whether the grader failed, on all of it or on a check. What else was found out is no score then: nobody knows what the rest would have come to. */
export function hasTrouble({
  outcome,
  assignments,
}: Pick<SubmissionGrade, 'outcome' | 'assignments'>): boolean {
  return (
    outcome === 'error' ||
    assignments.some((one) => one.outcome === 'error' || checksInTrouble(one).length > 0)
  );
}

/** Ids of the checks that the grader failed on. */
export function checksInTrouble({ checks }: Pick<AssignmentGrade, 'checks'>): readonly string[] {
  return checks.filter(({ status }) => status === 'error').map(({ id }) => id);
}
