import { expect } from 'chai';
import { sampleAssignment, sampleCheck, sampleFailure } from '../reporters/sample-grade.ts';
import type { AssignmentGrade } from '../scoring/grade.ts';
import { better, failsAlike, notSelected } from './other-grades.ts';

const scored = (pageTable: 'own' | 'model', score: number): AssignmentGrade =>
  sampleAssignment('lazy-pager', 'Lazy pager', [], [], { pageTable, score, maxScore: 50 });

describe('better', () => {
  it('should say so if the model’s page table gives more', () => {
    const grade = better(scored('own', 10), scored('model', 40), ['page-table']);

    expect(grade).to.deep.include({
      pageTable: 'model',
      notes: [
        "Graded on the model's page-table.ts, which gives the better score: 40 points; on your own it is 10.",
      ],
    });
  });

  it('should say nothing if it gives no more', () => {
    for (const score of [0, 10]) {
      const own = scored('own', 10);

      expect(better(own, scored('model', score), ['page-table'])).to.equal(own);
    }
  });
});

describe('failsAlike', () => {
  const failing = sampleCheck('LP-1.a', { status: 'failed', failure: sampleFailure('LP-1') });
  const passing = sampleCheck('LP-2.a');
  const noting = sampleCheck('LP-3.a', { failure: sampleFailure('LP-2') });
  const unjudged = sampleCheck('LP-4.a', { status: 'skipped', reason: 'it builds on LP-1.a' });
  const own = { checks: [failing, passing, noting, unjudged] };

  it('should hold if what has failed came to the same, whatever is left out', () => {
    expect(failsAlike(own, { checks: [failing, noting] })).to.equal(true);
  });

  it('should not hold if one of them passed, was not played, failed for another reason, or showed nothing', () => {
    const elsewhere = {
      ...failing,
      failure: sampleFailure('LP-1', { summary: 'TypeError: table.leafAt is not a function' }),
    };
    const clean = { ...noting, failure: null };
    const passed = { ...failing, status: 'passed', failure: null } as const;

    for (const checks of [[passed, noting], [noting], [elsewhere, noting], [failing, clean]])
      expect(failsAlike(own, { checks })).to.equal(false);
  });

  it('should not hold if the grader failed on a check', () => {
    const troubled = sampleCheck('LP-5.a', { status: 'error', reason: 'ModelDisagrees' });

    expect(failsAlike({ checks: [...own.checks, troubled] }, own)).to.equal(false);
  });
});

describe('notSelected', () => {
  it('should stay outside of the score, as what was not submitted', () => {
    const info = { id: 'x', title: 'X', requires: [], modelParts: [], rules: [] };

    expect(notSelected(info)).to.include({
      outcome: 'not submitted',
      selected: false,
      maxScore: 0,
    });
  });
});
