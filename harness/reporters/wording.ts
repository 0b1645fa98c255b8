/**
 * Phrases that several reporters share, so that a thing is called the same everywhere.
 */
import type { AssignmentGrade, CheckResult, Problem, SourceLocation } from '../scoring/grade.ts';
import { formatPoints } from '../scoring/points.ts';
import type { AssignmentView, GradeView } from './student-view.ts';

/** `3 checks`, `1 check`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `3 points`, `1 point`, `0.5 points`. */
export function pointsText(points: number): string {
  return `${formatPoints(points)} ${points === 1 ? 'point' : 'points'}`;
}

/** The path of a file in a repository: `folder` is where the code lies in it, empty for its root. */
export function inFolder(folder: string, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}

/** `page-table.ts:12:5`. */
function locationText({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`;
}

/**
 * `page-table.ts:12:5: type error: …`: the form editors and terminals turn into a link. Further lines are indented, so that none passes for one of the
 * report.
 */
export function problemText({ kind, message, location }: Problem): string {
  const where = location === null ? '' : `${locationText(location)}: `;
  const indented = message.replaceAll('\n', '\n  ');
  return `${where}${kind} ${kind === 'limit' ? 'reached' : 'error'}: ${indented}`;
}

const MAX_STACK = 6;

/** Innermost place first, and what called it. Empty if there is none. */
export function stackText(stack: readonly SourceLocation[]): string {
  const more = stack.length > MAX_STACK ? `, … (${stack.length - MAX_STACK} more)` : '';
  return stack.slice(0, MAX_STACK).map(locationText).join(', called from ') + more;
}

/** What the letters of a page walk mean. */
export const WALK_LEGEND =
  'In a page walk: `P` present, `RW` writable, `US` user, `XD` execute disabled, `A` accessed, `D` dirty (leaf entries only); dots stand ' +
  'for a flag that is not set.';

const OUTCOMES: Readonly<Record<AssignmentGrade['outcome'], string>> = {
  graded: '',
  'not submitted': 'not submitted',
  missing: 'a file is missing',
  broken: 'a file does not load',
  error: 'not graded: trouble in the grader',
};

/** Why an assignment has no ordinary score; else which page table counted; else nothing. */
export function remark({
  outcome,
  pageTable,
  selected,
}: Pick<AssignmentGrade, 'outcome' | 'pageTable' | 'selected'>): string {
  if (!selected) return 'not selected';
  if (outcome !== 'graded') return OUTCOMES[outcome];
  if (pageTable === null) return '';
  return pageTable === 'own' ? 'own page table' : 'model page table';
}

/** Whether an assignment's score counts in the total. */
export function counts({ outcome }: Pick<AssignmentGrade, 'outcome'>): boolean {
  return outcome !== 'not submitted' && outcome !== 'error';
}

/** Why a submission has no grade, or null if it has one. */
export function noGrade({ outcome, reason }: Pick<GradeView, 'outcome' | 'reason'>): string | null {
  if (outcome === 'graded') return null;
  const why = reason === null || reason === '' ? '' : `: ${reason}`;
  return outcome === 'rejected'
    ? `This submission could not be graded${why}`
    : `The grader failed, through no fault of the submission; there is no score${why}`;
}

/** Why nothing of a graded submission counts: what was selected is not there. Null if something does. */
export function nothingGraded({
  outcome,
  assignments,
}: Pick<GradeView, 'outcome' | 'assignments'>): string | null {
  if (outcome !== 'graded' || assignments.length === 0) return null;
  if (assignments.some((assignment) => assignment.outcome !== 'not submitted')) return null;
  const ids = assignments.flatMap(({ selected, assignment }) => (selected ? [assignment] : []));
  return `Nothing was graded: no file for ${ids.join(' or ')} in the submission`;
}

/** What is said of hidden checks, all in all; null if there are none. */
export function hiddenText(assignments: readonly AssignmentView[]): string | null {
  const hidden = assignments.flatMap((assignment) => assignment.hidden ?? []);
  const count = hidden.reduce((sum, part) => sum + part.count, 0);
  if (count === 0) return null;
  const earned = hidden.reduce((sum, part) => sum + part.earned, 0);
  const points = hidden.reduce((sum, part) => sum + part.points, 0);
  return `${counted(count, 'hidden check')}: ${formatPoints(earned)} of ${pointsText(points)} (the points of a rule are earned together)`;
}

/** Said of a submission in which there is nothing to complain about; else null. */
export function allWell({ outcome, score, maxScore, assignments }: GradeView): string | null {
  const held = assignments.every(
    ({ rules, difference }) => difference === null && rules.every((rule) => rule.status === 'held'),
  );
  const full = outcome === 'graded' && maxScore > 0 && score === maxScore;
  return full && held ? 'Every rule holds.' : null;
}

/** What is said of checks that the grader failed on; null if there are none. */
export function trouble(checks: readonly CheckResult[]): string | null {
  const failed = checks.filter((check) => check.status === 'error').length;
  if (failed === 0) return null;
  return `${counted(failed, 'check')} could not be judged because the grader failed; left out of the score`;
}

/** Skipped checks, grouped by reason, in order. */
export function skippedByReason(
  checks: readonly CheckResult[],
): ReadonlyMap<string, readonly CheckResult[]> {
  const groups = new Map<string, CheckResult[]>();
  for (const check of checks) {
    if (check.status !== 'skipped') continue;
    const reason = check.reason ?? 'no reason given';
    groups.set(reason, [...(groups.get(reason) ?? []), check]);
  }
  return groups;
}

/** How many failures an enumeration has tried, for the end of a line: ` (412 of 412 calls made to fail)`; empty for other checks. */
export function injectionsText({ injections }: Pick<CheckResult, 'injections'>): string {
  if (injections === null) return '';
  return ` (${injections.failed} of ${counted(injections.calls, 'call')} made to fail)`;
}

/** A check as it is listed: `PT-3.1 Unmaps a page`. */
export function checkName({ id, title }: Pick<CheckResult, 'id' | 'title'>): string {
  return `${id} ${title}`;
}
