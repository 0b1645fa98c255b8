import { expect } from 'chai';
import type { Injection } from '../../../reference/contract/injection.ts';
import { processProgram, type ProcessScript } from '../../generators/process-scenario.ts';
import type { Program } from '../../protocol/program.ts';
import { judge } from '../../oracle/judge.ts';
import { changedModule } from '../../testing/model-modules.ts';
import { type Changes, modelSubject, traceOf } from '../../testing/model-subject.ts';
import { failableOperations } from './failable-operations.ts';
import { LoneFailures } from './lone-failures.ts';

/** A pager that takes and gives back so many frames for each page before the one that it needs. */
const wastes = (frames: number): Changes => ({
  'lazy-pager': changedModule(
    'lazy-pager',
    'load(_addr: Va): Page {',
    `load(_addr: Va): Page {\n    for (let i = 0; i < ${String(frames)}; i++) Page.new().drop();`,
  ),
});
/** A pager that tries to load a page twice. */
const TRIES_TWICE: Changes = {
  'lazy-pager': changedModule(
    'lazy-pager',
    '    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);',
    `    if (attempt(() => pageTable.walk(va)).ok) return;
    if (!attempt(() => pageTable.map(va, vma.loader.load(va), vma.prot)).ok)
      pageTable.map(va, vma.loader.load(va), vma.prot);`,
  ),
};

/** Two anonymous pages are touched, nine frames in all, and then `more`. */
const touching = (more: (p: ProcessScript) => void = () => undefined): Program =>
  processProgram((p) => {
    p.spawn();
    p.mmap(0xa000, 0x2000, 'ru');
    p.read(0xa000);
    p.read(0xb000);
    more(p);
  });

const failures = ({ ops }: Program): Injection[] =>
  ops.flatMap((op) => ('fault' in op ? [op.fault] : []));

/** All programs, each played. */
function carryOut(
  program: Program,
  changes: Changes = {},
  seed = 1,
  trace = traceOf(program, changes),
) {
  const sut = new LoneFailures(program, failableOperations(program, trace), seed);
  const played: Program[] = [];
  for (let next = sut.next(); next.length > 0; next = sut.next())
    for (const each of next) {
      played.push(each);
      const went = traceOf(each, changes);
      expect(judge(each, went).broken).to.equal(null);
      sut.learn(each, went);
    }
  return played;
}

describe('LoneFailures', () => {
  it('should let one call fail in each program: of each kind of operation and of call', () => {
    const program = touching((p) => {
      p.file(4096);
      p.mmap(0x1_0000, 0x1000, 'ru', { file: 'file' });
      p.getUserPage(0x1_0000);
    });

    const played = carryOut(program);

    expect(played.map((each) => failures(each).length)).to.deep.equal([1, 1, 1]);
    expect(
      played.map(({ ops }) => {
        const op = ops.find((each) => 'fault' in each);
        return [op?.op, failures({ ...program, ops })[0]?.point];
      }),
    ).to.deep.equal([
      ['access', 'frame'],
      ['get-user-page', 'frame'],
      ['get-user-page', 'mmap'],
    ]);
  });

  it('should repeat the operation, and go on to the end', () => {
    const program = touching();

    const [played] = carryOut(program);

    expect(played?.ops.filter((op) => !('fault' in op))).to.deep.equal(program.ops);
  });

  it('should draw every call with some seed, and the same ones with the same seed', () => {
    const program = touching();
    const drawn = (seed: number): string => JSON.stringify(carryOut(program, {}, seed));

    const all = new Set(Array.from({ length: 60 }, (_, seed) => drawn(seed)));

    expect(all.size).to.equal(5);
    expect(drawn(7)).to.equal(drawn(7));
  });

  it('should let all later calls fail, too, where there are any', () => {
    expect(
      carryOut(touching(), TRIES_TWICE)
        .flatMap(failures)
        .map(({ mode }) => mode),
    ).to.deep.equal(['once', 'on']);
  });

  it('should draw more where there are calls that nobody needs, but not any number', () => {
    expect(carryOut(touching(), wastes(12))).to.have.length.within(2, 10);
    expect(carryOut(touching(), wastes(200))).to.have.length(10);
  });

  it('should refuse frames that are used, however many are not, if it is told which', async () => {
    const program = touching();
    const { sandbox } = modelSubject(wastes(200));
    const run = await sandbox.run(program, { recordSites: false, recordUses: true, wallMs: 2_000 });
    if (run.kind !== 'trace') throw new Error('it has not run');

    const played = carryOut(program, wastes(200), 1, run.trace);

    const refused = played.flatMap(failures).map((each) => ('nth' in each ? each.nth : 0));
    expect(refused.slice(0, 10).some((nth) => nth <= 200)).to.equal(true);
    expect(refused.slice(10)).to.have.length.above(0);
    expect(Math.min(...refused.slice(10))).to.be.above(200);
  });

  it('should have nothing to draw where nothing can fail', () => {
    expect(carryOut(processProgram((p) => p.spawn()))).to.deep.equal([]);
  });

  it('should leave out what the program never came to', () => {
    const program = touching();
    const trace = traceOf(program);

    expect(carryOut(program, {}, 1, { ...trace, steps: trace.steps.slice(0, 2) })).to.deep.equal(
      [],
    );
  });
});
