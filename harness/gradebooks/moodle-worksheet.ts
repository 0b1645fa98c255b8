/**
 * Moodle's worksheet for grading offline. Its headings are in the teacher's language, and its importer wants them back letter for letter, so
 * that columns are told by what is in them and where they stand; Moodle always writes them in the same order.
 */
import { quote } from '../intake/quote.ts';
import { cellNumber } from './cell-number.ts';
import { type Candidate, chooseColumn } from './choose-column.ts';
import type { CsvTable } from './csv-table.ts';
import type { Gradebook, Student } from './gradebook.ts';
import { saysGrade } from './moodle-words.ts';
import { plainName } from './person-name.ts';
import { GradebookProblem } from './problem.ts';

/** "Participant 123"; many languages have no space. */
const PARTICIPANT = /^(?<word>[^\d,;]*\p{L}[^\d,;]*)(?<number>\d+)$/u;
const EMAIL = /^[^\s@]+@[^\s@]+$/u;
/** "Last modified (grade)". */
const IN_PARENTHESES = /^(?<what>.+?)\s*[(（].+[)）]$/u;

/** Reads such a worksheet; null if the table is something else. Throws a GradebookProblem if it cannot be filled. */
export function moodleWorksheet(table: CsvTable, wanted: string | null): Gradebook | null {
  const [header = [], ...rows] = table.rows;
  const body = rows.filter((row) => row.some((cell) => cell !== ''));
  const identifier = header.findIndex((_, column) => isIdentifier(column, body));
  if (identifier < 0) return null;
  const modified = lastModified(header, identifier);
  const end = modified ?? header.length;
  const between = columnsBetween(header, identifier, end);
  const likely = gradeColumns(between, body);
  if (modified === null) {
    if (likely.length === 0) return null;
    throw new GradebookProblem(
      'It looks like a Moodle worksheet but has no column "Last modified (grade)", without which Moodle takes none back. Download it again.',
    );
  }

  // The teacher knows better than any list of words.
  const candidates = wanted === null && likely.length > 0 ? likely : between;
  const { column, title } = chooseColumn(candidates, wanted);
  const possible = maximum(column + 1, body);
  if (possible === null && isScale(column + 1, end, body)) {
    throw new GradebookProblem(
      `The grades of ${quote(title)} are words of a scale, not points. Let Moodle grade the assignment by points, and download the worksheet again.`,
    );
  }
  const people = peopleColumns(identifier, column, body);
  return {
    platform: 'Moodle',
    column,
    title,
    possible,
    // What follows is feedback: Moodle would put back what it was when the worksheet was downloaded.
    kept: Array.from({ length: modified + 1 }, (_, at) => at),
    students: rows.flatMap((row, index) => student(row, index + 1, identifier, people)),
  };
}

/** Every row has the same word and a number of its own. */
function isIdentifier(column: number, body: readonly (readonly string[])[]): boolean {
  const found = body.map((row) => PARTICIPANT.exec(row[column]!.trim())?.groups);
  const words = new Set(found.map((parts) => parts?.['word']));
  const numbers = new Set(found.map((parts) => parts?.['number']));
  return words.size === 1 && !words.has(undefined) && numbers.size === body.length;
}

/** Of two columns "Last modified (…)" the second, which is about the grade; of one, that one. */
function lastModified(header: readonly string[], identifier: number): number | null {
  const found = header.flatMap((heading, column) => {
    const what = IN_PARENTHESES.exec(heading.trim())?.groups?.['what'];
    return what === undefined || column <= identifier ? [] : [{ column, what }];
  });
  const pair = found.find(({ what, column }) =>
    found.some((other) => other.what === what && other.column < column),
  );
  return (pair ?? (found.length === 1 ? found[0] : undefined))?.column ?? null;
}

function columnsBetween(
  header: readonly string[],
  identifier: number,
  end: number,
): readonly Candidate[] {
  return header.flatMap((title, column) =>
    column > identifier && column < end ? [{ column, title, aliases: [], obstacle: null }] : [],
  );
}

function gradeColumns(
  between: readonly Candidate[],
  body: readonly (readonly string[])[],
): readonly Candidate[] {
  const labelled = between.filter(({ title }) => saysGrade(title));
  if (labelled.length > 0) return labelled;
  // In a language that is not listed: numbers or nothing, beside the same maximum in every row.
  return between.filter(
    ({ column }) =>
      maximum(column + 1, body) !== null &&
      body.every((row) => ['', '-'].includes(row[column]!.trim()) || isNumber(row[column]!)),
  );
}

/** The positive number that a column has in all rows, if it has. */
function maximum(column: number, body: readonly (readonly string[])[]): number | null {
  const values = new Set(body.map((row) => cellNumber(row[column] ?? '')));
  const [value = null] = values;
  return values.size === 1 && value !== null && value > 0 ? value : null;
}

/** A maximum column with the words of a scale: the same list in all rows. */
function isScale(column: number, end: number, body: readonly (readonly string[])[]): boolean {
  const cells = new Set(body.map((row) => row[column] ?? ''));
  const [only = ''] = cells;
  return column < end && cells.size === 1 && only.includes(',') && !isNumber(only);
}

function isNumber(cell: string): boolean {
  return cellNumber(cell) !== null;
}

/** Columns that say who it is. */
interface People {
  readonly name: number | null;
  readonly email: number | null;
  /** Those with something else that no two students share: university numbers, logins. */
  readonly ids: readonly number[];
}

/** The name follows the identifier, unless the names are hidden; then come what the site shows of a student, and what the submission is. */
function peopleColumns(
  identifier: number,
  grade: number,
  body: readonly (readonly string[])[],
): People {
  const columns = Array.from({ length: grade }, (_, at) => at).filter((at) => at !== identifier);
  const filled = (column: number): readonly string[] =>
    body.map((row) => row[column]!.trim()).filter((cell) => cell !== '');
  const isEmail = (column: number): boolean =>
    filled(column).length > 0 && filled(column).every((cell) => EMAIL.test(cell));
  const isOwn = (column: number): boolean =>
    new Set(filled(column)).size === filled(column).length && filled(column).length > 0;
  const email = columns.find(isEmail) ?? null;
  const next = identifier + 1;
  // Where names are hidden the submission's state follows: a few sentences over and over.
  const isVaried = new Set(filled(next)).size * 2 > filled(next).length;
  const isName = columns.includes(next) && next !== email && isVaried && filled(next).some(isWords);
  const name = isName ? next : null;
  const ids = columns.filter((at) => at !== name && !isEmail(at) && isOwn(at));
  return { name, email, ids };
}

function isWords(cell: string): boolean {
  return /\p{L}/u.test(cell) && !/\d/u.test(cell);
}

function student(
  row: readonly string[],
  index: number,
  identifier: number,
  { name, email, ids }: People,
): readonly Student[] {
  const number = PARTICIPANT.exec(row[identifier]!.trim())?.groups?.['number'];
  if (number === undefined) return [];
  const cell = (column: number | null): string => (column === null ? '' : row[column]!.trim());
  return [
    {
      row: index,
      name: plainName(cell(name)),
      number,
      ids: ids.map(cell).filter((id) => id !== ''),
      email: cell(email) === '' ? null : cell(email),
    },
  ];
}
