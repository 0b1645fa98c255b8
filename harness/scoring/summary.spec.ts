import { expect } from 'chai';
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
      score: 2,
      maxScore: 4,
      percent: 50,
      scores: { first: 2 },
      rulesBroken: ['A-2'],
      firstFailure: 'A-2: left a page',
      reason: '',
    });
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
