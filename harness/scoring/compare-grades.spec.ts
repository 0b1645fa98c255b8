import { expect } from 'chai';
import {
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from '../reporters/sample-grade.ts';
import type { Cause, Recorded } from './change-cause.ts';
import { compareGrades, type GradeChange } from './compare-grades.ts';
import type { CheckResult, SubmissionGrade } from './grade.ts';
import { type InputKey, parseInputKey } from './input-key.ts';

const RULES = [
  { id: 'PT-1', title: 'one' },
  { id: 'PT-2', title: 'two' },
];
const failed = sampleCheck('PT-2.1', { status: 'failed', failure: sampleFailure('PT-2') });

const grade = (
  second: CheckResult,
  more: Partial<SubmissionGrade> = {},
  assignment: Parameters<typeof sampleAssignment>[4] = {},
): SubmissionGrade =>
  sampleSubmission(
    [
      sampleAssignment(
        'page-table',
        'Page table',
        RULES,
        [sampleCheck('PT-1.1'), second],
        assignment,
      ),
    ],
    more,
  );

const KEY: InputKey = { submission: 'a', notes: [], grader: 'g', options: { seed: 1, only: null } };
const recorded = (of: SubmissionGrade, key: InputKey | null = KEY): Recorded => ({
  grade: of,
  key,
});

const OLD = grade(failed);
const NEW = grade(sampleCheck('PT-2.1'));

const compare = (before: Recorded, after: Recorded): GradeChange => {
  const change = compareGrades(before, after);
  if (change === null) throw new Error('they are the same');
  return change;
};
const kinds = ({ causes }: GradeChange): readonly Cause['kind'][] => causes.map(({ kind }) => kind);

describe('compareGrades', () => {
  it('should say what has changed, from the total to the check', () => {
    const change = compare(recorded(OLD), recorded(NEW, { ...KEY, submission: 'b' }));

    expect(change).to.deep.include({
      score: 'up',
      before: { outcome: 'graded', score: 2, maxScore: 4 },
      after: { outcome: 'graded', score: 4, maxScore: 4 },
      isWordsOnly: false,
    });
    expect(
      change.assignments.map(({ before, after }) => [before?.score, after?.score]),
    ).to.deep.equal([[2, 4]]);
    expect(change.checks.map(({ check, before, after }) => [check, before, after])).to.deep.equal([
      ['PT-2.1', 'failed', 'passed'],
    ]);
    expect(change.rules.map(({ rule, before, after }) => [rule, before, after])).to.deep.equal([
      ['PT-2', 'broken', 'held'],
    ]);
  });

  it('should not look at times', () => {
    const later = { ...OLD, diagnostics: { ...OLD.diagnostics, durationMs: 1 } };

    expect(compareGrades(recorded(OLD), recorded(later))).to.equal(null);
  });

  it('should not take another seed for a change', () => {
    expect(compareGrades(recorded(OLD), recorded({ ...OLD, seed: 7 }))).to.equal(null);
  });

  it('should tell another sentence from another status', () => {
    const other = sampleCheck('PT-2.1', {
      status: 'failed',
      failure: sampleFailure('PT-2', { summary: 'in other words' }),
    });
    const change = compare(recorded(OLD), recorded(grade(other, { seed: 7 })));

    expect(change).to.deep.include({ isWordsOnly: true, score: 'same' });
  });

  it('should have no score where the grader failed', () => {
    const error = sampleSubmission([], { outcome: 'error', reason: 'worker ended' });
    const change = compare(recorded(OLD), recorded(error));

    expect([change.score, change.after.score, kinds(change)]).to.deep.equal([
      'none',
      null,
      ['fails now'],
    ]);
  });

  for (const [cause, before, after] of [
    ['submission', recorded(OLD), recorded(NEW, { ...KEY, submission: 'b' })],
    ['files', recorded(OLD), recorded(NEW, { ...KEY, notes: ['Not read: Fork.ts'] })],
    ['grader', recorded(OLD), recorded(NEW, { ...KEY, grader: 'h' })],
    ['version', recorded(OLD), recorded({ ...NEW, version: '9' }, { ...KEY, grader: 'h' })],
    ['seed', recorded(OLD), recorded({ ...NEW, seed: 7 })],
    ['runs', recorded(OLD), recorded({ ...NEW, runs: 7 })],
    ['options', recorded(OLD), recorded(NEW, { ...KEY, options: { only: ['PT-1'] } })],
    [
      'assignments',
      recorded(OLD),
      recorded(grade(failed, {}, { selected: false, outcome: 'not submitted' })),
    ],
    [
      'failed before',
      recorded(grade(sampleCheck('PT-2.1', { status: 'error', reason: 'x' }))),
      recorded(NEW),
    ],
    [
      'not deterministic',
      recorded(
        grade(
          failed,
          {},
          {
            difference: { check: 'PT-1.1', steps: [], differingStep: 0, first: 'a', again: 'b' },
          },
        ),
      ),
      recorded(NEW),
    ],
    ['unexplained', recorded(OLD), recorded(NEW)],
  ] as const) {
    it(`should give the cause: ${cause}`, () => {
      expect(kinds(compare(before, after))).to.deep.equal([cause]);
    });
  }

  it('should not call a result unexplained of which not all inputs are known', () => {
    const { causes } = compare(recorded(OLD, null), recorded(NEW));

    expect(causes).to.deep.equal([
      {
        kind: 'unrecorded',
        before: null,
        after: null,
        names: ['submission', 'grader', 'options'],
      },
    ]);
  });
});

describe('parseInputKey', () => {
  it('should read what batch writes, whatever else is in it', () => {
    expect(
      parseInputKey('{"submission":"a","grader":"b","options":{"seed":1},"more":1}'),
    ).to.deep.equal({
      submission: 'a',
      notes: null,
      grader: 'b',
      options: { seed: 1 },
    });
  });

  for (const text of ['', '[]', '{"submission":1}']) {
    it(`should know nothing from ${JSON.stringify(text)}`, () => {
      expect(parseInputKey(text)).to.equal(null);
    });
  }
});
