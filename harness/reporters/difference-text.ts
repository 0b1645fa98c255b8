/**
 * A program that came to something else when it was played again, as plain text: a kind of failure of its own, which breaks no rule and costs nothing,
 * but which somebody should look at.
 */
import type { RunDifference } from '../scoring/grade.ts';
import type { AssignmentView, GradeView } from './student-view.ts';
import { besideEachOther, numberedSteps } from './text-layout.ts';

/** Title of the section, and remark beside the score. */
export const NOT_DETERMINISTIC = 'not deterministic';

/** What both runs are called. */
const RUNS = { left: 'as judged', right: 'played again' };

/** An assignment with the difference that was found in it. */
export interface Differing {
  readonly title: string;
  readonly difference: RunDifference;
}

/** Assignments in which a program came to something else when it was played again. */
export function differing({ assignments }: Pick<GradeView, 'assignments'>): readonly Differing[] {
  return assignments.flatMap(({ title, difference }: AssignmentView) =>
    difference === null ? [] : [{ title, difference }],
  );
}

/** What it means, in two sentences. */
export function differenceSentence({ differingStep }: RunDifference): string {
  const step = String(differingStep + 1);
  return (
    `The same program was answered differently when it was played again in a fresh process: the runs differ at step ${step}. ` +
    'Every program begins on a fresh machine with fresh modules, so nothing may be left of the programs before it. ' +
    'No points are taken for this; the course staff sees it, too.'
  );
}

/** The program up to the step that differs, and both runs, in lines of at most `width` characters. */
export function differenceLines(difference: RunDifference, width: number): readonly string[] {
  const { steps, differingStep, first, again } = difference;
  return [
    ...numberedSteps(steps, differingStep, width).map(({ text }) => text),
    '',
    ...besideEachOther(first, again, width, RUNS),
  ];
}

/** All of it as one text. */
export function differenceText(difference: RunDifference, width = 100): string {
  return [differenceSentence(difference), '', ...differenceLines(difference, width)].join('\n');
}
