/** The kill matrix as text: a line a mutant, and what it comes to. */
import { percentOf, formatPoints } from '../scoring/points.ts';
import { isKilled, type Kill } from './kill.ts';
import { percentile } from './statistics.ts';
import { textTable } from './text-table.ts';

const COLUMNS = [
  { head: 'mutant' },
  { head: 'killed by' },
  { head: 'programs', align: 'right' },
  { head: 'noticed', align: 'right' },
  { head: 'reported', align: 'right' },
  { head: 'rules' },
  { head: 'lost', align: 'right' },
  { head: 'share', align: 'right' },
  { head: 'KeOS alone' },
] as const;

/** Lines of the table of one assignment, the heading first. */
export function killTable(kills: readonly Kill[]): readonly string[] {
  return textTable(COLUMNS, kills.map(row));
}

function row(kill: Kill): readonly string[] {
  const { mutant, killedBy, programs, noticedMs, reportedMs, lost, maxScore, keosNotices } = kill;
  return [
    mutant,
    kill.trouble === null ? (killedBy ?? 'SURVIVES') : 'TROUBLE',
    String(programs ?? ''),
    milliseconds(noticedMs),
    milliseconds(reportedMs),
    rulesText(kill),
    formatPoints(lost),
    `${percentOf(lost, maxScore).toFixed(0)} %`,
    keosNotices ? 'yes' : 'no',
  ];
}

/** The rules reported; a mark if the right one is missing, or its check did not fail. */
function rulesText({ broken, rightRule, rightCheck, isDouble }: Kill): string {
  const rules = broken.join(', ') || '-';
  if (!rightRule) return `${rules} (WRONG RULE)`;
  return rightCheck || isDouble ? rules : `${rules} (other check)`;
}

/** What is wrong with the rows that are not as they should be: a line each. */
export function killComplaints(
  kills: readonly Kill[],
  named: (kill: Kill) => string,
): readonly string[] {
  return kills
    .filter((kill) => !isKilled(kill))
    .map((kill) => `${kill.assignment}/${kill.mutant}: ${complaint(kill, named(kill))}`);
}

function complaint(kill: Kill, named: string): string {
  const { trouble, killedBy, rightRule, broken } = kill;
  if (trouble !== null) return trouble;
  if (killedBy === null) return `survives; ${named} should notice`;
  if (!rightRule) return `charged to ${broken.join(', ')}; ${named} should be reported`;
  return `${killedBy} notices first, but ${named} does not fail`;
}

/** The last line: how many were killed, how fast, and how many KeOS's tests alone would notice. */
export function killSummary(kills: readonly Kill[]): string {
  const of = `of ${kills.length}`;
  const count = (test: (kill: Kill) => boolean): number => kills.filter(test).length;
  const times = (key: 'noticedMs' | 'reportedMs'): string => {
    const known = kills.flatMap((kill) => kill[key] ?? []);
    return `${milliseconds(percentile(known, 0.5))} / ${milliseconds(percentile(known, 0.95))}`;
  };
  return [
    `killed ${count(({ killedBy }) => killedBy !== null)} ${of}`,
    `right rule ${count(({ rightRule }) => rightRule)} ${of}`,
    `charged under one rule ${count(({ broken }) => broken.length === 1)} ${of}`,
    `time to kill, median / 95 %: noticed ${times('noticedMs')}, reported ${times('reportedMs')}`,
    `KeOS's tests alone would notice ${count(({ keosNotices }) => keosNotices)}`,
  ].join('; ');
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${value} ms`;
}
