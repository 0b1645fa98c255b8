/** An export, whichever platform it comes from. */
import { canvasGradebook } from './canvas-gradebook.ts';
import type { CsvTable } from './csv-table.ts';
import type { Gradebook } from './gradebook.ts';
import { moodleWorksheet } from './moodle-worksheet.ts';
import { GradebookProblem } from './problem.ts';
import { quoteSome } from '../intake/quote.ts';

/**
 * Recognises an export by its header, and finds the column to fill.
 *
 * @param wanted what `--column` says, or null
 * @throws GradebookProblem if it is no export, or cannot be filled
 */
export function readGradebook(table: CsvTable, wanted: string | null): Gradebook {
  const gradebook = canvasGradebook(table, wanted) ?? moodleWorksheet(table, wanted);
  if (gradebook === null) {
    throw new GradebookProblem(
      `It is neither a gradebook exported from Canvas ("Student", "ID", …, "Section", assignments with their numbers) nor a worksheet for grading offline from Moodle ("Identifier", …, "Grade", "Last modified (grade)"). Its header: ${quoteSome(table.rows[0] ?? [], 8)}.`,
    );
  }
  if (gradebook.students.length === 0) {
    throw new GradebookProblem('It has no students. Export it again.');
  }
  return gradebook;
}
