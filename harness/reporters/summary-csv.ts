/**
 * `summary.csv`: a row a submission, as RFC 4180 says (comma, CRLF, quotes where needed, UTF-8), and safe to open in a spreadsheet.
 */
import { stringify } from 'csv-stringify/sync';
import { formatPoints } from '../scoring/points.ts';
import type { Summary, SummaryRow } from '../scoring/summary.ts';
import { oneLine } from './escaping.ts';

/** The text of `summary.csv`. Every row is one line; a score that does not exist is an empty cell. Without times there is no column for them. */
export function summaryCsv({ assignments, rows }: Summary): string {
  const isTimed = rows.some(({ seconds }) => seconds !== null);
  const header = [
    'submission',
    'outcome',
    'status',
    'score',
    'max_score',
    'percent',
    ...assignments.map((assignment) => `score_${oneLine(assignment)}`),
    'rules_broken',
    'first_failure',
    'reason',
    'seed',
    ...(isTimed ? ['seconds'] : []),
    'not_deterministic',
  ];
  return stringify([header, ...rows.map((row) => cells(row, assignments, isTimed))], {
    record_delimiter: 'windows',
    // A cell starting with = + - @ or a tab is a formula to a spreadsheet: such text gets an apostrophe in front.
    escape_formulas: true,
  });
}

function cells(
  row: SummaryRow,
  assignments: readonly string[],
  isTimed: boolean,
): readonly (string | number)[] {
  return [
    oneLine(row.submission),
    row.outcome,
    row.status,
    points(row.score),
    points(row.maxScore),
    row.percent ?? '',
    ...assignments.map((assignment) => points(row.scores[assignment] ?? null)),
    oneLine(row.rulesBroken.join(' ')),
    oneLine(row.firstFailure),
    oneLine(row.reason),
    row.seed,
    ...(isTimed ? [row.seconds?.toFixed(1) ?? ''] : []),
    oneLine(row.notDeterministic.join(' ')),
  ];
}

function points(value: number | null): string {
  return value === null ? '' : formatPoints(value);
}
