/**
 * What GitHub Actions reads from a step: annotations on its output, and values in the file of `$GITHUB_OUTPUT`. Made from the student's view, since a log may be
 * read by whoever reads the repository. A step shows ten annotations of a kind and drops the rest without a word; so the worst come first, and what is left out is counted.
 *
 * Sources: GitHub Docs, "Workflow commands for GitHub Actions"; `actions/toolkit`, `packages/core`.
 */
import type { SourceLocation, SubmissionGrade } from '../scoring/grade.ts';
import { formatPoints, sumPoints } from '../scoring/points.ts';
import { hasTrouble } from '../scoring/trouble.ts';
import { brokenRules, type BrokenRule, withoutFailure } from './broken-rules.ts';
import { differenceSentence, differing, NOT_DETERMINISTIC } from './difference-text.ts';
import { cleanText, defuseCommands, oneLine } from './escaping.ts';
import { studentReplay } from './failure-text.ts';
import { notJudged } from './not-judged.ts';
import { type GradeView, viewOf } from './student-view.ts';
import * as wording from './wording.ts';

interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly location: SourceLocation | null;
}

/** Of one kind, in one step. */
const MOST_ANNOTATIONS = 10;

/**
 * Workflow commands, a line each.
 *
 * @param folder where the submission's code lies in the repository, with slashes; empty for its root
 * @param rest what holds all that is left out here, as a sentence names it
 */
export function githubAnnotations(
  grade: SubmissionGrade,
  folder: string,
  rest = 'the summary of this step',
): string {
  const view = viewOf(grade, 'student');
  const errors = [...failures(view), ...brokenRules(view).toSorted(worstFirst).map(ruleError)];
  const warned = warnings(view);
  const left = [...errors.slice(MOST_ANNOTATIONS), ...warned.slice(MOST_ANNOTATIONS)];
  const shown = [
    ...errors.slice(0, MOST_ANNOTATIONS),
    ...warned.slice(0, MOST_ANNOTATIONS),
    ...unjudged(view),
    ...(left.length === 0 ? [] : [leftOut(left, rest)]),
    ...(hasTrouble(grade) ? [] : [score(view)]),
  ];
  return shown.map((one) => `${command(one, folder)}\n`).join('');
}

/** Lines for the file of `$GITHUB_OUTPUT`: `status`, and `score`, `max-score` and `percent` unless the grader failed. */
export function githubOutputs(grade: SubmissionGrade): string {
  const values: readonly (readonly [string, string])[] = hasTrouble(grade)
    ? [['status', 'error']]
    : [
        ['status', grade.outcome],
        ['score', formatPoints(grade.score)],
        ['max-score', formatPoints(grade.maxScore)],
        ['percent', String(grade.percent)],
      ];
  return values.map(([name, value]) => `${name}=${value}\n`).join('');
}

function command({ kind, title, message, location }: Annotation, folder: string): string {
  const properties = [
    `title=${property(defuseCommands(oneLine(title)))}`,
    ...(location === null
      ? []
      : [
          `file=${property(defuseCommands(wording.inFolder(folder, location.file)))}`,
          `line=${location.line}`,
          `col=${location.column}`,
        ]),
  ];
  return `::${kind} ${properties.join(',')}::${data(defuseCommands(cleanText(message)))}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** What keeps the whole, or an assignment, from being graded. */
function failures(view: GradeView): readonly Annotation[] {
  const why = wording.noGrade(view) ?? wording.nothingGraded(view);
  const problems = view.problems.filter(({ kind }) => kind !== 'type');
  const missing = view.assignments.filter(
    ({ outcome }) => !['graded', 'not submitted'].includes(outcome),
  );
  return [
    ...(why === null ? [] : [error('Not graded', why)]),
    ...problems.map((problem) =>
      error(
        `${problem.kind} ${problem.kind === 'limit' ? 'reached' : 'error'}`,
        problem.message,
        problem.location,
      ),
    ),
    ...missing.map((one) =>
      error(`${one.title}: ${wording.remark(one)}`, one.notes.join('\n') || wording.remark(one)),
    ),
  ];
}

function ruleError(broken: BrokenRule): Annotation {
  const { rule, failure } = broken;
  const title = `${rule.id}: ${rule.title} (${wording.pointsText(rule.points)})`;
  if (failure === null) return error(title, withoutFailure(broken));
  const parts = [
    failure.summary,
    failure.hint === '' ? '' : `Hint: ${failure.hint}`,
    failure.replay === '' ? '' : `See it again: ${studentReplay(failure)}`,
  ];
  const text = parts.filter((part) => part.trim() !== '').join('\n');
  return error(title, text, failure.stack[0] ?? null);
}

function worstFirst(a: BrokenRule, b: BrokenRule): number {
  return b.rule.points - a.rule.points;
}

function warnings(view: GradeView): readonly Annotation[] {
  const trouble = wording.trouble(view.assignments.flatMap(({ checks }) => checks));
  return [
    ...(trouble === null ? [] : [warning('Trouble in the grader', trouble, null)]),
    ...differing(view).map(({ title, difference }) =>
      warning(`${title}: ${NOT_DETERMINISTIC}`, differenceSentence(difference), null),
    ),
    ...view.problems.flatMap(({ kind, message, location }) =>
      kind === 'type' ? [warning('Type error', message, location)] : [],
    ),
  ];
}

function unjudged(view: GradeView): readonly Annotation[] {
  const rules = notJudged(view.assignments).flatMap(({ rule }) => rule ?? []);
  if (rules.length === 0) return [];
  const points = sumPoints(rules.map((rule) => rule.points - rule.earned));
  const message = `${rules.map(({ id }) => id).join(', ')}: not seen broken, but their checks need what is broken now.`;
  return [
    notice(
      `${wording.counted(rules.length, 'rule')} not judged (${wording.pointsText(points)})`,
      message,
    ),
  ];
}

function leftOut(left: readonly Annotation[], rest: string): Annotation {
  return notice(
    `${left.length} more`,
    `${left.map(({ title }) => title).join('\n')}\nAll of them are in ${rest}.`,
  );
}

function score({ score: earned, maxScore, percent }: GradeView): Annotation {
  return notice(
    'Score',
    `${formatPoints(earned)} of ${wording.pointsText(maxScore)}, ${percent} %`,
  );
}

function error(title: string, message: string, location: SourceLocation | null = null): Annotation {
  return { kind: 'error', title, message, location };
}

function warning(title: string, message: string, location: SourceLocation | null): Annotation {
  return { kind: 'warning', title, message, location };
}

function notice(title: string, message: string): Annotation {
  return { kind: 'notice', title, message, location: null };
}
