import { expect } from 'chai';
import { sampleAssignment, sampleCheck, sampleSubmission } from '../reporters/sample-grade.ts';
import { troubleDetails } from './ungraded.ts';

const RULES = [
  { id: 'A', title: 'one' },
  { id: 'B', title: 'two' },
];
const GRADE = sampleSubmission([
  sampleAssignment('a', 'A', RULES, [
    sampleCheck('A.1', { status: 'error', reason: 'the model disagrees' }),
    sampleCheck('B.1', { status: 'error', reason: 'secret reason', visibility: 'hidden' }),
  ]),
]);

describe('troubleDetails', () => {
  it('should tell staff of all checks that the grader failed on', () => {
    expect(troubleDetails(GRADE, 'staff')).to.deep.equal([
      'A.1: the model disagrees',
      'B.1: secret reason',
    ]);
  });

  it('should not name hidden checks where students read', () => {
    expect(troubleDetails(GRADE, 'student')).to.deep.equal(['A.1: the model disagrees']);
  });
});
