import { expect } from 'chai';
import type { FrameUse } from '../../../reference/contract/frame-use.ts';
import type { Injection } from '../../../reference/contract/injection.ts';
import { processProgram } from '../../generators/process-scenario.ts';
import type { Program, RunOptions } from '../../protocol/program.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import { toldSandbox } from '../../testing/told-subjects.ts';
import { refusedFrames } from './refused-frames.ts';

const USES: readonly FrameUse[] = [
  { kind: 'page', va: 0xa000, space: 'alice' },
  { kind: 'table', level: 3, va: 0xa000, space: 'alice' },
];

/** A sandbox in which every operation allocates two frames. */
function setUp(died: (program: Program) => boolean = () => false) {
  const told = toldSandbox();
  const runs: { program: Program; options: RunOptions }[] = [];
  const run = async (program: Program, options: RunOptions & { wallMs: number }) => {
    runs.push({ program, options });
    if (died(program)) return { kind: 'died', why: 'timeout', detail: '' } as const;
    const result: RunResult = await told.run(program, options);
    if (result.kind === 'died') return result;
    const steps = result.trace.steps.map((step) => ({ ...step, uses: USES }));
    return { ...result, trace: { ...result.trace, steps } };
  };
  return { sandbox: { run }, runs };
}

const failing = (...faults: readonly (Injection | undefined)[]): Program =>
  processProgram((p) => {
    p.spawn();
    for (const fault of faults) p.read(0xa000, 'alice', fault === undefined ? {} : { fault });
    p.read(0xb000);
  });
const refusal = (nth: number, mode: 'once' | 'on' | 'every' = 'once'): Injection => ({
  point: 'frame',
  nth,
  mode,
});

describe('refusedFrames', () => {
  it('should run the program up to the operation once more, without its failure', async () => {
    const { sandbox, runs } = setUp();
    const program = failing(undefined, refusal(2));

    const uses = await refusedFrames(sandbox, program, 500);

    expect([...uses]).to.deep.equal([[2, USES[1]]]);
    expect(runs.map(({ program: { ops } }) => ops)).to.deep.equal([
      failing(undefined, undefined).ops.slice(0, 3),
    ]);
    expect(runs[0]?.options).to.deep.equal({ recordSites: false, recordUses: true, wallMs: 500 });
  });

  it('should let what failed before fail again', async () => {
    const { sandbox, runs } = setUp();

    const uses = await refusedFrames(sandbox, failing(refusal(1, 'on'), refusal(2, 'every')), 500);

    expect([...uses.keys()]).to.deep.equal([1, 2]);
    expect(runs[1]?.program.ops[1]).to.have.property('fault');
    expect(runs[1]?.program.ops[2]).not.to.have.property('fault');
  });

  it('should run nothing where no allocation is refused, or by chance only', async () => {
    const { sandbox, runs } = setUp();
    const others = failing(
      { point: 'mmap', nth: 1, mode: 'once' },
      { point: 'frame', mode: 'chance', probability: 1, seed: 1 },
    );

    expect([...(await refusedFrames(sandbox, others, 500))]).to.deep.equal([]);
    expect(runs).to.deep.equal([]);
  });

  it('should not know an allocation that is not made without the failure', async () => {
    expect([...(await refusedFrames(setUp().sandbox, failing(refusal(3)), 500))]).to.deep.equal([]);
  });

  it('should not know anything of a run that does not end', async () => {
    const { sandbox } = setUp(({ ops }) => ops.length === 2);

    const uses = await refusedFrames(sandbox, failing(refusal(1), refusal(1)), 500);

    expect([...uses.keys()]).to.deep.equal([2]);
  });

  it('should look at four operations at most', async () => {
    const { sandbox, runs } = setUp();

    await refusedFrames(sandbox, failing(...Array.from({ length: 6 }, () => refusal(1))), 500);

    expect(runs).to.have.lengthOf(4);
  });
});
