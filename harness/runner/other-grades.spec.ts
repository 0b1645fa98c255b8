import { expect } from 'chai';
import { sampleAssignment } from '../reporters/sample-grade.ts';
import type { AssignmentGrade } from '../scoring/grade.ts';
import { better, notSelected } from './other-grades.ts';

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
