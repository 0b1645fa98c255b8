/** Grades one assignment of a submission: on its own page table, and on the model's if that may give more. */
import type { AssignmentGrade, CheckResult } from '../scoring/grade.ts';
import { type Assignment, loadAssignment } from './assignments.ts';
import { gradeOnPageTable, pointsOf } from './grade-on-page-table.ts';
import type { Grading } from './grading.ts';
import { useBeyondInterface } from './interchangeable.ts';
import {
  better,
  empty,
  failsAlike,
  fileNames,
  notInterchangeable,
  notSelected,
} from './other-grades.ts';
import type { AssignmentInfo } from './session/check-info.ts';
import { isClean } from './session/finding.ts';
import { asideOf } from './told.ts';

const quiet = (): void => undefined;

/** What an assignment came to at first. */
export interface FirstGrade {
  readonly grade: AssignmentGrade;
  /**
   * The better of it and what the model's page table gives; `null` if there is nothing else to try. For later: the processes that play have to be replaced
   * for other modules.
   */
  readonly better: (() => Promise<AssignmentGrade>) | null;
}

/** Grades the assignment `info`, whatever the submission has for it. Throws when the grading is aborted. */
export async function gradeAssignment(grading: Grading, info: AssignmentInfo): Promise<FirstGrade> {
  const only = (grade: AssignmentGrade): FirstGrade => ({ grade, better: null });
  const { compilation, listener, options } = grading;
  if (options.assignments?.includes(info.id) === false) return only(notSelected(info));
  const assignment = loadAssignment(info);
  if (options.only !== null && !assignment.checks.some(options.only))
    return only(notSelected(info));
  const unplayable = gradeOfUnplayable(grading, assignment);
  if (unplayable !== null) return only(unplayable);
  const onResult = (result: CheckResult): void => listener.onResult?.(info.id, result);
  const missing = info.modelParts.filter((part) => !(`${part}.ts` in compilation.modules));
  if (missing.length > 0) {
    const grade = await gradeOnPageTable(grading, assignment, true, onResult);
    const note = `${fileNames(missing)} is missing or does not compile: graded on the model's.`;
    return only({ ...grade, notes: [note, ...grade.notes] });
  }
  const isAskedOnModel = options.pageTable === 'model' && info.modelParts.length > 0;
  const grade = await gradeOnPageTable(grading, assignment, isAskedOnModel, onResult);
  if (isFaultless(grade)) info.requires.forEach((module) => grading.told.sound.add(module));
  if (options.pageTable !== undefined) return only(grade);
  return { grade, better: () => betterGrade(grading, assignment, grade) };
}

/** The grade where there is nothing to run; `null` if there is. */
function gradeOfUnplayable(
  { submission, compilation, options }: Grading,
  assignment: Assignment,
): AssignmentGrade | null {
  const { info } = assignment;
  const maxScore = pointsOf(assignment);
  const absent = info.requires.filter((module) => !(`${module}.ts` in submission.files));
  if (absent.length > 0) {
    const misnamed = submission.notes.filter((note) =>
      absent.some((module) => note.includes(`${module}.ts`)),
    );
    return options.assignments === null
      ? empty(info, 'not submitted', 0, misnamed)
      : empty(info, 'missing', maxScore, [
          `${fileNames(absent)} is not in the submission.`,
          ...misnamed,
        ]);
  }
  const unusable = info.requires.filter((module) => !(`${module}.ts` in compilation.modules));
  if (unusable.length === 0) return null;
  const notes = unusable.map(
    (module) => `${module}.ts does not compile, so nothing of this assignment can be run.`,
  );
  return empty(info, 'broken', maxScore, notes);
}

/** `own`, or what the model's page table gives if that is more. */
async function betterGrade(
  grading: Grading,
  assignment: Assignment,
  own: AssignmentGrade,
): Promise<AssignmentGrade> {
  const { submission, compilation, compiler, told } = grading;
  const { modelParts } = assignment.info;
  if (modelParts.length === 0 || own.score === own.maxScore) return own;
  if (
    told.timeLimits.get('own')?.isOver !== true &&
    modelParts.every((part) => told.sound.has(part)) &&
    (await failsAlikeOnModel(grading, assignment, own))
  )
    return own;
  const onModels = await gradeOnPageTable(grading, assignment, true, quiet);
  if (onModels.score >= own.score) return better(own, onModels, modelParts);
  const use = await useBeyondInterface(compiler, submission.files, compilation, modelParts);
  return use === null ? own : notInterchangeable(own, modelParts, use);
}

/** Whether what has failed fails in the same way on the model's parts: then these cannot give more, and the rest need not be played on them. */
async function failsAlikeOnModel(
  grading: Grading,
  assignment: Assignment,
  own: AssignmentGrade,
): Promise<boolean> {
  const failed = new Set(own.checks.flatMap(({ id, failure }) => (failure === null ? [] : id)));
  const only = ({ id }: { readonly id: string }): boolean => failed.has(id);
  const told = asideOf(grading.told);
  const look = { ...grading, options: { ...grading.options, only }, told };
  const model = await gradeOnPageTable(look, assignment, true, quiet);
  if (!failsAlike(own, model)) return false;
  const rules = told.rules.get('model');
  if (rules !== undefined) grading.told.rules.set('model', rules);
  grading.told.notes.push(...told.notes);
  return true;
}

/** Whether all checks there are have passed. */
function isFaultless({ outcome, score, maxScore, checks }: AssignmentGrade): boolean {
  return outcome === 'graded' && score === maxScore && checks.every(isClean);
}
