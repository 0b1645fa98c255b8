/** Plants mistakes in the model: text edits, placed exactly or not at all. */
import type { Edit, Mutant } from './mutant.ts';

/** Text of files by name. */
export type Files = Readonly<Record<string, string>>;

/** A mutant does not fit the model: the mutant is out of date. The message names it, the file and the text. */
export class PlantingError extends Error {
  override readonly name = 'PlantingError';
}

interface Placed {
  readonly mutant: string;
  readonly edit: Edit;
  readonly start: number;
  readonly end: number;
}

/**
 * The files of `model` with the edits of all `mutants` made. Every edit is looked up in the model as it is, so the order does not matter.
 *
 * Throws {@link PlantingError} if a text to be replaced does not occur exactly once, or two edits collide, or nothing would change.
 */
export function plant(model: Files, mutants: readonly Mutant[]): Files {
  const placed = mutants.flatMap(({ id, edits }) => edits.map((edit) => place(model, id, edit)));
  const files = { ...model };
  for (const name of new Set(placed.map(({ edit }) => edit.file))) {
    const inFile = placed.filter(({ edit }) => edit.file === name);
    files[name] = edited(model[name] ?? '', inFile);
  }
  return files;
}

function place(model: Files, mutant: string, edit: Edit): Placed {
  const text = model[edit.file];
  if (text === undefined) throw new PlantingError(`mutant ${mutant}: there is no ${edit.file}`);
  const start = text.indexOf(edit.find);
  const shown = JSON.stringify(edit.find);
  if (edit.find === '' || start < 0)
    throw new PlantingError(`mutant ${mutant}: ${edit.file} does not contain ${shown}`);
  if (text.includes(edit.find, start + 1))
    throw new PlantingError(`mutant ${mutant}: ${edit.file} contains ${shown} more than once`);
  if (edit.find === edit.put)
    throw new PlantingError(`mutant ${mutant}: ${edit.file}: ${shown} is replaced by itself`);
  return { mutant, edit, start, end: start + edit.find.length };
}

function edited(text: string, placed: readonly Placed[]): string {
  const inOrder = [...placed].sort((a, b) => a.start - b.start);
  let result = '';
  let at = 0;
  let before: Placed | undefined;
  for (const each of inOrder) {
    if (before !== undefined && each.start < at) {
      const shown = JSON.stringify(each.edit.find);
      throw new PlantingError(
        `mutant ${each.mutant}: in ${each.edit.file}, ${shown} collides with an edit of ${before.mutant}`,
      );
    }
    result += text.slice(at, each.start) + each.edit.put;
    at = each.end;
    before = each;
  }
  return result + text.slice(at);
}

/** Whether two mutants can be planted together. Throws {@link PlantingError} if one of them cannot even be planted alone. */
export function canBePlantedTogether(model: Files, one: Mutant, other: Mutant): boolean {
  plant(model, [one]);
  plant(model, [other]);
  try {
    plant(model, [one, other]);
    return true;
  } catch (error) {
    if (error instanceof PlantingError) return false;
    throw error;
  }
}
