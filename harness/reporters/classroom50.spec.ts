import { expect } from 'chai';
import { z } from 'zod';
import { classroom50Json, type Classroom50Identity } from './classroom50.ts';
import {
  SAMPLE_GRADE,
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from './sample-grade.ts';

/** What its collector demands before it takes a result; from its documentation. */
const whole = z.number().int().nonnegative();
const scored = { score: whole, 'max-score': whole };
const inRange = (one: { readonly score: number; readonly 'max-score': number }): boolean =>
  one.score <= one['max-score'];
const text = z.string().min(1);
const RESULT = z
  .object({
    schema: z.literal('classroom50/result/v1'),
    classroom: text,
    assignment: text,
    submission: text.startsWith('submit/'),
    commit: z.url(),
    release: z.url(),
    review: z.url(),
    datetime: z.iso.datetime({ precision: 0 }),
    ...scored,
    tests: z.array(z.object({ 'test-name': text, passed: z.boolean(), ...scored }).refine(inRange)),
  })
  .refine(inRange);

const IDENTITY: Classroom50Identity = {
  classroom: 'os-2026',
  assignment: 'pager',
  submission: 'submit/2026-06-01T14-32-05Z-a1b2c3d',
  commit: 'https://github.com/os/ada/commit/a1b2c3d',
  release: 'https://github.com/os/ada/releases/tag/submit%2F2026',
  review: 'https://github.com/os/ada/compare/0000...a1b2c3d',
  datetime: '2026-06-01T14:32:01Z',
};

const result = (grade: Parameters<typeof classroom50Json>[0]): z.infer<typeof RESULT> =>
  RESULT.parse(JSON.parse(classroom50Json(grade, IDENTITY, () => 200)));

describe('classroom50Json', () => {
  it('should be what its collector takes', () => {
    expect(result(SAMPLE_GRADE)).to.include(IDENTITY);
  });

  it('should give hundredths of a point, and a test for each rule', () => {
    const rules = ['A-1', 'A-2'].map((id) => ({ id, title: `rule ${id}` }));
    const checks = [
      sampleCheck('A-1.1', { points: 2.25 }),
      sampleCheck('A-2.1', { points: 0.5, status: 'failed', failure: sampleFailure('A-2') }),
    ];

    const { score, tests, ...more } = result(
      sampleSubmission([sampleAssignment('a', 'A', rules, checks)]),
    );

    expect([score, more['max-score']]).to.deep.equal([225, 275]);
    expect(tests).to.deep.equal([
      { 'test-name': 'A-1 rule A-1', passed: true, score: 225, 'max-score': 225 },
      { 'test-name': 'A-2 rule A-2', passed: false, score: 0, 'max-score': 50 },
    ]);
  });

  it('should add up, with hidden checks as one test', () => {
    const { score, tests, ...more } = result(SAMPLE_GRADE);

    const sum = (key: 'score' | 'max-score'): number =>
      tests.reduce((all, one) => all + one[key], 0);
    expect(sum('score')).to.equal(score);
    expect(sum('max-score')).to.equal(more['max-score']);
    expect(JSON.stringify(tests)).not.to.match(/secret|PT-5/u);
    expect(tests.map((one) => one['test-name'])).to.include('Page table: rules with hidden checks');
  });

  it('should say why nothing could be graded', () => {
    const { score, tests, ...more } = result(
      sampleSubmission([], { outcome: 'rejected', reason: 'no TypeScript file' }),
    );

    expect([score, more['max-score']]).to.deep.equal([0, 20_000]);
    expect(tests).to.deep.equal([
      {
        'test-name': 'This submission could not be graded: no TypeScript file',
        passed: false,
        score: 0,
        'max-score': 20_000,
      },
    ]);
  });

  it('should count an assignment that does not load', () => {
    const assignment = sampleAssignment('a', 'A', [{ id: 'A-1', title: 'one' }], [], {
      outcome: 'broken',
      maxScore: 30,
    });

    expect(result(sampleSubmission([assignment])).tests).to.deep.equal([
      { 'test-name': 'A: a file does not load', passed: false, score: 0, 'max-score': 3000 },
    ]);
  });
});
