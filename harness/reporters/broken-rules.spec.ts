import { expect } from 'chai';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import { brokenRules, withoutFailure, type BrokenRule } from './broken-rules.ts';
import { sampleAssignment, sampleCheck, sampleFailure, sampleSubmission } from './sample-grade.ts';
import { viewOf } from './student-view.ts';

const RULES = ['A', 'B'].map((id) => ({ id, title: `rule ${id}` }));

const failed = (id: string, rule: string): CheckResult =>
  sampleCheck(id, {
    status: 'failed',
    failure: sampleFailure(rule, { summary: `${id} shows ${rule}` }),
  });

const told = (grade: SubmissionGrade): readonly BrokenRule[] => brokenRules(viewOf(grade, 'staff'));

describe('brokenRules', () => {
  it('should tell each rule once, by the first check that shows it', () => {
    const checks = [failed('A.1', 'A'), failed('A.2', 'A'), sampleCheck('B.1')];

    const broken = told(sampleSubmission([sampleAssignment('one', 'One', RULES, checks)]));

    expect(broken.map(({ failure }) => failure?.summary)).to.deep.equal(['A.1 shows A']);
  });

  it('should tell a rule that two assignments know only once', () => {
    const one = sampleAssignment('one', 'One', RULES, [failed('A.1', 'A')]);
    const two = sampleAssignment('two', 'Two', RULES, [failed('A.2', 'A')]);

    expect(told(sampleSubmission([one, two]))).to.have.length(1);
  });

  it('should refer to the rule under which the same failure is told', () => {
    const checks = [failed('A.1', 'A'), failed('B.1', 'A')];

    const [, b] = told(sampleSubmission([sampleAssignment('one', 'One', RULES, checks)]));

    expect(b).to.include({ failure: null, toldUnder: 'A' });
    expect(withoutFailure(b!)).to.equal('Its check failed by breaking A: see there.');
  });

  it('should tell a failure under its own rule if the one it names is not listed as broken', () => {
    const checks = [failed('B.1', 'elsewhere')];

    const [b] = told(sampleSubmission([sampleAssignment('one', 'One', RULES, checks)]));

    expect(b?.failure?.summary).to.equal('B.1 shows elsewhere');
  });

  it('should list a rule that was only seen broken in passing', () => {
    const seenBroken = ['B'];
    const checks = [sampleCheck('A.1'), sampleCheck('B.1')];
    const assignment = sampleAssignment('one', 'One', RULES, checks, { seenBroken });

    const [b] = told(sampleSubmission([assignment]));

    expect(b).to.include({ failure: null, toldUnder: null });
    expect(withoutFailure(b!)).to.equal('Seen broken while another rule was being checked.');
  });
});
