/**
 * What a person reads in a terminal. Says the same as `feedback.md`, shorter.
 */
import type { createColors } from 'picocolors';
import type { Problem, SubmissionGrade } from '../scoring/grade.ts';
import { formatPoints } from '../scoring/points.ts';
import { brokenRuleLines } from './broken-rule-text.ts';
import { brokenRules, type BrokenRule } from './broken-rules.ts';
import { defuseCommands, firstLines } from './escaping.ts';
import {
  differenceLines,
  differenceSentence,
  differing,
  NOT_DETERMINISTIC,
} from './difference-text.ts';
import { NOT_JUDGED, notJudged, OTHER_CHECKS } from './not-judged.ts';
import { scoreTable } from './score-table.ts';
import { viewOf, type AssignmentView, type Audience, type GradeView } from './student-view.ts';
import { wrap } from './text-layout.ts';
import * as wording from './wording.ts';

/** How to write for this terminal and this reader. */
export interface TerminalOptions {
  /** picocolors' `createColors(enabled)`. */
  readonly colors: ReturnType<typeof createColors>;
  /** Columns of the terminal; used between 80 and 120. */
  readonly width: number;
  /** `student` keeps hidden checks back. */
  readonly audience: Audience;
  /** `quiet`: one line. `verbose`: passed checks are listed too. */
  readonly detail: 'quiet' | 'normal' | 'verbose';
  /** `quiet`: columns of the submission's name, so that the lines of several form a table. */
  readonly nameWidth?: number;
}

/** `77.5/80 (96.88 %)`, in the table of several submissions. */
const TOTAL_WIDTH = 18;
const MAX_PROBLEM_LINES = 30;

/** A submission's report, ending in a newline. Nothing in it is obeyed by a terminal or by a CI service's log reader. */
export function terminalReport(grade: SubmissionGrade, options: TerminalOptions): string {
  const view = viewOf(grade, options.audience);
  const width = Math.min(120, Math.max(80, Math.floor(options.width) || 80));
  const page = new Page(view, options.colors, width);
  const text =
    options.detail === 'quiet'
      ? page.line(options.nameWidth ?? 0)
      : page.full(options.detail === 'verbose').join('\n');
  return `${defuseCommands(text)}\n`;
}

class Page {
  readonly #view: GradeView;
  readonly #c: TerminalOptions['colors'];
  readonly #width: number;
  readonly #broken: readonly BrokenRule[];

  constructor(view: GradeView, colors: TerminalOptions['colors'], width: number) {
    this.#view = view;
    this.#c = colors;
    this.#width = width;
    this.#broken = brokenRules(view);
  }

  line(nameWidth: number): string {
    const { score, maxScore, percent, outcome, reason } = this.#view;
    const submission = this.#view.submission.padEnd(nameWidth);
    if (outcome !== 'graded') {
      const why = reason === null ? '' : `: ${reason}`;
      return `${submission}  ${this.#c.red(outcome === 'error' ? 'grader error' : outcome)}${why}`;
    }
    const nothing = wording.nothingGraded(this.#view);
    if (nothing !== null) return `${submission}  ${this.#c.yellow(nothing)}`;
    const ids = this.#broken.map(({ rule }) => rule.id).join(' ');
    const total = `${formatPoints(score)}/${formatPoints(maxScore)} (${percent} %)`;
    const unusable = this.#view.assignments
      .filter((assignment) => ['missing', 'broken', 'error'].includes(assignment.outcome))
      .map(
        (assignment) => `${assignment.assignment}: ${this.#c.yellow(wording.remark(assignment))}`,
      );
    const unsteady = this.#view.assignments
      .filter(({ difference }) => difference !== null)
      .map(({ assignment }) => `${assignment}: ${this.#c.yellow(NOT_DETERMINISTIC)}`);
    const broken = ids === '' ? [] : [`broken: ${this.#c.red(ids)}`];
    const remarks = [...unusable, ...unsteady, ...broken];
    if (remarks.length === 0) return `${submission}  ${total}`;
    return [submission, nameWidth === 0 ? total : total.padEnd(TOTAL_WIDTH), ...remarks].join('  ');
  }

  full(verbose: boolean): readonly string[] {
    const { submission, version, seed, assignments, problems } = this.#view;
    const checks = assignments.flatMap((assignment) => assignment.checks);
    return [
      ...wrap(submission, this.#width).map((line) => this.#c.bold(line)),
      this.#c.dim(`Faultline ${version}, seed ${seed}`),
      ...this.#paragraph(
        wording.noGrade(this.#view) ?? wording.nothingGraded(this.#view),
        this.#c.red,
      ),
      ...(this.#view.outcome === 'error' ? [] : this.#scores()),
      ...this.#paragraph(wording.trouble(checks), this.#c.yellow),
      ...this.#paragraph(wording.allWell(this.#view), this.#c.green),
      ...this.#problems(problems),
      ...this.#section(
        'Notes',
        assignments.flatMap(({ title, notes }) =>
          notes.flatMap((note) => this.#item(`${title}: ${note}`)),
        ),
      ),
      ...this.#differences(),
      ...this.#broken.flatMap((broken) => this.#brokenRule(broken)),
      ...this.#unjudged(),
      ...(verbose ? this.#passed(assignments) : []),
    ];
  }

  #scores(): readonly string[] {
    const { assignments } = this.#view;
    if (assignments.length === 0) return [];
    const table = scoreTable(this.#view, this.#width);
    const hidden = wording.hiddenText(assignments);
    return [
      '',
      ...table.slice(0, -1),
      this.#c.bold(table.at(-1)),
      ...(hidden === null ? [] : this.#item(`included: ${hidden}`).map(this.#c.dim)),
    ];
  }

  #problems(problems: readonly Problem[]): readonly string[] {
    const lines = problems.flatMap((problem) => this.#item(wording.problemText(problem)));
    return this.#section('Problems in the files', firstLines(lines, MAX_PROBLEM_LINES));
  }

  #brokenRule(broken: BrokenRule): readonly string[] {
    return ['', ...brokenRuleLines(broken, this.#c, this.#width)];
  }

  #differences(): readonly string[] {
    return differing(this.#view).flatMap(({ title, difference }) => [
      '',
      ...wrap(`✗ ${title}: ${NOT_DETERMINISTIC}`, this.#width, '  ').map((line) =>
        this.#c.bold(this.#c.yellow(line)),
      ),
      ...wrap(`  ${differenceSentence(difference)}`, this.#width, '  '),
      '',
      ...differenceLines(difference, this.#width - 4).map((line) => `    ${line}`.trimEnd()),
    ]);
  }

  #unjudged(): readonly string[] {
    const groups = notJudged(this.#view.assignments);
    const lines = groups.flatMap(({ rule, checks }) => [
      ...this.#item(
        rule === null
          ? OTHER_CHECKS
          : `${rule.id}: ${rule.title} (${wording.pointsText(rule.points)})`,
      ),
      ...[...wording.skippedByReason(checks)].flatMap(([reason, group]) => [
        ...this.#item(`  ${reason}`),
        ...group.flatMap((check) => this.#item(`    ${this.#name(check)}`).map(this.#c.dim)),
      ]),
    ]);
    const why = groups.some(({ rule }) => rule !== null)
      ? [...wrap(`  ${NOT_JUDGED}`, this.#width, '  '), '']
      : [];
    return this.#section('Not judged', lines.length === 0 ? [] : [...why, ...lines]);
  }

  #passed(assignments: readonly AssignmentView[]): readonly string[] {
    const passed = assignments.flatMap(({ checks }) =>
      checks.filter((check) => check.status === 'passed'),
    );
    return this.#section(
      'Passed',
      passed.flatMap((check) =>
        this.#item(this.#name(check) + wording.injectionsText(check)).map(this.#c.green),
      ),
    );
  }

  #name(check: AssignmentView['checks'][number]): string {
    return wording.checkName(check) + (check.visibility === 'hidden' ? ' (hidden)' : '');
  }

  #section(title: string, lines: readonly string[]): readonly string[] {
    return lines.length === 0 ? [] : ['', this.#c.bold(title), ...lines];
  }

  #paragraph(text: string | null, paint: (text: string) => string): readonly string[] {
    return text === null ? [] : ['', ...wrap(text, this.#width).map(paint)];
  }

  #item(text: string): readonly string[] {
    const [first = '', ...rest] = text.split('\n');
    return [
      ...wrap(`  ${first}`, this.#width, '      '),
      ...rest.flatMap((line) => wrap(`    ${line}`, this.#width, '      ')),
    ];
  }
}
