/**
 * Canvas's gradebook export. Its importer takes a heading that it does not know for a new assignment, so that only the columns that say who
 * it is about and the one that is filled are written.
 */
import { cellNumber } from './cell-number.ts';
import { type Candidate, chooseColumn } from './choose-column.ts';
import type { CsvTable } from './csv-table.ts';
import type { Gradebook, Student } from './gradebook.ts';
import { plainName } from './person-name.ts';
import { GradebookProblem } from './problem.ts';

/** Canvas knows an assignment by the number at the end of its heading. */
const ASSIGNMENT = /^(?<title>.*)\s\((?<id>\d+)\)$/su;
/** A heading with any of these in it is a total to the importer, whatever else it says. */
const TOTAL = /(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)/u;
/** Headings of columns that say who a row is about, besides the names. */
const NUMBERS = ['SIS User ID', 'SIS Login ID', 'Integration ID'];

/** Reads such an export; null if the table is something else. Throws a GradebookProblem if it cannot be filled. */
export function canvasGradebook(table: CsvTable, wanted: string | null): Gradebook | null {
  const [header = [], ...body] = table.rows;
  const nameColumns = header[0] === 'LastName' && header[1] === 'FirstName' ? 2 : 1;
  const isStudent = nameColumns === 2 || (header[0]?.includes('Student') ?? false);
  if (!isStudent || !(header[nameColumns]?.includes('ID') ?? false)) return null;
  const section = header.indexOf('Section');
  if (section < 0) {
    throw new GradebookProblem(
      'It looks like a Canvas gradebook but has no column "Section", without which Canvas takes none back. Export it again.',
    );
  }

  const points = body.find((row) => row[0]!.includes('Points Possible')) ?? [];
  const candidates = header.flatMap((title, column) =>
    column > section ? candidate(title, column, points[column] ?? '') : [],
  );
  const { column, title } = chooseColumn(candidates, wanted);
  const students = body.flatMap((row, index) =>
    isAboutStudent(row) ? [student(row, index + 1, header, nameColumns)] : [],
  );
  return {
    platform: 'Canvas',
    column,
    title,
    possible: cellNumber(points[column] ?? ''),
    kept: [...Array(section + 1).keys(), column],
    students,
  };
}

function candidate(title: string, column: number, possible: string): readonly Candidate[] {
  const { title: name, id } = ASSIGNMENT.exec(title)?.groups ?? {};
  if (name === undefined || id === undefined) return [];
  return [{ column, title, aliases: [name, id, `(${id})`], obstacle: obstacle(title, possible) }];
}

function obstacle(title: string, possible: string): string | null {
  if (TOTAL.test(title)) {
    return `Canvas takes a heading with "${TOTAL.exec(title)![0]}" in it for a total; rename the assignment and export again`;
  }
  // "(read only)", in the teacher's language.
  return possible.trim() === '' || cellNumber(possible) !== null
    ? null
    : `Canvas has it ${possible.trim().replace(/^\((.*)\)$/u, '$1')}`;
}

/** Neither the points possible nor the row that says which assignments are posted by hand. */
function isAboutStudent(row: readonly string[]): boolean {
  if (row[0]!.includes('Points Possible')) return false;
  return !row.every((cell) => /^\s*(?:Muted|Manual Posting.*)?\s*$/isu.test(cell));
}

function student(
  row: readonly string[],
  index: number,
  header: readonly string[],
  nameColumns: number,
): Student {
  const name = nameColumns === 2 ? `${row[1]!} ${row[0]!}` : plainName(row[0]!);
  const number = row[nameColumns]!.trim();
  return {
    row: index,
    name: name.trim(),
    number: number === '' ? null : number,
    ids: NUMBERS.flatMap((heading) => row[header.indexOf(heading)]?.trim() ?? '').filter(
      (id) => id !== '',
    ),
    email: null,
  };
}
