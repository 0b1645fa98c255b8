/**
 * A submission in one row: what a teacher sorts, filters and imports.
 */
import type { AssignmentGrade, SubmissionGrade } from './grade.ts';

/** One row. Scores are null where there is none to give: the grader failed, or nothing was handed in. */
export interface SummaryRow {
  readonly submission: string;
  readonly outcome: SubmissionGrade['outcome'];
  readonly score: number | null;
  readonly maxScore: number | null;
  readonly percent: number | null;
  /** Score of each assignment, by its id. */
  readonly scores: Readonly<Record<string, number | null>>;
  /** Ids of the broken rules, in the order of assignments and rubric. */
  readonly rulesBroken: readonly string[];
  /** `rule: summary` of the first failed check, on one line; empty if none failed. */
  readonly firstFailure: string;
  /** Why there is no grade; empty if there is one. */
  readonly reason: string;
  readonly seed: number;
}

/** All rows, and the assignments that occur in any of them. */
export interface Summary {
  /** In the order in which they first occur. */
  readonly assignments: readonly string[];
  readonly rows: readonly SummaryRow[];
}

/** The row of one submission. */
export function summaryRow(grade: SubmissionGrade): SummaryRow {
  const scored = grade.outcome !== 'error';
  return {
    submission: grade.submission,
    outcome: grade.outcome,
    score: scored ? grade.score : null,
    maxScore: scored ? grade.maxScore : null,
    percent: scored ? grade.percent : null,
    scores: Object.fromEntries(
      grade.assignments.map((assignment) => [assignment.assignment, scoreOf(assignment)]),
    ),
    rulesBroken: brokenRuleIds(grade),
    firstFailure: firstFailure(grade),
    reason: singleLine(grade.reason ?? ''),
    seed: grade.seed,
  };
}

/** A table of rows, in the order given. */
export function summarise(rows: readonly SummaryRow[]): Summary {
  const assignments = new Set(rows.flatMap((row) => Object.keys(row.scores)));
  return { assignments: [...assignments], rows };
}

function scoreOf({ outcome, score }: AssignmentGrade): number | null {
  return outcome === 'error' || outcome === 'not submitted' ? null : score;
}

function brokenRuleIds(grade: SubmissionGrade): readonly string[] {
  const broken = grade.assignments
    .flatMap((assignment) => assignment.rules)
    .filter((rule) => rule.status === 'broken');
  return [...new Set(broken.map((rule) => rule.id))];
}

function firstFailure(grade: SubmissionGrade): string {
  for (const check of grade.assignments.flatMap((assignment) => assignment.checks)) {
    if (check.failure !== null)
      return singleLine(`${check.failure.rule}: ${check.failure.summary}`);
  }
  return '';
}

function singleLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
