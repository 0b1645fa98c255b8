/** What filling an export has come to, for the person who will import it. */
import type { createColors } from 'picocolors';
import { defuseCommands, oneLine } from '../reporters/escaping.ts';
import { wrap } from '../reporters/text-layout.ts';
import { formatPoints, sumPoints } from '../scoring/points.ts';
import type { CellChange, FillReport, Unsettled } from './fill-report.ts';

/** How to write it. */
export interface FillTextOptions {
  readonly colors: ReturnType<typeof createColors>;
  readonly width: number;
  /** All cells that have changed; otherwise the first few. */
  readonly isVerbose: boolean;
}

const FEW = 10;

/** The report, ending in a newline. */
export function fillText(report: FillReport, options: FillTextOptions): string {
  const { colors, isVerbose } = options;
  const width = Math.max(60, Math.min(120, options.width));
  const { changed, filled, zeros, unmatched, unscored } = report;
  const all = [...filled, ...changed].sort((a, b) => a.row - b.row);
  const shown = isVerbose ? all : changed.slice(0, FEW);
  const more = isVerbose ? 0 : changed.length - shown.length;
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', colors.bold(title), ...lines];
  const told = (items: readonly Unsettled[]): readonly string[] =>
    items.flatMap((item) => wrap(`  ${unsettled(item)}`, width, '      '));
  const text = [
    ...wrap(headline(report), width, '  '),
    ...wrap(scoresLine(report), width, '  '),
    ...scaleNote(report).flatMap((line) => wrap(line, width, '  ').map(colors.yellow)),
    '',
    ...counts(report).map(([label, count]) => `  ${label.padEnd(17)} ${String(count).padStart(5)}`),
    ...section(isVerbose ? 'Filled and changed' : 'Changed', [
      ...shown.map((change) => `  ${changeLine(change)}`),
      ...(more > 0 ? [colors.dim(`  and ${more} more; --verbose lists them`)] : []),
    ]),
    ...section('0 points, because nothing could be graded', told(zeros)),
    ...section('To settle by hand: the cell stays as it was', told(unscored)),
    ...section('To settle by hand: whose are these?', told(unmatched)),
  ].join('\n');
  return `${defuseCommands(text)}\n`;
}

function headline({ platform, title, possible, students }: FillReport): string {
  const points = possible === null ? 'points possible unknown' : `${formatPoints(possible)} points`;
  const people = `${students} ${students === 1 ? 'student' : 'students'}`;
  return `${platform}, column "${oneLine(title)}" (${points}), ${people}`;
}

function scoresLine({ counted, scale }: FillReport): string {
  const parts = counted.map(
    ({ assignment, maxScore }) => `${assignment} ${formatPoints(maxScore)}`,
  );
  const how =
    scale === 'percent' ? 'written as shares of the points possible' : 'written as they are';
  return `Scores out of ${formatPoints(outOf(counted))} (${oneLine(parts.join(', '))}), ${how}`;
}

function scaleNote({ counted, possible, scale }: FillReport): readonly string[] {
  const ours = outOf(counted);
  if (scale === 'percent' || possible === null || ours === possible) return [];
  return [
    `Note: the column is out of ${formatPoints(possible)} points, the scores out of ${formatPoints(ours)}. --scale percent would write shares.`,
  ];
}

function outOf(counted: FillReport['counted']): number {
  return sumPoints(counted.map(({ maxScore }) => maxScore));
}

function counts(report: FillReport): readonly (readonly [string, number])[] {
  const { filled, changed, unchanged, withoutSubmission, excused, unscored, unmatched } = report;
  const always: readonly (readonly [string, number])[] = [
    ['filled', filled.length],
    ['changed', changed.length],
    ['unchanged', unchanged],
  ];
  const ifAny: readonly (readonly [string, number])[] = [
    ['no submission', withoutSubmission],
    ['excused (EX)', excused],
    ['to settle by hand', unscored.length + unmatched.length],
  ];
  return [...always, ...ifAny.filter(([, count]) => count > 0)];
}

function changeLine({ row, name, before, after }: CellChange): string {
  const was = ['', '-'].includes(before.trim()) ? 'empty' : oneLine(before);
  return `row ${row + 1}${name === '' ? '' : `, ${oneLine(name)}`}: ${was} → ${after}`;
}

function unsettled({ submission, who, reason }: Unsettled): string {
  return oneLine(`${submission}${who === '' ? '' : ` (${who})`}: ${reason}`);
}
