/** What has changed between two gradings of the same work, check by check. */
import type { CheckResult } from '../scoring/grade.ts';
import type { GradeView } from './student-view.ts';

/** A check of an assignment, as it is now. */
export interface ChangedCheck {
  readonly assignment: string;
  readonly check: CheckResult;
}

/** A check that is missing, because its assignment could not be run or was not asked for, counts as not judged. */
export interface GradeChanges {
  /** Failed before, pass now. */
  readonly mended: readonly ChangedCheck[];
  /** Passed before, fail now. */
  readonly newlyFailing: readonly ChangedCheck[];
  /** Not judged before, pass now. */
  readonly nowPassing: readonly ChangedCheck[];
  /** Not judged before, fail now: what is wrong with them may be old. */
  readonly nowFailing: readonly ChangedCheck[];
  /** Passed or failed before, and cannot be judged now. */
  readonly unjudged: number;
}

type State = 'passed' | 'failed' | 'not judged';

/** Both as the same reader sees them: what is hidden from them is not told here either. */
export function changesBetween(before: GradeView, after: GradeView): GradeChanges {
  const old = statesOf(before);
  const now = statesOf(after);
  const changed = (from: State, to: State): readonly ChangedCheck[] =>
    after.assignments.flatMap(({ assignment, checks }) =>
      checks.flatMap((check) =>
        stateOf(check) === to && (old.get(keyOf(assignment, check)) ?? 'not judged') === from
          ? [{ assignment, check }]
          : [],
      ),
    );
  return {
    mended: changed('failed', 'passed'),
    newlyFailing: changed('passed', 'failed'),
    nowPassing: changed('not judged', 'passed'),
    nowFailing: changed('not judged', 'failed'),
    unjudged: [...old].filter(
      ([key, state]) => state !== 'not judged' && (now.get(key) ?? 'not judged') === 'not judged',
    ).length,
  };
}

/** Whether no check has changed. */
export function isUnchanged({ unjudged, ...lists }: GradeChanges): boolean {
  return unjudged === 0 && Object.values(lists).every((list) => list.length === 0);
}

function statesOf({ assignments }: GradeView): ReadonlyMap<string, State> {
  return new Map(
    assignments.flatMap(({ assignment, checks }) =>
      checks.map((check) => [keyOf(assignment, check), stateOf(check)] as const),
    ),
  );
}

/** Two assignments may have checks of the same id. */
function keyOf(assignment: string, { id }: CheckResult): string {
  return `${assignment} ${id}`;
}

function stateOf({ status }: CheckResult): State {
  return status === 'passed' || status === 'failed' ? status : 'not judged';
}
