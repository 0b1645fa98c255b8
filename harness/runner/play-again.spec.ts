import { expect } from 'chai';
import { tableProgram } from '../generators/table-scenario.ts';
import type { Program } from '../protocol/program.ts';
import type { Outcome, Trace } from '../protocol/trace.ts';
import type { CompiledModules } from '../sandbox/compiled-module.ts';
import type { RunResult } from '../sandbox/child-process.ts';
import { type Answer, toldSandbox, type ToldSandbox } from '../testing/told-subjects.ts';
import { playAgain } from './play-again.ts';
import type { SampledRun } from './session/sample.ts';

const MODULES: CompiledModules = {};

const programs = (count: number): Program[] =>
  Array.from({ length: count }, (_, nth) =>
    tableProgram((t) => {
      t.table();
      t.walk(0x1000 * (nth + 1));
    }),
  );

async function judged(answer: Answer, ...played: readonly Program[]): Promise<SampledRun[]> {
  const sandbox = toldSandbox(answer);
  return Promise.all(
    played.map(async (program, nth) => {
      const run = await sandbox.run(program, { recordSites: false, wallMs: 1 });
      return { program, check: String(nth), trace: (run as { readonly trace: Trace }).trace };
    }),
  );
}

/** A fresh sandbox, which notes what is loaded. */
function fresh(answer?: Answer): ToldSandbox & { readonly loaded: CompiledModules[] } {
  const loaded: CompiledModules[] = [];
  const load = (modules: CompiledModules): Promise<unknown> => {
    loaded.push(modules);
    return Promise.resolve({ kind: 'ready', unloadable: [] });
  };
  return Object.assign(toldSandbox(answer), { load, loaded }) as never;
}

const walked =
  (outcome: Outcome): Answer =>
  (op) =>
    op.op === 'walk' ? outcome : undefined;
const NOTHING = walked({ kind: 'error', error: 'PageTableMappingError.NotExist' });

describe('playAgain', () => {
  it('should play every program once more, the last one first', async () => {
    const [a, b, c] = programs(3);
    const sandbox = fresh();
    const others: CompiledModules = { 'fork.ts': { js: '', freeNames: [] } };

    const differences = await playAgain(sandbox, [
      { modules: MODULES, runs: await judged(NOTHING, a!, b!) },
      { modules: others, runs: await judged(NOTHING, c!) },
    ]);

    expect(sandbox.played).to.deep.equal([c, b, a]);
    expect(sandbox.loaded).to.deep.equal([others, MODULES]);
    expect(differences).to.deep.equal([null, null]);
  });

  it('should tell both runs of a program that comes to something else', async () => {
    const [a, b] = programs(2);
    const found = walked({ kind: 'ok', value: { type: 'bigint', value: '0x5' } });

    const [difference] = await playAgain(fresh(found), [
      { modules: MODULES, runs: await judged(NOTHING, a!, b!) },
    ]);

    expect(difference).to.deep.include({
      check: '0',
      differingStep: 1,
      first: 'threw PageTableMappingError.NotExist',
      again: 'returned 0x5',
    });
    expect(difference?.steps).to.have.length(2);
  });

  it('should pass over a program that does not end in time: a clock proves nothing', async () => {
    const [a] = programs(1);
    const hangs: Answer = (op) => (op.op === 'walk' ? 'hang' : undefined);

    const differences = await playAgain(fresh(hangs), [
      { modules: MODULES, runs: await judged(NOTHING, a!) },
    ]);

    expect(differences).to.deep.equal([null]);
  });

  it('should say nothing if the modules cannot be loaded in time', async () => {
    const [a] = programs(1);
    const died: RunResult = { kind: 'died', why: 'timeout', detail: '' };
    const sandbox = { ...fresh(), load: () => Promise.resolve(died) };

    const differences = await playAgain(sandbox, [
      { modules: MODULES, runs: await judged(NOTHING, a!) },
    ]);

    expect(differences).to.deep.equal([null]);
    expect(sandbox.played).to.deep.equal([]);
  });
});
