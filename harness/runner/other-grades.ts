/** Grades of an assignment that no run of its checks gives: nothing ran, or it ran twice and one of the two counts. */
import type { AssignmentGrade, CheckResult } from '../scoring/grade.ts';
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

/**
 * Whether each check that has failed on the submission's own parts, or has shown another rule broken, came to the very same on the model's. What was not judged
 * was so because of them, so the model's parts cannot give more. `model` may leave out all others.
 */
export function failsAlike(
  own: Pick<AssignmentGrade, 'checks'>,
  model: Pick<AssignmentGrade, 'checks'>,
): boolean {
  if (own.checks.some(({ status }) => status === 'error')) return false;
  const onModels = new Map(model.checks.map((check) => [check.id, cameTo(check)]));
  return own.checks.every(
    (check) => check.failure === null || onModels.get(check.id) === cameTo(check),
  );
}

function cameTo({ status, failure }: CheckResult): string {
  return JSON.stringify([status, failure?.rule, failure?.summary]);
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
