/** A CSV file as rows of cells, and how it was written, so that it can be written again in the same way. */
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { GradebookProblem } from './problem.ts';

/** How a file separates cells and rows. */
export interface CsvStyle {
  readonly delimiter: ',' | ';';
  readonly newline: '\n' | '\r\n' | '\r';
  /** Whether it begins with a byte order mark, as spreadsheets like it. */
  readonly hasMark: boolean;
}

export interface CsvTable {
  readonly style: CsvStyle;
  /** The header first. All rows have as many cells as the header. Row 0 is what a spreadsheet calls row 1. */
  readonly rows: readonly (readonly string[])[];
}

const MARK = '\ufeff';
const NOT_CSV =
  'Download it again as CSV; a spreadsheet program may have saved it as something else.';

/** Reads UTF-8 with commas or semicolons. Throws a {@link GradebookProblem} for anything else. */
export function readCsv(bytes: Uint8Array): CsvTable {
  const text = decode(bytes);
  const hasMark = text.startsWith(MARK);
  const body = hasMark ? text.slice(1) : text;
  const [newline = '\n'] = /\r\n|[\r\n]/u.exec(body) ?? [];
  const delimiter = delimiterOf(body);
  const style = { delimiter, newline: newline as CsvStyle['newline'], hasMark };
  return { style, rows: evenRows(parsed(body, delimiter)) };
}

/** The text of a file in this style. */
export function writeCsv({ style, rows }: CsvTable): string {
  const { delimiter, newline, hasMark } = style;
  return (
    (hasMark ? MARK : '') +
    stringify(
      rows.map((row) => [...row]),
      // A line end of another kind than the file's own ends a row, too, for whoever reads it.
      { delimiter, record_delimiter: newline, quoted_match: /[\r\n]/u },
    )
  );
}

function decode(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new GradebookProblem('It is empty.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new GradebookProblem(`It is not text in UTF-8. ${NOT_CSV}`);
  }
  if (text.includes('\0') || text.startsWith('PK\u0003')) {
    throw new GradebookProblem(`It is not a CSV file. ${NOT_CSV}`);
  }
  return text;
}

/** The separator that makes more cells of the header. */
function delimiterOf(text: string): CsvStyle['delimiter'] {
  const cells = (delimiter: CsvStyle['delimiter']): number => {
    try {
      return parsed(text, delimiter, 1)[0]?.length ?? 0;
    } catch {
      return 0;
    }
  };
  return cells(';') > cells(',') ? ';' : ',';
}

function parsed(text: string, delimiter: CsvStyle['delimiter'], to?: number): string[][] {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: false,
      ...(to === undefined ? {} : { to }),
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new GradebookProblem(`It is not a CSV file: ${error.message}. ${NOT_CSV}`);
  }
}

/** Short rows are filled up, as spreadsheets and platforms do; a row with more cells than the header has lost its meaning. */
function evenRows(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const width = rows[0]?.length ?? 0;
  return rows.map((row, index) => {
    if (row.slice(width).some((cell) => cell !== '')) {
      throw new GradebookProblem(
        `Row ${index + 1} has ${row.length} cells, the header has ${width}. Download it again.`,
      );
    }
    return Array.from({ length: width }, (_, at) => row[at] ?? '');
  });
}
