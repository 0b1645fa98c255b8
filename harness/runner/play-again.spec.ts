import { expect } from 'chai';
import { tableProgram } from '../generators/table-scenario.ts';
import type { Program } from '../protocol/program.ts';
import type { Outcome, Trace } from '../protocol/trace.ts';
import type { CompiledModules } from '../sandbox/compiled-module.ts';
import type { RunResult } from '../sandbox/child-process.ts';
import { type Answer, toldSandbox, type ToldSandbox } from '../testing/told-subjects.ts';
import { Grader } from './grade-submission.ts';
import { modelFiles } from './model.ts';
import { playAgain } from './play-again.ts';
import { asSubmission } from '../quality/planted.ts';
import type { SampledRun } from './session/played.ts';

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
  return Object.assign(toldSandbox(answer), { load, loaded });
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

describe('Grader', () => {
  /** Prints how deep a recursion goes, which depends on how much of it the engine has compiled: the one thing that a process remembers. */
  const DEPTH = `
    let depth = 0;
    const recurse = (n: number): number => { depth++; return n <= 0 ? 0 : recurse(n - 1) + 1; };
    function measure(): number {
      depth = 0;
      // The engine drops what \`return\` throws, because something is thrown already.
      const once = { [Symbol.iterator]: () => ({
        next: () => ({ value: 1, done: false }),
        return: () => { recurse(1e9); return {}; },
      }) };
      try { for (const one of once) throw one; } catch { /* a number */ }
      const found = depth;
      for (let i = 0; i < 20_000; i++) recurse(10);
      return found;
    }
  `;
  const options = {
    assignments: ['page-table'],
    seed: 1,
    runs: 1,
    only: null,
    replayCommand: () => '',
  };
  let grader: Grader;
  before(() => {
    grader = new Grader();
  });
  after(() => grader.close());

  it('should find nothing in a pager that keeps nothing', async function () {
    this.timeout(60_000);
    const grade = await grader.grade(asSubmission('model', modelFiles()), options);

    expect(grade.assignments[0]).to.include({ score: 30, difference: null });
    expect(grade.diagnostics.notes.join()).to.match(/played again: 8 programs/);
  });

  it('should tell of one that knows what was played before, and take no points', async function () {
    this.timeout(60_000);
    const { 'page-table.ts': table = '', ...others } = modelFiles();
    const knowing = `${table.replace('export class PageTable {', 'export class PageTable {\n  readonly #depth = console.log(measure());')}${DEPTH}`;
    const submission = asSubmission('knowing', { ...others, 'page-table.ts': knowing });

    const grade = await grader.grade(submission, options);

    const [pageTable] = grade.assignments;
    expect(pageTable?.score).to.equal(30);
    expect(pageTable?.difference?.first).to.match(/^printed "\d+" in line 1$/);
    expect(pageTable?.difference?.again).to.match(/^printed "\d+" in line 1$/);
    expect(pageTable?.difference?.again).to.not.equal(pageTable?.difference?.first);
  });
});
