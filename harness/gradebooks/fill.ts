/** Scores into an export: a new table with the columns that the importer needs, of which one is changed. */
import { quote } from '../intake/quote.ts';
import { formatPoints, sumPoints } from '../scoring/points.ts';
import { cellNumber, pointsCell, samePoints, writesComma } from './cell-number.ts';
import { type Claim, claimed } from './claims.ts';
import type { ClassScores } from './class-scores.ts';
import type { CsvTable } from './csv-table.ts';
import type { CellChange, FillReport, Scale, Unsettled } from './fill-report.ts';
import type { Gradebook } from './gradebook.ts';
import { guardFormula } from './guard-formula.ts';
import { GradebookProblem } from './problem.ts';
import type { Submitters } from './submitters.ts';

export interface Filled {
  readonly table: CsvTable;
  readonly report: FillReport;
}

/**
 * Fills an export.
 *
 * @throws GradebookProblem if a score is more than the points possible, or a share of them cannot be said
 */
export function fill(
  table: CsvTable,
  gradebook: Gradebook,
  { counted, scores }: ClassScores,
  submitters: Submitters,
  scale: Scale,
): Filled {
  const { column, students, title, platform } = gradebook;
  const outOf = sumPoints(counted.map(({ maxScore }) => maxScore));
  const possible = gradebook.possible === 0 ? null : gradebook.possible;
  const scaled = scaling(scale, outOf, possible, title);
  const { claims, unmatched } = claimed(students, scores, submitters);
  requirePossible(claims, scaled, possible, title);

  const cells = students.map(({ row }) => table.rows[row]![column]!);
  const comma = writesComma(
    table.rows.slice(1).flatMap((row) => gradebook.kept.map((at) => row[at]!)),
  );
  const written = new Map<number, string>();
  const filled: CellChange[] = [];
  const changed: CellChange[] = [];
  const zeros: Unsettled[] = [];
  const unscored: Unsettled[] = [];
  let [unchanged, excused, withoutSubmission] = [0, 0, 0];
  for (const [at, { row, name }] of students.entries()) {
    const before = cells[at]!;
    const own = claims.get(row) ?? [];
    const [first] = own;
    if (isExcused(before)) {
      excused += 1;
      continue;
    }
    if (first === undefined) {
      withoutSubmission += 1;
      continue;
    }
    const obstacle = obstacleOf(own, before);
    const { submission, points: earned, reason } = first.score;
    const someone = { submission, who: describe(name === '' ? first.who : name, row) };
    if (obstacle !== null || earned === null) {
      unscored.push({ ...someone, reason: obstacle ?? reason ?? '' });
      continue;
    }
    if (reason !== null) zeros.push({ ...someone, reason });
    const value = scaled(earned);
    const number = cellNumber(before);
    if (number !== null && samePoints(number, value)) {
      unchanged += 1;
      continue;
    }
    const after = pointsCell(value, comma);
    written.set(row, after);
    (isEmpty(before) ? filled : changed).push({ row, name, before, after });
  }

  const rows = table.rows.map((cellsOfRow, row) =>
    gradebook.kept.map((at) => {
      if (at === column) return written.get(row) ?? cellsOfRow[at]!;
      return row === 0 ? cellsOfRow[at]! : guardFormula(cellsOfRow[at]!);
    }),
  );
  return {
    table: { style: table.style, rows: withoutEmptyEnd(rows) },
    report: {
      platform,
      title,
      possible,
      scale,
      counted,
      students: students.length,
      filled,
      changed,
      unchanged,
      excused,
      withoutSubmission,
      zeros,
      unmatched,
      unscored,
    },
  };
}

/** What the platform's cell says for points of ours. */
function scaling(
  scale: Scale,
  outOf: number,
  possible: number | null,
  title: string,
): (points: number) => number {
  if (scale === 'points') return (points) => points;
  if (possible === null) {
    throw new GradebookProblem(
      `It does not say how many points are possible in ${quote(title)}: with --scale points the scores are written as they are.`,
    );
  }
  return (points) => (outOf === 0 ? 0 : Math.round((points / outOf) * possible * 100) / 100);
}

/** Why the cell of somebody who has a score stays as it was, or null. */
function obstacleOf(own: readonly Claim[], before: string): string | null {
  const [first, ...more] = own;
  if (more.some(({ score }) => score.points !== first?.score.points)) {
    const names = own.map(({ score }) => quote(score.submission)).join(' and ');
    return `has several submissions with different scores: ${names}`;
  }
  return before.trim().toUpperCase() === 'N/A' ? 'is not assigned to this student' : null;
}

function requirePossible(
  claims: ReadonlyMap<number, readonly Claim[]>,
  scaled: (points: number) => number,
  possible: number | null,
  title: string,
): void {
  if (possible === null) return;
  const over = [...claims.values()]
    .flat()
    .map(({ score }) => score)
    .filter(({ points }) => points !== null && scaled(points) > possible + 0.005);
  const [highest] = [...over].sort((a, b) => b.points! - a.points!);
  if (highest === undefined) return;
  const count = new Set(over).size;
  throw new GradebookProblem(
    `${count} ${count === 1 ? 'score is' : 'scores are'} more than the ${formatPoints(possible)} points possible in ${quote(title)}; ` +
      `the highest is ${formatPoints(highest.points!)} (${quote(highest.submission)}). ` +
      'With --scale percent each becomes its share of the points possible; --assignment chooses which count.',
  );
}

function isExcused(cell: string): boolean {
  return cell.trim().toUpperCase() === 'EX';
}

function isEmpty(cell: string): boolean {
  return ['', '-'].includes(cell.trim());
}

/** Empty rows between others stay, so that rows keep their numbers. */
function withoutEmptyEnd(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const last = rows.findLastIndex((row) => row.some((cell) => cell !== ''));
  return rows.slice(0, last + 1);
}

function describe(name: string, row: number): string {
  return `${name === '' ? '' : `${name}, `}row ${row + 1}`;
}
