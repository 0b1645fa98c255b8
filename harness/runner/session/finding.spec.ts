import { expect } from 'chai';
import { tableProgram } from '../../generators/table-scenario.ts';
import type { Verdict } from '../../oracle/verdict.ts';
import { checkInfo, toldSandbox, toldSubject } from '../../testing/told-subjects.ts';
import type { CheckDeclaration } from './check-info.ts';
import { findingOfVerdict } from './finding.ts';
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

const check = (rule: string, kind: CheckDeclaration['kind'] = 'scenario'): CheckDeclaration => ({
  ...checkInfo('a', rule),
  kind,
  programs: () => [PROGRAM],
});

describe('findingOfVerdict', () => {
  it('should not let a scenario pass whose own rule was excused by another', async () => {
    const finding = await findingOfVerdict(made(), check('PT-3'), PROGRAM, EXCUSED);

    expect(finding).to.deep.equal({
      status: 'skipped',
      failure: null,
      reason: 'it could not be judged: what is wrong may come from PT-10 being broken',
    });
  });

  it('should let a scenario of another rule pass', async () => {
    const finding = await findingOfVerdict(made(), check('PT-4'), PROGRAM, EXCUSED);

    expect(finding.status).to.equal('passed');
  });

  it('should take a rule that everything builds on for one that does not hold, once it was excused in its own scenario', async () => {
    const running = made();
    running.fundamental.add('PT-3');

    await findingOfVerdict(running, check('PT-4'), PROGRAM, EXCUSED);
    expect(running.isGroundless).to.equal(false);
    await findingOfVerdict(running, check('PT-3'), PROGRAM, EXCUSED);
    expect(running.isGroundless).to.equal(true);
  });
});
