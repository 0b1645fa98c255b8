import { expect } from 'chai';
import type { FrameUse } from '../../../reference/contract/frame-use.ts';
import { processProgram } from '../../generators/process-scenario.ts';
import { tableProgram } from '../../generators/table-scenario.ts';
import { divergences } from '../../oracle/verdict.ts';
import type { Op, Program, RunOptions } from '../../protocol/program.ts';
import type { Outcome, Step } from '../../protocol/trace.ts';
import type { Sandbox } from '../../sandbox/child-process.ts';
import type { StackMapper } from '../../sandbox/stack-mapper.ts';
import type { Failure } from '../../scoring/grade.ts';
import { type Answer, checkInfo, toldSandbox, toldSubject } from '../../testing/told-subjects.ts';
import { explainDivergence } from './failing-program.ts';
import { ModelRuns } from './model-runs.ts';
import { Session } from './session.ts';

/** Places are written as numbers of lines of `pager.ts`. */
const mapper = {
  locations: (stack: string) =>
    stack === '' ? [] : [{ file: 'pager.ts', line: Number(stack), column: 1 }],
} as unknown as StackMapper;

interface Setting {
  readonly right?: Answer;
  readonly seen?: (op: Op, options: RunOptions) => Partial<Step>;
}

/** What is said of the first thing that is wrong with `program` in the hands of `answer`. */
async function explain(program: Program, answer: Answer, setting: Setting = {}): Promise<Failure> {
  const { right, seen = () => ({}) } = setting;
  const told = toldSandbox(answer);
  const run: Sandbox['run'] = async (played, options) => {
    const result = await told.run(played, options);
    if (result.kind === 'died') return result;
    const steps = result.trace.steps.map((step, at) => ({
      ...step,
      ...seen(played.ops[at]!, options),
    }));
    return { ...result, trace: { ...result.trace, steps } };
  };
  const subject = { sandbox: { width: 1, run } as unknown as Sandbox, mapper };
  const session = new Session(
    subject,
    new ModelRuns(() => Promise.resolve(toldSubject(toldSandbox(right)))),
    {
      seed: 1,
      runs: 1,
      only: null,
      replayCommand: (id) => `replay ${id}`,
    },
  );
  const played = await session.player.play(program);
  const [found] = played.kind === 'judged' ? divergences(played.verdict) : [];
  if (found === undefined) throw new Error('nothing is wrong');
  const failure = await explainDivergence(session, checkInfo('a', found.rule), program, found);
  if (failure === null) throw new Error('it is a matter of another assignment');
  return failure;
}

const NONE: Outcome = { kind: 'ok', value: { type: 'null', value: 'null' } };
const SOME: Outcome = {
  kind: 'ok',
  frame: 5,
  bytes: [[0, 1]],
  perm: { type: 'bigint', value: '0x9' },
};
/** Finds a page where there is none as soon as a frame is refused. */
const confused: Answer = (op) =>
  op.op === 'get-user-page' ? ('fault' in op ? SOME : NONE) : undefined;
const never: Answer = (op) => (op.op === 'get-user-page' ? NONE : undefined);
const refused = processProgram((p) => {
  p.spawn();
  p.getUserPage(0x1000, 'alice', { fault: { point: 'frame', nth: 2, mode: 'once' } });
});

describe('explainDivergence', () => {
  it('should say what a refused frame is used for where it is not refused', async () => {
    const uses: readonly FrameUse[] = [{ kind: 'table', level: 1, va: 0x1000, space: 'alice' }];

    const { steps } = await explain(refused, confused, {
      right: never,
      seen: (_, { recordUses }) => (recordUses === true ? { uses } : {}),
    });

    expect(steps.at(-1)).to.equal(
      'alice: getUserPage(0x1000), while frame allocation 1 of operation 2 fails (without the failure, allocation 1 is the PT for 0x1000 in alice)',
    );
  });

  it('should not say it where nobody knows', async () => {
    const { steps } = await explain(refused, confused, { right: never });

    expect(steps.at(-1)).to.equal(
      'alice: getUserPage(0x1000), while frame allocation 1 of operation 2 fails',
    );
  });

  it('should leave a failure out that does not matter', async () => {
    const { steps } = await explain(
      refused,
      (op) => (op.op === 'get-user-page' ? SOME : undefined),
      { right: never },
    );

    expect(steps.at(-1)).to.equal('alice: getUserPage(0x1000)');
  });

  describe('a frame', () => {
    const unmapping = tableProgram((t) => {
      t.table();
      t.unmap(0x1000);
    });

    it('should be told with where it came from and went, and the stack is that of the panic', async () => {
      const panics: Answer = (op) =>
        op.op === 'unmap'
          ? {
              kind: 'panic',
              panic: {
                kind: 'panic',
                about: 'frames',
                message: 'dropped before',
                stack: '30',
                sites: { allocated: '10', released: '20' },
              },
            }
          : undefined;

      const { observed, stack } = await explain(unmapping, panics);

      expect(observed).to.equal(
        'kernel panic: dropped before (allocated at pager.ts:10, released at pager.ts:20)',
      );
      expect(stack.map(({ line }) => line)).to.deep.equal([30]);
    });

    it('should be told as far as it is known', async () => {
      const facts = [
        {
          kind: 'dangling-entry',
          va: 0x1000,
          level: 1,
          frame: 5,
          sites: { allocated: '', released: '20' },
        },
      ] as const;

      const { observed, stack } = await explain(unmapping, () => undefined, {
        seen: (op) => (op.op === 'unmap' ? { facts } : {}),
      });

      expect(observed).to.equal(
        'the entry is present, but frame 0x5 was released (released at pager.ts:20)',
      );
      expect(stack.map(({ line }) => line)).to.deep.equal([20]);
    });
  });
});
