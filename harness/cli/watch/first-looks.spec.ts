import { expect } from 'chai';
import {
  sampleAssignment,
  sampleCheck,
  sampleFailure,
  sampleSubmission,
} from '../../reporters/sample-grade.ts';
import type { CheckResult } from '../../scoring/grade.ts';
import { carriedOver } from './carried-over.ts';
import { firstLooks } from './first-looks.ts';

const RULES = Array.from({ length: 20 }, (_, n) => ({ id: `R-${n}`, title: `rule ${n}` }));

function failing(id: string, rule: string, more: Partial<CheckResult> = {}): CheckResult {
  return sampleCheck(id, { rule, status: 'failed', failure: sampleFailure(rule), ...more });
}

describe('firstLooks', () => {
  it('should take one check for each broken rule, on the page table that counted', () => {
    const grade = sampleSubmission([
      sampleAssignment('page-table', 'Page table', RULES, [
        failing('a', 'R-0'),
        failing('b', 'R-0'),
        sampleCheck('c', { rule: 'R-1' }),
      ]),
      sampleAssignment(
        'fork',
        'Fork',
        RULES,
        [failing('d', 'R-2'), sampleCheck('e', { rule: 'R-3', status: 'skipped' })],
        { pageTable: 'model' },
      ),
    ]);

    expect(firstLooks(grade)).to.deep.equal([
      { assignment: 'page-table', pageTable: null, checks: ['a'] },
      { assignment: 'fork', pageTable: 'model', checks: ['d'] },
    ]);
  });

  it('should take a few of many, and none that is hidden', () => {
    const checks = RULES.map(({ id }, n) =>
      failing(`c${n}`, id, n === 0 ? { visibility: 'hidden' } : {}),
    );
    const grade = sampleSubmission([sampleAssignment('fork', 'Fork', RULES, checks)]);

    const chosen = firstLooks(grade).flatMap((look) => look.checks);

    expect(chosen).to.have.length(10).and.not.include('c0');
  });
});

describe('carriedOver', () => {
  const graded = sampleSubmission([
    sampleAssignment('page-table', 'Page table', RULES, [
      failing('a', 'R-0'),
      sampleCheck('b', { rule: 'R-1' }),
    ]),
    sampleAssignment('fork', 'Fork', RULES, [sampleCheck('c', { rule: 'R-1' })]),
  ]);
  const unloadable = sampleSubmission([
    sampleAssignment('page-table', 'Page table', RULES, [], { outcome: 'broken' }),
    sampleAssignment('fork', 'Fork', RULES, [failing('c', 'R-1')]),
  ]);

  it('should keep what is known of an assignment whose file does not load', () => {
    const { assignments } = carriedOver(unloadable, graded);

    expect(assignments).to.deep.equal([graded.assignments[0], unloadable.assignments[1]]);
  });

  it('should add the score up anew', () => {
    const { score, maxScore } = carriedOver(unloadable, graded);

    expect(score).to.equal(graded.assignments[0]!.score);
    expect(maxScore).to.equal(graded.assignments[0]!.maxScore + 2);
  });

  it('should change nothing where everything could be run, or nothing is known', () => {
    expect(carriedOver(graded, unloadable)).to.deep.equal(graded);
    expect(carriedOver(unloadable, null).assignments).to.deep.equal(unloadable.assignments);
  });
});
