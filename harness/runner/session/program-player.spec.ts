import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { tableProgram } from '../../generators/table-scenario.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import { MODEL_TIMES, ProgramPlayer } from './program-player.ts';
import { TimeLimit } from './time-limit.ts';

const MODEL_MS = 1;
const LONG_MS = 3 * MODEL_TIMES * MODEL_MS;
const STOPPED: RunResult = { kind: 'died', why: 'timeout', detail: '' };
const ENDED: RunResult = { kind: 'died', why: 'crash', detail: '' };

/** A player whose time is up, and who has played one program: that time and later its runs come to `runs`, after far longer than the model takes. */
async function setUp(runs: readonly RunResult[]): Promise<{ sut: ProgramPlayer }> {
  const left = [...runs];
  const run = async (): Promise<RunResult> => {
    await setTimeout(LONG_MS);
    return left.shift() ?? ENDED;
  };
  const sut = new ProgramPlayer(
    { sandbox: { width: 1, run } } as never,
    { timeOf: () => Promise.resolve(MODEL_MS) } as never,
    { seed: 1, timeLimit: new TimeLimit({ limitMs: 0 }) },
    new Set(),
  );
  await sut.run(
    tableProgram((t) => t.table()),
    { recordSites: false, wallMs: 1_000 },
  );
  return { sut };
}

describe('ProgramPlayer', () => {
  it('should find code slow that meets the wall whenever it is played alone', async () => {
    const { sut } = await setUp([ENDED, STOPPED, STOPPED, STOPPED]);

    expect(await sut.isOutOfTime()).to.equal(true);
  });

  it('should not count the start of a process as time of the code', async () => {
    const { sut } = await setUp([ENDED, STOPPED, ENDED]);

    expect(await sut.isOutOfTime()).to.equal(false);
  });
});
