import { expect } from 'chai';
import { sampleAssignment, sampleCheck, sampleSubmission } from '../reporters/sample-grade.ts';
import type { AssignmentGrade, SubmissionGrade } from '../scoring/grade.ts';
import { classScores, scoreCard } from './class-scores.ts';
import { GradebookProblem } from './problem.ts';

const graded = (
  id: string,
  score: number,
  maxScore: number,
  more: Partial<AssignmentGrade> = {},
): AssignmentGrade => ({ ...sampleAssignment(id, id, [], []), score, maxScore, ...more });

const scoresOf = (
  assignments: readonly AssignmentGrade[],
  more: Partial<SubmissionGrade> = {},
  wanted: readonly string[] | null = null,
): ReturnType<typeof classScores> =>
  classScores(
    [
      scoreCard(
        sampleSubmission([graded('page-table', 30, 30), graded('fork', 40, 50)], {
          submission: 'full',
        }),
      ),
      scoreCard(sampleSubmission(assignments, { submission: 'this', ...more })),
    ],
    wanted,
  );

describe('classScores', () => {
  it('should add up what everybody handed in', () => {
    const { counted, scores } = scoresOf([graded('page-table', 12.5, 30), graded('fork', 1, 50)]);

    expect(counted.map(({ maxScore }) => maxScore)).to.deep.equal([30, 50]);
    expect(scores.map(({ points }) => points)).to.deep.equal([70, 13.5]);
  });

  it('should not let what one hands in decide what others are graded out of', () => {
    const notHandedIn = graded('fork', 0, 0, { outcome: 'not submitted' });

    expect(() => scoresOf([graded('page-table', 30, 30), notHandedIn])).to.throw(
      GradebookProblem,
      'Not all 2 submissions have files for the same assignments (page-table 2, fork 1). Say with --assignment which count: page-table,fork, or fewer.',
    );
  });

  it('should give nothing for what was not handed in, if that counts', () => {
    const notHandedIn = graded('fork', 0, 0, { outcome: 'not submitted' });
    const { counted, scores } = scoresOf([graded('page-table', 12.5, 30), notHandedIn], {}, [
      'page-table',
      'fork',
    ]);

    expect(counted.map(({ maxScore }) => maxScore)).to.deep.equal([30, 50]);
    expect(scores).to.deep.equal([
      { submission: 'full', points: 70, reason: null },
      { submission: 'this', points: 12.5, reason: null },
    ]);
  });

  it('should count the assignments asked for', () => {
    const { counted, scores } = scoresOf([graded('page-table', 1, 30)], {}, ['page-table']);

    expect(counted).to.deep.equal([{ assignment: 'page-table', maxScore: 30 }]);
    expect(scores.map(({ points }) => points)).to.deep.equal([30, 1]);
  });

  it('should give 0, and say why, if nothing could be graded', () => {
    const { scores } = scoresOf([], { outcome: 'rejected', reason: 'no TypeScript file' });

    expect(scores[1]).to.deep.include({ points: 0, reason: 'no TypeScript file' });
  });

  for (const [what, assignments, more, reason] of [
    ['all of it', [], { outcome: 'error', reason: 'worker ended' }, 'failed: worker ended'],
    ['an assignment', [graded('page-table', 0, 30, { outcome: 'error' })], {}, 'on page-table'],
    [
      'a check',
      [graded('page-table', 3, 28, { checks: [sampleCheck('PT-3.1', { status: 'error' })] })],
      {},
      'the check PT-3.1',
    ],
  ] as const) {
    it(`should give no score if the grader failed on ${what}`, () => {
      const { scores } = scoresOf([...assignments, graded('fork', 1, 50)], more);

      expect(scores[1]!.points).to.equal(null);
      expect(scores[1]!.reason).to.include(reason);
    });
  }

  it('should not mind a failure of the grader in what does not count', () => {
    const failed = graded('fork', 0, 50, { outcome: 'error' });
    const { scores } = scoresOf([graded('page-table', 7, 30), failed], {}, ['page-table']);

    expect(scores[1]!.points).to.equal(7);
  });

  it('should give no score to what was not graded for an assignment that counts', () => {
    const leftOut = graded('fork', 0, 0, { outcome: 'not submitted', selected: false });
    const { scores } = scoresOf([graded('page-table', 7, 30), leftOut]);

    expect(scores[1]).to.deep.include({ points: null, reason: 'it was not graded for fork' });
  });

  it('should refuse an assignment that nobody was graded for', () => {
    expect(() => scoresOf([], {}, ['lazy-pager'])).to.throw(
      GradebookProblem,
      'Nobody was graded for "lazy-pager". The results have page-table, fork.',
    );
  });
});
