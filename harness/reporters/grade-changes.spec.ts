import { expect } from 'chai';
import type { CheckResult, CheckStatus } from '../scoring/grade.ts';
import { changesBetween, isUnchanged } from './grade-changes.ts';
import { sampleAssignment, sampleCheck, sampleSubmission } from './sample-grade.ts';
import { type GradeView, viewOf } from './student-view.ts';

const RULES = [{ id: 'A', title: 'rule A' }];

function viewWith(
  statuses: Readonly<Record<string, CheckStatus>>,
  more: Partial<CheckResult> = {},
): GradeView {
  const checks = Object.entries(statuses).map(([id, status]) =>
    sampleCheck(id, { rule: 'A', status, ...more }),
  );
  const assignment = sampleAssignment('page-table', 'Page table', RULES, checks);
  return viewOf(sampleSubmission([assignment]), 'student');
}

describe('changesBetween', () => {
  const ids = (changed: readonly { readonly check: CheckResult }[]) =>
    changed.map(({ check }) => check.id);

  it('should tell what was mended from what is judged for the first time', () => {
    const before = viewWith({ a: 'failed', b: 'passed', c: 'skipped', d: 'skipped', e: 'passed' });
    const after = viewWith({ a: 'passed', b: 'failed', c: 'passed', d: 'failed', e: 'passed' });

    const { mended, newlyFailing, nowPassing, nowFailing, unjudged } = changesBetween(
      before,
      after,
    );

    expect([mended, newlyFailing, nowPassing, nowFailing].map(ids)).to.deep.equal([
      ['a'],
      ['b'],
      ['c'],
      ['d'],
    ]);
    expect(unjudged).to.equal(0);
  });

  it('should count what cannot be judged any more, whether it is listed or missing', () => {
    const before = viewWith({ a: 'failed', b: 'passed', c: 'skipped', d: 'passed' });
    const after = viewWith({ a: 'skipped', b: 'error', c: 'skipped' });

    const changes = changesBetween(before, after);

    expect(changes.unjudged).to.equal(3);
    expect(isUnchanged(changes)).to.equal(false);
  });

  it('should say that nothing has changed when nothing has', () => {
    const view = viewWith({ a: 'failed', b: 'passed', c: 'skipped', d: 'error' });

    expect(isUnchanged(changesBetween(view, view))).to.equal(true);
  });

  it('should know checks of two assignments apart', () => {
    const of = (assignment: string, status: CheckStatus) =>
      sampleAssignment(assignment, assignment, RULES, [sampleCheck('a', { rule: 'A', status })]);
    const view = (first: CheckStatus, second: CheckStatus) =>
      viewOf(sampleSubmission([of('one', first), of('two', second)]), 'student');

    const { mended, newlyFailing } = changesBetween(
      view('failed', 'passed'),
      view('passed', 'failed'),
    );

    expect(mended.map(({ assignment }) => assignment)).to.deep.equal(['one']);
    expect(newlyFailing.map(({ assignment }) => assignment)).to.deep.equal(['two']);
  });

  it('should tell a student nothing of hidden checks', () => {
    const hidden = { visibility: 'hidden' } as const;
    const changes = changesBetween(
      viewWith({ a: 'failed', b: 'passed' }, hidden),
      viewWith({ a: 'passed', b: 'failed' }, hidden),
    );

    expect(isUnchanged(changes)).to.equal(true);
  });
});
