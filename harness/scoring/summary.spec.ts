import { expect } from 'chai';
import type { SubmissionGrade } from './grade.ts';
import {
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from '../reporters/sample-grade.ts';
import { summarise, summaryRow } from './summary.ts';

const RULES = [
  { id: 'A-1', title: 'one' },
  { id: 'A-2', title: 'two' },
];

describe('summaryRow', () => {
  it('should name broken rules and the first failure on one line', () => {
    const failure = sampleFailure('A-2', { summary: 'left\n a page' });
    const assignment = sampleAssignment('first', 'First', RULES, [
      sampleCheck('A-1.1'),
      sampleCheck('A-2.1', { status: 'failed', failure }),
    ]);

    const row = summaryRow(sampleSubmission([assignment]));

    expect(row).to.deep.include({
      submission: 'alice',
      outcome: 'graded',
      status: 'graded',
      score: 2,
      maxScore: 4,
      percent: 50,
      scores: { first: 2 },
      rulesBroken: ['A-2'],
      firstFailure: 'A-2: left a page',
      reason: '',
    });
  });

  it('should say what keeps an assignment from being run', () => {
    const first = sampleAssignment('first', 'First', RULES, [], {
      outcome: 'broken',
      notes: ['first.ts does not compile, so nothing of this assignment can be run.'],
    });
    const second = sampleAssignment('second', 'Second', RULES, [], {
      outcome: 'missing',
      notes: ['second.ts is not in the submission.'],
    });
    const place = { file: 'first.ts', line: 3, column: 1 };
    const problems = [
      { kind: 'type', message: 'no matter', location: place },
      { kind: 'syntax', message: "'}' expected.", location: place },
    ] as const;

    expect(summaryRow(sampleSubmission([first, second], { problems }))).to.deep.include({
      status: 'does not compile',
      rulesBroken: ['first', 'second'],
      firstFailure: "first: first.ts:3: '}' expected.",
      reason:
        'first: first.ts does not compile, so nothing of this assignment can be run. second: second.ts is not in the submission.',
    });
    expect(summaryRow(sampleSubmission([second], { problems }))).to.deep.include({
      status: 'graded',
      firstFailure: 'second: second.ts is not in the submission.',
    });
  });

  it('should tell in a word what became of a submission', () => {
    const failing = (observed: string): SubmissionGrade =>
      sampleSubmission([
        sampleAssignment('first', 'First', RULES, [
          sampleCheck('A-1.1', { status: 'failed', failure: sampleFailure('A-1', { observed }) }),
        ]),
      ]);
    const trouble = [sampleCheck('A-1.1', { status: 'error' })];
    const cases: readonly (readonly [string, SubmissionGrade])[] = [
      ['graded', failing('returned 0x1000')],
      ['limit hit', failing('stopped: more than 500,000 steps in one operation')],
      ['limit hit', failing('exception: RangeError: Maximum call stack size exceeded')],
      ['rejected', sampleSubmission([], { outcome: 'rejected' })],
      ['infrastructure', sampleSubmission([], { outcome: 'error' })],
      ['infrastructure', sampleSubmission([sampleAssignment('first', 'First', RULES, trouble)])],
    ];
    for (const [status, grade] of cases) expect(summaryRow(grade).status).to.equal(status);
  });

  it('should give no score where the grader failed', () => {
    const row = summaryRow(sampleSubmission([], { outcome: 'error', reason: 'out of\nmemory' }));

    expect(row).to.include({ score: null, maxScore: null, percent: null, reason: 'out of memory' });
  });

  it('should give no score for an assignment that was not handed in', () => {
    const assignment = sampleAssignment('first', 'First', RULES, [], { outcome: 'not submitted' });

    expect(summaryRow(sampleSubmission([assignment])).scores).to.deep.equal({ first: null });
  });
});

describe('summarise', () => {
  it('should have a column for every assignment of any row, in order of appearance', () => {
    const rows = [['b'], ['a', 'b'], []].map((names) =>
      summaryRow(sampleSubmission(names.map((name) => sampleAssignment(name, name, RULES, [])))),
    );

    expect(summarise(rows).assignments).to.deep.equal(['b', 'a']);
  });
});
