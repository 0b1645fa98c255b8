/** A Gradescope autograder: `/autograder/results/results.json`. */
import { dirname, join } from 'node:path';
import { gradescopeJson } from '../../reporters/gradescope.ts';
import { formatPoints } from '../../scoring/points.ts';
import { hasTrouble } from '../../scoring/trouble.ts';
import { ungraded } from '../ungraded.ts';
import type { Delivery, PipelineRun } from './delivery.ts';
import { readGradescopeMetadata } from './gradescope-metadata.ts';

const RESULTS = 'results.json';
const UNFINISHED = 'it was stopped before it came to its end';

export function forGradescope({ submission, output, options }: PipelineRun): Delivery {
  const metadata = readGradescopeMetadata(submission);
  return {
    output: output ?? join(dirname(submission), 'results'),
    before: { [RESULTS]: gradescopeJson(ungraded('submission', 'error', UNFINISHED, options)) },
    files: (grade) => ({ [RESULTS]: gradescopeJson(grade) }),
    appended: () => ({}),
    closing: (grade) => {
      const worth = metadata?.totalPoints ?? null;
      if (worth === null || hasTrouble(grade) || grade.maxScore === 0 || worth === grade.maxScore)
        return '';
      return (
        `\nGradescope's assignment is worth ${formatPoints(worth)} points, and this was graded out of ${formatPoints(grade.maxScore)}. Scores are not scaled: ` +
        'set the points in the settings of the assignment on Gradescope.\n'
      );
    },
  };
}
