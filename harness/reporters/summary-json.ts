/**
 * `summary.json`: the rows of `summary.csv` for programs.
 */
import type { Summary, SummaryRow } from '../scoring/summary.ts';
import { oneLine } from './escaping.ts';
import { visibleJson } from './results-json.ts';

/** The text of `summary.json`; names are those of the columns of `summary.csv`. */
export function summaryJson({ assignments, rows }: Summary): string {
  const document = {
    schema: 'faultline/summary/v1',
    assignments,
    submissions: rows.map((row) => submission(row, assignments)),
  };
  return `${visibleJson(document)}\n`;
}

function submission(row: SummaryRow, assignments: readonly string[]): unknown {
  return {
    submission: row.submission,
    outcome: row.outcome,
    status: row.status,
    score: row.score,
    max_score: row.maxScore,
    percent: row.percent,
    scores: Object.fromEntries(
      assignments.map((assignment) => [assignment, row.scores[assignment] ?? null]),
    ),
    rules_broken: row.rulesBroken,
    first_failure: oneLine(row.firstFailure),
    reason: oneLine(row.reason),
    seed: row.seed,
    seconds: row.seconds,
    not_deterministic: row.notDeterministic,
  };
}
