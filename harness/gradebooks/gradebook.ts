/** What is known of an export, whichever platform it comes from. */

/** One student of the export: a row, and all by which it can be told who it is. */
export interface Student {
  /** Index into the rows of the table; a spreadsheet counts from 1. */
  readonly row: number;
  /** As the export shows it; empty if it does not. */
  readonly name: string;
  /** The platform's number: Canvas's user id, Moodle's participant number. */
  readonly number: string | null;
  /** The university's numbers and logins. */
  readonly ids: readonly string[];
  readonly email: string | null;
}

/** An export, read: where the scores go, out of how many points, and whose rows there are. */
export interface Gradebook {
  readonly platform: 'Canvas' | 'Moodle';
  /** Index of the column to fill. */
  readonly column: number;
  /** Its heading. */
  readonly title: string;
  /** Points possible in it, or null if the export does not say. */
  readonly possible: number | null;
  /** Indices of the columns that the importer needs; the others are left out of what is written. */
  readonly kept: readonly number[];
  readonly students: readonly Student[];
}
