import { expect } from 'chai';
import type { CheckResult } from '../scoring/grade.ts';
import { lostText, notJudged } from './not-judged.ts';
import { sampleAssignment, sampleCheck, sampleFailure, sampleSubmission } from './sample-grade.ts';
import { type AssignmentView, viewOf } from './student-view.ts';

const RULES = ['A', 'B', 'C'].map((id) => ({ id, title: `rule ${id}` }));

const failed = sampleCheck('A.1', { points: 4.5, status: 'failed', failure: sampleFailure('A') });
const skipped = (id: string, points = 1): CheckResult =>
  sampleCheck(id, { points, status: 'skipped', reason: 'A.1 did not pass' });

function views(
  checks: readonly CheckResult[],
  audience: 'student' | 'staff' = 'staff',
): readonly AssignmentView[] {
  return viewOf(sampleSubmission([sampleAssignment('one', 'One', RULES, checks)]), audience)
    .assignments;
}

describe('lostText', () => {
  const textOf = (...args: Parameters<typeof views>): string => lostText(views(...args)[0]!);

  it('should tell points of broken rules from points of rules that were not judged', () => {
    const checks = [failed, skipped('B.1', 6), sampleCheck('B.2', { points: 2.5 })];

    expect(textOf(checks)).to.equal('lost to broken rules 4.5, to rules not judged 8.5');
  });

  it('should say nothing if nothing is lost', () => {
    expect(textOf([sampleCheck('A.1')])).to.equal('');
  });

  it('should explain a score to the last point to a student who may not see every rule', () => {
    const hidden = { ...failed, id: 'C.1', rule: 'C', visibility: 'hidden' } as const;

    expect(textOf([failed, hidden], 'student')).to.equal(
      'lost to broken rules 4.5, to rules with hidden checks 4.5',
    );
  });
});

describe('notJudged', () => {
  it('should name the rules that lose points, and other skipped checks once, at the end', () => {
    const checks = [failed, skipped('A.2'), skipped('B.1'), sampleCheck('B.2'), skipped('C.1')];

    const groups = notJudged(views(checks));

    expect(
      groups.map(({ rule, checks: group }) => [rule?.id, group.map(({ id }) => id)]),
    ).to.deep.equal([
      ['B', ['B.1']],
      ['C', ['C.1']],
      [undefined, ['A.2']],
    ]);
  });

  it('should be empty if every check could be judged', () => {
    expect(notJudged(views([failed, sampleCheck('B.1')]))).to.deep.equal([]);
  });
});
