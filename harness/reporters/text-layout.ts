/**
 * Layout of plain text in a column of fixed width: wrapping, numbered steps, two texts side by side.
 */
import { diffArrays } from 'diff';
import { firstLines } from './escaping.ts';

/** Breaks at spaces, and inside words that are longer than a line. Following lines are indented by `hang`. */
export function wrap(text: string, width: number, hang = ''): readonly string[] {
  return text.split('\n').flatMap((paragraph) => wrapLine(paragraph, width, hang));
}

function wrapLine(text: string, width: number, hang: string): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  for (;;) {
    const lead = lines.length === 0 ? '' : hang;
    const room = Math.max(1, width - lead.length);
    if (rest.length <= room) return [...lines, lead + rest];
    const space = rest.lastIndexOf(' ', room);
    const cut =
      space > 0 && rest.slice(0, space).trim() !== '' ? space : wholeCharacters(rest, room);
    lines.push((lead + rest.slice(0, cut)).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
}

/** At most `length` code units, and not half a character. */
function wholeCharacters(text: string, length: number): number {
  const splits = /[\uD800-\uDBFF]/u.test(text.charAt(length - 1));
  return splits ? Math.max(2, length - 1) : length;
}

/** A step of a program, laid out. */
export interface StepLine {
  readonly text: string;
  readonly failing: boolean;
}

const MAX_STEPS = 40;
const FIRST_STEPS = 8;

/** Steps with their numbers, the failing one marked; from a long program the beginning and what leads to the failure. */
export function numberedSteps(
  steps: readonly string[],
  failingStep: number,
  width = Infinity,
): readonly StepLine[] {
  const digits = String(steps.length).length;
  const shown = (index: number): boolean =>
    steps.length <= MAX_STEPS ||
    index < FIRST_STEPS ||
    (index <= failingStep && index > failingStep - (MAX_STEPS - FIRST_STEPS));
  return steps.flatMap((step, index) => {
    const failing = index === failingStep;
    if (!shown(index)) {
      return index > 0 && shown(index - 1) ? [{ text: '  …', failing: false }] : [];
    }
    const lead = `${failing ? '> ' : '  '}${String(index + 1).padStart(digits)}. `;
    return wrap(lead + step, width, ' '.repeat(lead.length)).map((text) => ({ text, failing }));
  });
}

const MAX_COMPARED = 60;
const GAP = '   ';

/** What two texts are called that stand beside each other. */
interface Names {
  readonly left: string;
  readonly right: string;
}

const EXPECTED: Names = { left: 'expected', right: 'observed' };

/** Expected beside observed (or two other texts, by their `names`); one below the other if they do not fit. Where lines agree,
 * those that do not are marked. */
export function besideEachOther(
  expected: string,
  observed: string,
  width: number,
  names = EXPECTED,
): readonly string[] {
  const rows = alignRows(linesOf(expected), linesOf(observed));
  const marked = rows.some((row) => row.same) && rows.some((row) => !row.same);
  const mark = (row: Row): string => (marked ? (row.same ? '  ' : '* ') : '');
  const left = Math.max(
    names.left.length,
    ...rows.map((row) => mark(row).length + row.left.length),
  );
  const right = Math.max(names.right.length, ...rows.map((row) => row.right.length));
  if (left + GAP.length + right <= width) {
    return [
      `${names.left.padEnd(left)}${GAP}${names.right}`,
      `${'-'.repeat(left)}${GAP}${'-'.repeat(right)}`,
      ...rows.map((row) => `${(mark(row) + row.left).padEnd(left)}${GAP}${row.right}`.trimEnd()),
    ];
  }
  const side = (name: string, pick: (row: Row) => string): readonly string[] => [
    name,
    ...rows
      .filter((row) => pick(row) !== '')
      .flatMap((row) => wrap(`  ${mark(row)}${pick(row)}`, width, '      ')),
  ];
  return [...side(names.left, (row) => row.left), ...side(names.right, (row) => row.right)];
}

interface Row {
  readonly left: string;
  readonly right: string;
  readonly same: boolean;
}

function linesOf(text: string): string[] {
  return [...firstLines(text.trimEnd().split('\n'), MAX_COMPARED)];
}

function alignRows(expected: string[], observed: string[]): readonly Row[] {
  const rows: Row[] = [];
  let missing: readonly string[] = [];
  const flush = (added: readonly string[]): void => {
    for (let i = 0; i < Math.max(missing.length, added.length); i += 1) {
      rows.push({ left: missing[i] ?? '', right: added[i] ?? '', same: false });
    }
    missing = [];
  };
  for (const change of diffArrays(expected, observed)) {
    if (change.removed) missing = change.value;
    else if (change.added) flush(change.value);
    else {
      flush([]);
      rows.push(...change.value.map((line) => ({ left: line, right: line, same: true })));
    }
  }
  flush([]);
  return rows;
}
