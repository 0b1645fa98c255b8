/** Grades of an assignment that no run of its checks gives: nothing ran, or it ran twice and one of the two counts. */
import type { AssignmentGrade } from '../scoring/grade.ts';
import type { AssignmentInfo } from './session/check-info.ts';

/** The grade of an assignment of which nothing was run; `notes` say why. */
export function empty(
  info: AssignmentInfo,
  outcome: AssignmentGrade['outcome'],
  maxScore: number,
  notes: readonly string[],
): AssignmentGrade {
  return {
    assignment: info.id,
    title: info.title,
    outcome,
    selected: true,
    score: 0,
    maxScore,
    pageTable: null,
    notes,
    rules: [],
    checks: [],
    difference: null,
  };
}

/** The grade of an assignment that the options of the run leave out. */
export function notSelected(info: AssignmentInfo): AssignmentGrade {
  return { ...empty(info, 'not submitted', 0, []), selected: false };
}

/** The better of two gradings counts. Only if it is the one on the model's parts, there is something to say. */
export function better(
  own: AssignmentGrade,
  model: AssignmentGrade,
  modelParts: readonly string[],
): AssignmentGrade {
  if (model.score <= own.score) return own;
  const note = `Graded on the model's ${fileNames(modelParts)}, which gives the better score: ${String(model.score)} points; on your own it is ${String(own.score)}.`;
  return { ...model, notes: [note, ...model.notes] };
}

/** The grade on the submission's own parts; `use` says why it cannot be graded on the model's. */
export function notInterchangeable(
  own: AssignmentGrade,
  modelParts: readonly string[],
  use: string,
): AssignmentGrade {
  const note = `Not interchangeable: your other files use more of ${fileNames(modelParts)} than its interface has (${use}), so only your own counts.`;
  return { ...own, notes: [...own.notes, note] };
}

/** `page-table.ts, fork.ts`. */
export function fileNames(modules: readonly string[]): string {
  return modules.map((module) => `${module}.ts`).join(', ');
}
