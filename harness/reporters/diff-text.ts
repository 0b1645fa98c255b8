/** What has changed between two gradings, for a terminal: the numbers first, then a block for each submission, a line a check. */
import type { createColors } from 'picocolors';
import type { Cause } from '../scoring/change-cause.ts';
import { type ClassDiff, countChanges, isUnexplained } from '../scoring/class-diff.ts';
import type {
  AssignmentChange,
  AssignmentSide,
  CheckChange,
  GradeChange,
  RuleChange,
  TotalSide,
} from '../scoring/compare-grades.ts';
import { formatPoints, sumPoints } from '../scoring/points.ts';
import { defuseCommands, oneLine } from './escaping.ts';
import type { Audience } from './student-view.ts';
import { wrap } from './text-layout.ts';

/** How to write it. */
export interface DiffTextOptions {
  readonly colors: ReturnType<typeof createColors>;
  readonly width: number;
  /** `student` keeps hidden checks back. */
  readonly audience: Audience;
  /** The numbers only. */
  readonly isQuiet: boolean;
}

const LOUD =
  'SAME INPUTS, ANOTHER RESULT. Submission, grader, suites and options are the same, so the result had to be: this is a mistake of Faultline. Please report it with both folders.';

/** The report, ending in a newline. */
export function diffText(diff: ClassDiff, options: DiffTextOptions): string {
  const page = new Page(options);
  const blocks = options.isQuiet ? [] : page.blocks(diff);
  return `${defuseCommands([page.table(diff), ...blocks].join('\n'))}\n`;
}

class Page {
  readonly #c: DiffTextOptions['colors'];
  readonly #width: number;
  readonly #isStaff: boolean;

  constructor({ colors, width, audience }: DiffTextOptions) {
    this.#c = colors;
    this.#width = Math.max(60, Math.min(120, width));
    this.#isStaff = audience === 'staff';
  }

  table(diff: ClassDiff): string {
    const { bold, green, red, yellow, dim } = this.#c;
    const numbers = countChanges(diff);
    const { changed, up, down, level, scoreless, same, words, unexplained } = numbers;
    const row = (label: string, count: number): string =>
      `${label.padEnd(28)} ${String(count).padStart(5)}`;
    const ifAny = (label: string, count: number, paint: (text: string) => string): string[] =>
      count === 0 ? [] : [paint(row(label, count))];
    return [
      bold(row('changed', changed)),
      green(row('  score up', up)),
      red(row('  score down', down)),
      row('  same score, other checks', level),
      ...ifAny('  no score on one side', scoreless, yellow),
      row('same', same),
      ...ifAny('  in other words', words, dim),
      ...ifAny('only in the old results', diff.onlyOld.length, yellow),
      ...ifAny('only in the new results', diff.onlyNew.length, yellow),
      ...ifAny('cannot be read', diff.unreadable.length, red),
      ...(unexplained === 0
        ? []
        : ['', ...wrap(`${unexplained} × ${LOUD}`, this.#width).map((line) => bold(red(line)))]),
    ].join('\n');
  }

  blocks({ changes, onlyOld, onlyNew, unreadable }: ClassDiff): readonly string[] {
    const shown = changes.filter((change) => !change.isWordsOnly || isUnexplained(change));
    return [
      ...shown.flatMap((change) => this.#block(change)),
      ...this.#list('Only in the old results', onlyOld),
      ...this.#list('Only in the new results', onlyNew),
      ...this.#list(
        'Cannot be read',
        unreadable.map(({ submission, side, reason }) => `${submission} (${side}): ${reason}`),
      ),
    ];
  }

  #list(title: string, names: readonly string[]): readonly string[] {
    if (names.length === 0) return [];
    const lines = names.flatMap((name) => wrap(`  ${oneLine(name)}`, this.#width, '    '));
    return ['', this.#c.bold(title), ...lines];
  }

  #block(change: GradeChange): readonly string[] {
    const { bold, dim } = this.#c;
    const seen = change.checks.filter((one) => this.#isStaff || one.visibility !== 'hidden');
    // Of an assignment that only one side has graded everything has changed: its own line says it all.
    const oneSided = new Set(
      change.assignments.filter((one) => !isOnBothSides(one)).map(({ assignment }) => assignment),
    );
    const isTold = ({ assignment }: { readonly assignment: string }): boolean =>
      !oneSided.has(assignment);
    const told = seen.filter(isTold);
    const rules = change.rules.filter(
      ({ assignment, rule }) =>
        !oneSided.has(assignment) &&
        (this.#isStaff || told.some((one) => one.assignment === assignment && one.rule === rule)),
    );
    const hidden = change.checks.filter(isTold).length - told.length;
    return [
      '',
      `${bold(oneLine(change.submission))}  ${this.#total(change)}`,
      ...change.causes.flatMap((cause) =>
        wrap(`  ${causeText(cause, this.#isStaff)}`, this.#width, '    ').map((line) =>
          cause.kind === 'unexplained' ? bold(this.#c.red(line)) : dim(line),
        ),
      ),
      ...columns([
        ...change.assignments.flatMap(assignmentCells),
        ...told.map(checkCells),
        ...rules.map(ruleCells),
      ]),
      ...(hidden === 0 ? [] : [dim(`  and ${hidden} hidden`)]),
    ];
  }

  #total({ before, after, score }: GradeChange): string {
    const text = `${totalText(before)} → ${totalText(after)}`;
    if (before.score === null || after.score === null) return this.#c.yellow(text);
    const by = sumPoints([after.score, -before.score]);
    if (score === 'up') return this.#c.green(`${text} (+${formatPoints(by)})`);
    return score === 'down' ? this.#c.red(`${text} (${formatPoints(by)})`) : text;
  }
}

function totalText({ outcome, score, maxScore }: TotalSide): string {
  if (score === null) return 'no score, the grader failed';
  return outcome === 'rejected' ? 'rejected' : `${formatPoints(score)}/${formatPoints(maxScore)}`;
}

function isOnBothSides({ before, after }: AssignmentChange): boolean {
  return before?.outcome === 'graded' && after?.outcome === 'graded';
}

/** Where one side has no assignments at all the total has said why. */
function assignmentCells({ assignment, before, after }: AssignmentChange): readonly string[][] {
  if (before === null || after === null) return [];
  return [[assignment, `${sideText(before)} → ${sideText(after)}`]];
}

function sideText({ outcome, selected, score, maxScore }: AssignmentSide): string {
  if (!selected) return 'left out';
  if (outcome === 'error') return 'the grader failed';
  if (outcome === 'not submitted') return outcome;
  const points = `${formatPoints(score)}/${formatPoints(maxScore)}`;
  return outcome === 'graded' ? points : `${points} (${outcome})`;
}

function checkCells({ check, before, after, rule }: CheckChange): readonly string[] {
  return [check, `${before ?? 'not run'} → ${after ?? 'not run'}`, rule];
}

function ruleCells({ rule, before, after }: RuleChange): readonly string[] {
  return [`rule ${rule}`, `${before ?? 'not there'} → ${after ?? 'not there'}`];
}

/** Cells below each other, indented. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const clean = rows.map((row) => row.map(oneLine));
  const widths = [0, 1, 2].map((at) =>
    clean.reduce((widest, row) => Math.max(widest, row[at]?.length ?? 0), 0),
  );
  return clean.map((row) =>
    `  ${row.map((cell, at) => cell.padEnd(widths[at]!)).join('  ')}`.trimEnd(),
  );
}

const UNRECORDED: Readonly<Record<string, string>> = {
  submission: 'whether the submission is the same',
  grader: 'whether grader and suites are',
  options: 'whether all options are',
};

/** Which checks the grader failed on is for the staff: some may be hidden. */
function causeText({ kind, before, after, names }: Cause, isStaff: boolean): string {
  const change = oneLine(`${before ?? ''} → ${after ?? ''}`);
  const list = oneLine(names.join(', '));
  switch (kind) {
    case 'submission':
      return 'the submission has changed';
    case 'files':
      return 'the code is the same, other files came with it';
    case 'version':
      return `another version of the grader: ${change}`;
    case 'grader':
      return 'the grader, its suites or the model have changed';
    case 'seed':
    case 'runs':
      return `another --${kind}: ${change}`;
    case 'assignments':
      return `other assignments were graded: ${change}`;
    case 'options':
      return `other options: ${list}`;
    case 'failed before':
      return `the grader failed before${isStaff ? `: ${list}` : ''}`;
    case 'fails now':
      return `the grader fails now${isStaff ? `: ${list}` : ''}`;
    case 'not deterministic':
      return `the submission does not do the same every time: ${list}`;
    case 'unrecorded':
      return `not recorded: ${names.map((name) => UNRECORDED[name] ?? name).join(', ')}`;
    case 'unexplained':
      return 'SAME INPUTS, ANOTHER RESULT: a mistake of Faultline';
  }
}
