import { expect } from 'chai';
import { z } from 'zod';
import { gradescopeJson, type GradescopeOptions } from './gradescope.ts';
import {
  SAMPLE_GRADE,
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from './sample-grade.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';

/** The documented format, field by field; unknown fields are refused. */
const visibility = z.enum(['visible', 'hidden', 'after_due_date', 'after_published']);
const format = z.enum(['text', 'html', 'simple_format', 'md', 'ansi']);
const gradescopeTest = z.strictObject({
  score: z.number().optional(),
  max_score: z.number().optional(),
  status: z.enum(['passed', 'failed']).optional(),
  name: z.string().optional(),
  name_format: format.optional(),
  number: z.string().optional(),
  output: z.string().optional(),
  output_format: format.optional(),
  tags: z.array(z.string()).optional(),
  visibility: visibility.optional(),
  extra_data: z.record(z.string(), z.unknown()).optional(),
});
const gradescopeResults = z.strictObject({
  score: z.number().optional(),
  execution_time: z.number().optional(),
  output: z.string().optional(),
  output_format: format.optional(),
  test_output_format: format.optional(),
  test_name_format: format.optional(),
  visibility: visibility.optional(),
  stdout_visibility: visibility.optional(),
  extra_data: z.record(z.string(), z.unknown()).optional(),
  tests: z.array(gradescopeTest).optional(),
  leaderboard: z.array(z.unknown()).optional(),
});

const read = (grade: SubmissionGrade, options?: GradescopeOptions) =>
  gradescopeResults.parse(JSON.parse(gradescopeJson(grade, options)));
/** The sample, without the check that the grader failed on. */
const WITHOUT_TROUBLE: SubmissionGrade = {
  ...SAMPLE_GRADE,
  assignments: SAMPLE_GRADE.assignments.map((assignment) => ({
    ...assignment,
    checks: assignment.checks.filter(({ status }) => status !== 'error'),
  })),
};
const RULES = [{ id: 'A', title: 'rule A' }];

describe('gradescopeJson', () => {
  it('should let no line of a problem pass for one of its own, or for a command', () => {
    const message = 'bad\nTotal 200 / 200 100 %\n::error::x\n\u200b::warning::y';
    const problem = { kind: 'type', message, location: null } as const;

    const { output } = JSON.parse(gradescopeJson({ ...SAMPLE_GRADE, problems: [problem] })) as {
      output: string;
    };

    expect(output).to.include(
      'type error: bad\n  Total 200 / 200 100 %\n  : :error::x\n  : :warning::y\n',
    );
  });

  it('should fit the documented format', () => {
    expect(() => read(SAMPLE_GRADE)).not.to.throw();
  });

  it('should give tests that add up to the score, when hidden checks take no points from visible ones', () => {
    const { score, tests = [] } = read(WITHOUT_TROUBLE);

    expect(tests.reduce((sum, test) => sum + (test.score ?? 0), 0)).to.equal(score);
    expect(tests.reduce((sum, test) => sum + (test.max_score ?? 0), 0)).to.equal(
      SAMPLE_GRADE.maxScore,
    );
  });

  it('should give no score, and none to add up, if the grader failed on a check', () => {
    const { score, tests = [] } = read(SAMPLE_GRADE);

    expect(score).to.equal(undefined);
    expect(tests.some((test) => 'score' in test || 'max_score' in test)).to.equal(false);
    expect(tests.some((test) => test.status === 'failed')).to.equal(true);
  });

  it('should number tests uniquely, hidden ones after visible ones', () => {
    const { tests = [] } = read(SAMPLE_GRADE);

    expect(new Set(tests.map((test) => test.number))).to.have.property('size', tests.length);
    expect(
      tests.filter((test) => test.visibility !== 'visible').map((test) => test.number),
    ).to.deep.equal(['1.9', '2.5']);
  });

  it('should keep hidden checks back as asked', () => {
    const seen = (options?: GradescopeOptions) =>
      new Set(read(SAMPLE_GRADE, options).tests?.map((test) => test.visibility));

    expect([...seen()]).to.deep.equal(['visible', 'after_published']);
    expect([...seen({ hiddenVisibility: 'hidden' })]).to.deep.equal(['visible', 'hidden']);
  });

  it('should not betray a hidden failure by the points of a visible check', () => {
    const failure = sampleFailure('A');
    const hidden = sampleCheck('A.2', { visibility: 'hidden', status: 'failed', failure });
    const assignment = sampleAssignment('one', 'One', RULES, [sampleCheck('A.1'), hidden]);

    const { score, tests = [] } = read(sampleSubmission([assignment]));

    expect(score).to.equal(0);
    expect(tests[0]).to.include({ name: 'A.1 keeps rule A.1', score: 2, output: '' });
  });

  it('should say why a check that passed brings no points', () => {
    const failed = sampleCheck('A.2', { status: 'failed', failure: sampleFailure('A') });
    const assignment = sampleAssignment('one', 'One', RULES, [sampleCheck('A.1'), failed]);

    const { tests = [] } = read(sampleSubmission([assignment]));

    expect(tests[0]).to.include({ status: 'passed', score: 0 });
    expect(tests[0]?.output).to.include('earned together');
  });

  it('should never print the total at the top', () => {
    const { output = '' } = read(SAMPLE_GRADE);

    expect(output).not.to.match(/12\.5|33\.5|37\.31/u);
  });

  it('should give no score when the grader failed', () => {
    const assignment = sampleAssignment('one', 'One', RULES, [sampleCheck('A.1')], {
      outcome: 'error',
    });
    const grades = [
      sampleSubmission([], { outcome: 'error', reason: 'no memory' }),
      sampleSubmission([assignment]),
    ];

    for (const grade of grades) {
      expect(read(grade)).not.to.have.property('score');
      expect(read(grade)).to.have.property('tests').that.deep.equals([]);
      expect(read(grade).output).to.include('no fault of the submission');
    }
  });

  it('should give zero and the reason when nothing could be graded', () => {
    const grade = sampleSubmission([], { outcome: 'rejected', reason: 'no TypeScript file' });

    expect(read(grade)).to.include({ score: 0 });
    expect(read(grade).output).to.include('no TypeScript file');
  });

  it('should show an assignment without checks as one test', () => {
    const assignment = sampleAssignment('one', 'One', RULES, [], {
      outcome: 'missing',
      maxScore: 30,
    });

    const { tests } = read(sampleSubmission([assignment]));

    expect(tests?.[0]).to.include({ name: 'One: a file is missing', score: 0, max_score: 30 });
  });

  it('should stay below one megabyte and say what was cut', () => {
    const log = Array.from({ length: 100 }, () => '\u2192'.repeat(200));
    const failure = sampleFailure('A', { log, expected: log.join('\n'), observed: 'x' });
    const checks = Array.from({ length: 600 }, (_, i) =>
      sampleCheck(`A.${i}`, { status: 'failed', failure }),
    );

    const text = gradescopeJson(sampleSubmission([sampleAssignment('one', 'One', RULES, checks)]));

    expect(Buffer.byteLength(text)).to.be.below(1_000_000);
    expect(text).to.include('more characters)');
  });
});
