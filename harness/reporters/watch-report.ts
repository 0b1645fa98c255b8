/**
 * A grading among others of the same work, for somebody who goes on working: what has changed, the first failure in full, the rest in a
 * line each. Always as a student sees it.
 */
import type { createColors } from 'picocolors';
import type { CheckResult, Problem, SubmissionGrade } from '../scoring/grade.ts';
import { formatPoints, sumPoints } from '../scoring/points.ts';
import { brokenRuleLines } from './broken-rule-text.ts';
import { type BrokenRule, brokenRules, withoutFailure } from './broken-rules.ts';
import { differenceSentence, differing, NOT_DETERMINISTIC } from './difference-text.ts';
import { cleanDeep, defuseCommands, firstLines, oneLine } from './escaping.ts';
import { changesBetween, type ChangedCheck, isUnchanged } from './grade-changes.ts';
import { scoreTable } from './score-table.ts';
import { type GradeView, viewOf } from './student-view.ts';
import { wrap } from './text-layout.ts';
import * as wording from './wording.ts';

/** How to write for this terminal. */
export interface WatchReportOptions {
  /** picocolors' `createColors(enabled)`. */
  readonly colors: ReturnType<typeof createColors>;
  /** Columns of the terminal; used between 80 and 120. */
  readonly width: number;
  /** Lines that can be seen at once: lists are cut so that all fits, if that is possible. `null`: no limit. */
  readonly height: number | null;
}

const MOST_PROBLEM_LINES = 12;
/** Checks named in a list of changes. */
const MOST_NAMED = 8;
/** What a list is not cut below, however small the terminal. */
const LEAST_LISTED = 3;

/** The report, ending in a newline. `before`: the grading that it is held against, if there was one. */
export function watchReport(
  headline: string,
  grade: SubmissionGrade,
  before: SubmissionGrade | null,
  options: WatchReportOptions,
): string {
  const width = usableWidth(options.width);
  const view = viewOf(grade, 'student');
  const old = before === null ? null : viewOf(before, 'student');
  const page = new WatchPage(view, old, options.colors, width);
  return `${defuseCommands(page.lines(headline, options.height).join('\n'))}\n`;
}

/** What does not compile, or has the wrong type: in lines that editors and terminals turn into links. */
export function problemLines(
  problems: readonly Problem[],
  { colors, width }: Pick<WatchReportOptions, 'colors' | 'width'>,
): readonly string[] {
  const lines = cleanDeep(problems).flatMap((problem) => {
    const [first = '', ...rest] = wording.problemText(problem).split('\n');
    return [
      ...wrap(`  ${first}`, usableWidth(width), '      ').map((line) => colors.yellow(line)),
      ...rest.flatMap((line) => wrap(`    ${line}`, usableWidth(width), '      ')),
    ];
  });
  return firstLines(lines, MOST_PROBLEM_LINES).map(defuseCommands);
}

/** What a check has come to, while the others are still to come, in one line. `wasFailing`: it failed the last time. Empty for a check that is hidden. */
export function checkNews(
  result: CheckResult,
  wasFailing: boolean,
  { colors, width }: Pick<WatchReportOptions, 'colors' | 'width'>,
): string {
  if (result.visibility === 'hidden') return '';
  const { id, title, status, failure } = cleanDeep(result);
  const cut = (text: string): string => cutTo(text, usableWidth(width) - 4);
  const line = ((): string => {
    switch (status) {
      case 'passed':
        return colors.green(
          `  ✓ ${cut(`${wasFailing ? 'passes now' : 'passes'}: ${id} ${title}`)}`,
        );
      case 'failed': {
        const why = failure === null ? title : `${failure.rule}: ${failure.summary}`;
        return colors.red(`  ✗ ${cut(`${wasFailing ? 'still fails' : 'fails'}: ${id}  ${why}`)}`);
      }
      case 'skipped':
      case 'error':
        return colors.yellow(`  - ${cut(`cannot be judged now: ${id} ${title}`)}`);
    }
  })();
  return defuseCommands(line);
}

class WatchPage {
  readonly #view: GradeView;
  readonly #before: GradeView | null;
  readonly #c: WatchReportOptions['colors'];
  readonly #width: number;

  constructor(
    view: GradeView,
    before: GradeView | null,
    colors: WatchReportOptions['colors'],
    width: number,
  ) {
    this.#view = view;
    this.#before = before;
    this.#c = colors;
    this.#width = width;
  }

  lines(headline: string, height: number | null): readonly string[] {
    const broken = brokenRules(this.#view);
    // What does not compile comes before everything that is wrong with the rest.
    const inFull = this.#view.problems.some(({ kind }) => kind !== 'type')
      ? []
      : broken.slice(0, 1);
    const above = [
      this.#c.bold(oneLine(headline)),
      ...this.#score(),
      ...this.#changes(),
      ...this.#problems(),
      ...inFull.flatMap((rule) => ['', ...brokenRuleLines(rule, this.#c, this.#width)]),
    ];
    const others = [
      ...broken.slice(inFull.length).map((rule) => this.#brokenLine(rule)),
      ...this.#unjudged(),
    ];
    const remarks = this.#remarks();
    const totals = this.#totals();
    const room = (height ?? Infinity) - above.length - remarks.length - 1;
    // The sum stands above, too.
    const below = totals.length + Math.min(others.length, LEAST_LISTED) > room ? [] : totals;
    const listed = this.#fitting(others, room - below.length);
    return [...above, ...(listed.length === 0 ? [] : ['', ...listed]), ...remarks, ...below];
  }

  #score(): readonly string[] {
    const { score, maxScore, percent } = this.#view;
    const trouble = wording.noGrade(this.#view) ?? wording.nothingGraded(this.#view);
    if (trouble !== null) return wrap(trouble, this.#width).map(this.#c.red);
    const of = `of ${formatPoints(maxScore)} (${percent} %)`;
    const old = this.#before;
    if (old?.outcome !== 'graded' || sameScore(old, this.#view)) {
      return [`score ${formatPoints(score)} ${of}`];
    }
    const difference = sumPoints([score, -old.score]);
    // With a file more or less there is another maximum.
    const was = old.maxScore === maxScore ? '' : ` of ${formatPoints(old.maxScore)}`;
    const text = `score ${formatPoints(old.score)}${was} → ${formatPoints(score)} ${of}`;
    return [difference < 0 ? this.#c.red(text) : this.#c.green(text)];
  }

  #changes(): readonly string[] {
    if (this.#before?.outcome !== 'graded' || this.#view.outcome !== 'graded') return [];
    const changes = changesBetween(this.#before, this.#view);
    if (isUnchanged(changes)) return ['no check has changed'];
    const { mended, newlyFailing, nowPassing, nowFailing, unjudged } = changes;
    const revealed = nowPassing.length + nowFailing.length;
    return [
      ...this.#named('✓ passes now: ', mended, this.#c.green),
      ...this.#named('✗ fails now:  ', newlyFailing, this.#c.red),
      ...(revealed === 0
        ? []
        : [
            `  ${wording.counted(revealed, 'more check')} judged: ${nowPassing.length} pass, ${nowFailing.length} fail`,
          ]),
      ...(unjudged === 0
        ? []
        : [this.#c.yellow(`  ${wording.counted(unjudged, 'check')} cannot be judged any more`)]),
    ];
  }

  #named(
    lead: string,
    changed: readonly ChangedCheck[],
    paint: (text: string) => string,
  ): readonly string[] {
    const lines = changed.map(({ check }) =>
      paint(cutTo(`  ${lead}${wording.checkName(check)}`, this.#width)),
    );
    if (lines.length <= MOST_NAMED) return lines;
    return [...lines.slice(0, MOST_NAMED), paint(`  … and ${lines.length - MOST_NAMED} more`)];
  }

  #problems(): readonly string[] {
    const { problems } = this.#view;
    if (problems.length === 0) return [];
    const lines = problemLines(problems, { colors: this.#c, width: this.#width });
    return ['', this.#c.bold('Problems in the files'), ...lines];
  }

  #brokenLine(broken: BrokenRule): string {
    const { rule, failure } = broken;
    const why = failure === null ? withoutFailure(broken) : failure.summary;
    const lead = `✗ ${rule.id}: ${rule.title} (${wording.pointsText(rule.points)})`;
    return (
      this.#c.red(lead.length > this.#width ? cutTo(lead, this.#width) : lead) +
      this.#c.dim(this.#rest(lead, why))
    );
  }

  /** What follows `lead` in its line, as far as there is room. */
  #rest(lead: string, text: string): string {
    const room = this.#width - lead.length - 2;
    return room < 20 ? '' : `  ${cutTo(oneLine(text), room)}`;
  }

  #unjudged(): readonly string[] {
    return this.#view.assignments.flatMap(({ title, rules }) => {
      const lost = rules.filter(({ status }) => status === 'not judged');
      if (lost.length === 0) return [];
      const points = sumPoints(lost.map((rule) => rule.points - rule.earned));
      const text = `- ${title}: ${wording.counted(lost.length, 'rule')} could not be judged (${wording.pointsText(points)}) because of what is broken`;
      return [this.#c.yellow(cutTo(text, this.#width))];
    });
  }

  #remarks(): readonly string[] {
    const { assignments } = this.#view;
    const lines = [
      wording.trouble(assignments.flatMap(({ checks }) => checks)),
      ...assignments.flatMap(({ title, notes }) => notes.map((note) => `${title}: ${note}`)),
      ...differing(this.#view).map(
        ({ title, difference }) =>
          `${title}: ${NOT_DETERMINISTIC}. ${differenceSentence(difference)}`,
      ),
    ].flatMap((text) => (text === null ? [] : wrap(oneLine(text), this.#width, '  ')));
    return lines.length === 0 ? [] : ['', ...lines.map((line) => this.#c.yellow(line))];
  }

  #totals(): readonly string[] {
    const all = this.#view.assignments;
    const assignments = all.filter((assignment) => wording.counts(assignment));
    if (this.#view.outcome !== 'graded' || assignments.length === 0) return [];
    const well = wording.allWell(this.#view);
    const hidden = wording.hiddenText(all);
    const table = scoreTable({ ...this.#view, assignments }, this.#width);
    return [
      '',
      ...(well === null ? [] : [this.#c.green(well)]),
      ...table.slice(0, -1),
      this.#c.bold(table.at(-1)),
      ...(hidden === null ? [] : [this.#c.dim(`  included: ${hidden}`)]),
    ];
  }

  #fitting(lines: readonly string[], room: number): readonly string[] {
    if (lines.length <= Math.max(LEAST_LISTED, room)) return lines;
    const shown = Math.max(LEAST_LISTED, room) - 1;
    return [...lines.slice(0, shown), this.#c.dim(`… and ${lines.length - shown} more`)];
  }
}

function sameScore(some: GradeView, other: GradeView): boolean {
  return some.score === other.score && some.maxScore === other.maxScore;
}

function usableWidth(columns: number): number {
  return Math.min(120, Math.max(80, Math.floor(columns) || 80));
}

function cutTo(text: string, length: number): string {
  return text.length > length
    ? `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`
    : text;
}
