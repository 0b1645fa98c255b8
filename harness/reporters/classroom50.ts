/**
 * Classroom 50's `result.json` (`classroom50/result/v1`). Scores are whole numbers there, so they are given in hundredths of a point. Everybody who sees the student's
 * releases can read it: a rule is a test, and all that only hidden checks tell is one.
 *
 * Source: wiki of foundation50/classroom50, "Advanced Autograding", section "The result.json contract".
 */
import type { SubmissionGrade } from '../scoring/grade.ts';
import { sumPoints } from '../scoring/points.ts';
import { oneLine } from './escaping.ts';
import { visibleJson } from './results-json.ts';
import { type AssignmentView, type GradeView, viewOf } from './student-view.ts';
import * as wording from './wording.ts';

/** Whose result it is, as the runner says. */
export interface Classroom50Identity {
  readonly classroom: string;
  readonly assignment: string;
  /** The tag, beginning with `submit/`. */
  readonly submission: string;
  /** Addresses of pages. */
  readonly commit: string;
  readonly release: string;
  readonly review: string;
  /** When it was handed in: `2026-06-01T14:32:01Z`. */
  readonly datetime: string;
}

interface Test {
  readonly 'test-name': string;
  readonly passed: boolean;
  readonly score: number;
  readonly 'max-score': number;
}

/**
 * The text of `result.json`. Only for a grade that the grader did not fail on: a failure has no form there, and is told by the exit code.
 *
 * @param most points there are, for a submission of which nothing could be graded: 0 of 0 would pass for an assignment without tests
 */
export function classroom50Json(
  grade: SubmissionGrade,
  identity: Classroom50Identity,
  most: () => number,
): string {
  const view = viewOf(grade, 'student');
  const ungradable = gradable(view, most);
  const result = {
    schema: 'classroom50/result/v1',
    ...identity,
    score: hundredths(grade.score),
    'max-score': hundredths(ungradable.length === 0 ? grade.maxScore : most()),
    tests: [...ungradable, ...view.assignments.flatMap(testsOf)],
  };
  return `${visibleJson(result)}\n`;
}

/** A test that is there only if it fails. */
function gradable(view: GradeView, most: () => number): readonly Test[] {
  const why = wording.noGrade(view) ?? wording.nothingGraded(view);
  return why === null ? [] : [test(why, 0, most(), false)];
}

function testsOf(assignment: AssignmentView): readonly Test[] {
  const { outcome, title, rules, score, maxScore } = assignment;
  if (!wording.counts(assignment)) return [];
  if (outcome !== 'graded')
    return [test(`${title}: ${wording.remark(assignment)}`, score, maxScore, false)];
  const rest = {
    earned: sumPoints([score, ...rules.map((rule) => -rule.earned)]),
    points: sumPoints([maxScore, ...rules.map((rule) => -rule.points)]),
  };
  return [
    ...rules.map(({ id, title: what, earned, points, status }) =>
      test(`${id} ${what}`, earned, points, status === 'held'),
    ),
    ...(rest.points === 0
      ? []
      : [
          test(
            `${title}: rules with hidden checks`,
            rest.earned,
            rest.points,
            rest.earned === rest.points,
          ),
        ]),
  ];
}

function test(name: string, score: number, maxScore: number, passed: boolean): Test {
  return {
    'test-name': oneLine(name),
    passed,
    score: hundredths(score),
    'max-score': hundredths(maxScore),
  };
}

function hundredths(points: number): number {
  return Math.round(points * 100);
}
