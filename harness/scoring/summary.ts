/**
 * A submission in one row: what a teacher sorts, filters and imports.
 */
import type { AssignmentGrade, Problem, SubmissionGrade } from './grade.ts';
import { hasTrouble } from './trouble.ts';

/**
 * The row in a word. `does not compile`: nothing of an assignment could be run because a file does not load. `limit hit`: some code did not
 * come to an end, or used up its memory. `infrastructure`: the grader failed on it, or on a check.
 */
export type SummaryStatus =
  'graded' | 'does not compile' | 'limit hit' | 'rejected' | 'infrastructure';

/** One row. Scores are null where there is none to give: the grader failed, or nothing was handed in. */
export interface SummaryRow {
  readonly submission: string;
  readonly outcome: SubmissionGrade['outcome'];
  readonly status: SummaryStatus;
  readonly score: number | null;
  readonly maxScore: number | null;
  readonly percent: number | null;
  /** Score of each assignment, by its id. */
  readonly scores: Readonly<Record<string, number | null>>;
  /** Ids of the broken rules, in the order of assignments and rubric; that of an assignment stands for all its rules if nothing of it could be run. */
  readonly rulesBroken: readonly string[];
  /** `rule: summary` of the first failed check, or what keeps a file from loading, on one line; empty if there is neither. */
  readonly firstFailure: string;
  /** Why there is no grade, or none of an assignment; empty if all could be graded. */
  readonly reason: string;
  readonly seed: number;
  /** Assignments, by id, in which a program came to something else when it was played again. */
  readonly notDeterministic: readonly string[];
  /** What grading took, with one decimal: the only thing in a row that is not the same every time. Null where it is not told. */
  readonly seconds: number | null;
}

/** All rows, and the assignments that occur in any of them. */
export interface Summary {
  /** In the order in which they first occur. */
  readonly assignments: readonly string[];
  readonly rows: readonly SummaryRow[];
}

/** The row of one submission. */
export function summaryRow(grade: SubmissionGrade): SummaryRow {
  const scored = !hasTrouble(grade);
  return {
    submission: grade.submission,
    outcome: grade.outcome,
    status: statusOf(grade),
    score: scored ? grade.score : null,
    maxScore: scored ? grade.maxScore : null,
    percent: scored ? grade.percent : null,
    scores: Object.fromEntries(
      grade.assignments.map((assignment) => [assignment.assignment, scoreOf(assignment)]),
    ),
    rulesBroken: brokenRuleIds(grade),
    firstFailure: singleLine(firstFailure(grade)),
    reason: singleLine(grade.reason ?? unusable(grade)),
    seed: grade.seed,
    notDeterministic: grade.assignments.flatMap(({ assignment, difference }) =>
      difference === null ? [] : [assignment],
    ),
    seconds: secondsOf(grade),
  };
}

/** A table of rows, in the order given. */
export function summarise(rows: readonly SummaryRow[]): Summary {
  const assignments = new Set(rows.flatMap((row) => Object.keys(row.scores)));
  return { assignments: [...assignments], rows };
}

function secondsOf({ diagnostics }: SubmissionGrade): number | null {
  return diagnostics.node === '' ? null : Math.round(diagnostics.durationMs / 100) / 10;
}

function scoreOf(assignment: AssignmentGrade): number | null {
  const isUnknown = hasTrouble({ outcome: 'graded', assignments: [assignment] });
  return isUnknown || assignment.outcome === 'not submitted' ? null : assignment.score;
}

/** So begins what is observed of code that had to be stopped, or that ran out of stack. */
const STOPPED = /^(?:stopped: |exception: RangeError: Maximum call stack)/u;

function statusOf({ outcome, assignments }: SubmissionGrade): SummaryStatus {
  const checks = assignments.flatMap((assignment) => assignment.checks);
  if (hasTrouble({ outcome, assignments })) return 'infrastructure';
  if (outcome === 'rejected') return 'rejected';
  if (assignments.some((one) => one.outcome === 'broken')) return 'does not compile';
  return checks.some(({ failure }) => failure !== null && STOPPED.test(failure.observed))
    ? 'limit hit'
    : 'graded';
}

function brokenRuleIds({ assignments }: SubmissionGrade): readonly string[] {
  const broken = assignments.flatMap((assignment) =>
    isUnusable(assignment)
      ? [assignment.assignment]
      : assignment.rules.filter((rule) => rule.status === 'broken').map((rule) => rule.id),
  );
  return [...new Set(broken)];
}

function firstFailure({ assignments, problems }: SubmissionGrade): string {
  for (const assignment of assignments) {
    const [note = ''] = assignment.notes;
    if (isUnusable(assignment)) {
      const problem = problems.find(({ kind, location }) => {
        return kind !== 'type' && location !== null && note.includes(location.file);
      });
      return `${assignment.assignment}: ${problem === undefined ? note : problemText(problem)}`;
    }
    const failure = assignment.checks.find((check) => check.failure !== null)?.failure ?? null;
    if (failure !== null) return `${failure.rule}: ${failure.summary}`;
  }
  return '';
}

function problemText({ message, location }: Problem): string {
  return location === null ? message : `${location.file}:${location.line}: ${message}`;
}

/** Why an assignment has no ordinary score. */
function unusable({ assignments }: SubmissionGrade): string {
  return assignments
    .filter(isUnusable)
    .map(({ assignment, notes }) => `${assignment}: ${notes.join(' ')}`)
    .join(' ');
}

function isUnusable({ outcome }: AssignmentGrade): boolean {
  return outcome === 'broken' || outcome === 'missing';
}

function singleLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
