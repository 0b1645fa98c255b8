import { expect } from 'chai';
import fc from 'fast-check';
import type { CheckResult, CheckStatus } from './grade.ts';
import { scoreAssignment, scoreSubmission, type AssignmentScore } from './score.ts';

const RULES = ['R1', 'R2', 'R3'].map((id) => ({ id, title: `rule ${id}` }));

function check(rule: string, status: CheckStatus, points = 2): CheckResult {
  return {
    id: `${rule}.x`,
    title: 'holds',
    rule,
    kind: 'scenario',
    points,
    visibility: 'visible',
    status,
    failure: null,
    reason: null,
    injections: null,
  };
}

const score = (
  checks: readonly CheckResult[],
  seenBroken: readonly string[] = [],
): AssignmentScore => scoreAssignment(RULES, checks, new Set(seenBroken));

describe('scoreAssignment', () => {
  it('should earn the points of a rule whose checks all passed', () => {
    const { rules, ...total } = score([check('R1', 'passed', 2.5), check('R1', 'passed', 5)]);

    expect(total).to.deep.equal({ score: 7.5, maxScore: 7.5 });
    expect(rules[0]).to.include({ status: 'held', points: 7.5, earned: 7.5 });
  });

  it('should lose all points of a rule when one of its checks failed', () => {
    const { rules, ...total } = score([
      check('R1', 'passed'),
      check('R1', 'failed'),
      check('R2', 'passed'),
    ]);

    expect(total).to.deep.equal({ score: 2, maxScore: 6 });
    expect(rules[0]).to.include({ status: 'broken', points: 4, earned: 0 });
  });

  it("should lose the points of a rule that another rule's check saw broken", () => {
    const { rules, ...total } = score([check('R1', 'passed'), check('R2', 'passed')], ['R1']);

    expect(total).to.deep.equal({ score: 2, maxScore: 4 });
    expect(rules[0]).to.include({ status: 'broken', earned: 0 });
  });

  it('should not judge a rule with a skipped check, and not earn its points', () => {
    const { rules } = score([check('R1', 'passed'), check('R1', 'skipped')]);

    expect(rules[0]).to.include({ status: 'not judged', points: 4, earned: 0 });
  });

  it('should not let a skipped check worth nothing hold points back', () => {
    const { rules } = score([
      check('R1', 'passed'),
      check('R1', 'skipped', 0),
      check('R2', 'skipped', 0),
      check('R3', 'passed'),
      check('R3', 'failed', 0),
    ]);

    expect(rules[0]).to.include({ status: 'held', points: 2, earned: 2 });
    expect(rules[1]).to.include({ status: 'not judged', points: 0 });
    expect(rules[2]).to.include({ status: 'broken', points: 2, earned: 0 });
  });

  it('should leave a check the grader failed on out of score and maximum', () => {
    const { rules, ...total } = score([
      check('R1', 'passed'),
      check('R1', 'error', 100),
      check('R2', 'error'),
    ]);

    expect(total).to.deep.equal({ score: 2, maxScore: 2 });
    expect(rules.map((rule) => rule.status)).to.deep.equal([
      'not judged',
      'not judged',
      'not judged',
    ]);
  });

  it('should ignore a broken rule of another assignment', () => {
    expect(score([check('R1', 'passed')], ['X9'])).to.include({ score: 2 });
  });

  it('should refuse a suite that contradicts its rubric', () => {
    expect(() => score([check('X9', 'passed')])).to.throw('guards rule X9');
    expect(() => score([check('R1', 'passed', NaN)])).to.throw('worth NaN');
    expect(() => scoreAssignment([...RULES, RULES[0]!], [], new Set())).to.throw('R1 twice');
  });

  describe('for any checks', () => {
    const status = fc.constantFrom<CheckStatus>('passed', 'failed', 'skipped', 'error');
    const anyRule = fc.constantFrom(...RULES.map((rule) => rule.id));
    const anyCheck = fc
      .tuple(anyRule, status, fc.integer({ min: 0, max: 20 }))
      .map(([rule, ended, halves]) => check(rule, ended, halves / 2));
    /** Checks, and the same with more broken. */
    const worsened = fc
      .array(fc.tuple(anyCheck, fc.constantFrom<CheckStatus | null>(null, 'failed', 'skipped')))
      .map((pairs) => ({
        before: pairs.map(([one]) => one),
        after: pairs.map(([one, worse]) =>
          one.status === 'passed' && worse !== null ? { ...one, status: worse } : one,
        ),
      }));

    it('should never give more for breaking more', () => {
      fc.assert(
        fc.property(
          worsened,
          fc.subarray(RULES.map((rule) => rule.id)),
          anyRule,
          ({ before, after }, seen, alsoSeen) => {
            const good = score(before, seen);
            const bad = score(after, [...seen, alsoSeen]);

            expect(bad.score).to.be.at.most(good.score);
            expect(bad.maxScore).to.equal(good.maxScore);
          },
        ),
      );
    });

    it('should add up: checks make the maximum, rules the score', () => {
      fc.assert(
        fc.property(fc.array(anyCheck), (checks) => {
          const { rules, score: earned, maxScore } = score(checks);
          const judged = checks.filter((one) => one.status !== 'error');

          expect(maxScore).to.equal(judged.reduce((sum, one) => sum + one.points, 0));
          expect(earned).to.equal(rules.reduce((sum, rule) => sum + rule.earned, 0));
          expect(earned).to.be.at.most(maxScore);
        }),
      );
    });

    it('should not punish a student for trouble in the grader', () => {
      fc.assert(
        fc.property(fc.array(anyCheck), (checks) => {
          const withoutErrors = checks.filter((one) => one.status !== 'error');

          expect(score(checks)).to.include({ score: score(withoutErrors).score });
        }),
      );
    });
  });
});

describe('scoreSubmission', () => {
  it('should count an assignment that is missing or broken, and none that was not submitted or not gradable', () => {
    const total = scoreSubmission([
      { outcome: 'graded', score: 7.5, maxScore: 10 },
      { outcome: 'missing', score: 0, maxScore: 10 },
      { outcome: 'broken', score: 0, maxScore: 10 },
      { outcome: 'not submitted', score: 0, maxScore: 10 },
      { outcome: 'error', score: 0, maxScore: 10 },
    ]);

    expect(total).to.deep.equal({ score: 7.5, maxScore: 30, percent: 25 });
  });

  it('should be zero of zero for nothing', () => {
    expect(scoreSubmission([])).to.deep.equal({ score: 0, maxScore: 0, percent: 0 });
  });
});
