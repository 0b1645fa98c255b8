import { expect } from 'chai';
import { tableProgram } from '../../generators/table-scenario.ts';
import type { Verdict } from '../../oracle/verdict.ts';
import { divergence } from '../../testing/told-divergence.ts';
import { checkInfo, toldSandbox, toldSubject } from '../../testing/told-subjects.ts';
import type { CheckDeclaration } from './check-info.ts';
import { type Finding, findingOfVerdict } from './finding.ts';
import { ModelRuns } from './model-runs.ts';
import { Session } from './session.ts';

const PROGRAM = tableProgram((t) => t.table());
/** Something was wrong about PT-3, and PT-10 may be why. */
const EXCUSED: Verdict = { broken: null, noted: [], excused: [{ rule: 'PT-3', cause: 'PT-10' }] };

const made = (): Session => {
  const subject = toldSubject(toldSandbox());
  return new Session(subject, new ModelRuns(() => Promise.resolve(subject)), {
    seed: 1,
    runs: 1,
    only: null,
    replayCommand: (id) => id,
  });
};

const check = (
  rule: string,
  points = 1,
  kind: CheckDeclaration['kind'] = 'scenario',
): CheckDeclaration => ({ ...checkInfo('a', rule), points, kind, programs: () => [PROGRAM] });

/** A session whose rules are worth so much. */
const worth = (points: Readonly<Record<string, number>>): Session => {
  const running = made();
  running.expectChecks(Object.entries(points).map(([rule, each]) => check(rule, each)));
  return running;
};

const statusIn = async (running: Session, rule: string): Promise<string> =>
  (await findingOfVerdict(running, check(rule), PROGRAM, EXCUSED)).status;

describe('findingOfVerdict', () => {
  it('should not let a scenario pass whose own rule was excused by a cheaper one', async () => {
    const running = worth({ 'PT-3': 2, 'PT-10': 1 });

    expect(await findingOfVerdict(running, check('PT-3'), PROGRAM, EXCUSED)).to.deep.equal({
      status: 'skipped',
      failure: null,
      reason: 'it could not be judged: what is wrong may come from PT-10 being broken',
    });
    expect(await statusIn(running, 'PT-4')).to.equal('passed');
  });

  it('should let it pass when the other rule is worth as much: nobody gains by breaking that', async () => {
    expect(await statusIn(worth({ 'PT-3': 1, 'PT-10': 1 }), 'PT-3')).to.equal('passed');
  });

  it('should let a rule stand in for others as long as they are together worth no more than it is', async () => {
    const running = worth({ 'PT-3': 1, 'PT-4': 1, 'PT-5': 1, 'PT-10': 2 });
    const verdict: Verdict = {
      broken: null,
      noted: [],
      excused: ['PT-3', 'PT-4', 'PT-5'].map((rule) => ({ rule, cause: 'PT-10' })),
    };
    const statuses: string[] = [];
    for (const rule of ['PT-3', 'PT-4', 'PT-5', 'PT-4'])
      statuses.push((await findingOfVerdict(running, check(rule), PROGRAM, verdict)).status);

    expect(statuses).to.deep.equal(['passed', 'passed', 'skipped', 'passed']);
  });

  it('should not judge what did not come about, and judge what builds on it', async () => {
    const running = worth({ 'PT-3': 2, 'PT-10': 1 });
    running.rules.fundamental.add('PT-3');
    const excused = [{ rule: 'PT-3', cause: 'PT-10', isUnseen: true }] as const;
    const finding = await findingOfVerdict(running, check('PT-3'), PROGRAM, {
      broken: null,
      noted: [],
      excused,
    });

    expect(finding).to.deep.equal({
      status: 'skipped',
      failure: null,
      reason: 'what it is about did not come about: PT-10 is broken',
    });
    expect(running.lacks({ ...checkInfo('b', 'PT-4'), requires: ['a'] })).to.equal(undefined);
    expect(running.excuses.isGroundless).to.equal(false);
  });

  it('should let no other rule stand in for one that everything builds on, and take that for one that does not hold', async () => {
    const running = worth({ 'PT-3': 1, 'PT-10': 2 });
    running.rules.fundamental.add('PT-3');

    expect(await statusIn(running, 'PT-4')).to.equal('passed');
    expect(running.excuses.isGroundless).to.equal(false);
    expect(await statusIn(running, 'PT-3')).to.equal('skipped');
    expect(running.excuses.isGroundless).to.equal(true);
  });

  it('should not take a rule of another assignment for an excuse: there it may cost nothing', async () => {
    expect(await statusIn(worth({ 'PT-3': 1 }), 'PT-3')).to.equal('skipped');
  });

  describe('where something that had to work was refused', () => {
    const verdict: Verdict = { broken: null, noted: [], refused: [divergence('PT-10', 0)] };
    const finding = (
      running: Session,
      rule: string,
      kind?: CheckDeclaration['kind'],
    ): Promise<Finding> => findingOfVerdict(running, check(rule, 1, kind), PROGRAM, verdict);

    it('should not let a scenario pass that is worth more than the rule by which it was', async () => {
      const running = worth({ 'PT-3': 2, 'PT-10': 1 });

      expect(await finding(running, 'PT-3')).to.deep.equal({
        status: 'skipped',
        failure: null,
        reason: 'it could not be judged: PT-10 is broken first',
      });
    });

    it('should let scenarios pass that are together worth no more, and properties', async () => {
      const running = worth({ 'PT-3': 1, 'PT-4': 1, 'PT-18': 4, 'PT-10': 1 });

      expect(await finding(running, 'PT-3')).to.deep.include({ status: 'passed' });
      expect(await finding(running, 'PT-4')).to.deep.include({ status: 'skipped' });
      expect(await finding(running, 'PT-18', 'property')).to.deep.include({ status: 'passed' });
    });
  });
});
