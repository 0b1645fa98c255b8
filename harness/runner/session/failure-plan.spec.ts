import { expect } from 'chai';
import type { Injection } from '../../../reference/contract/injection.ts';
import { processProgram, type ProcessScript } from '../../generators/process-scenario.ts';
import { tableProgram } from '../../generators/table-scenario.ts';
import { judge } from '../../oracle/judge.ts';
import type { Op, Program } from '../../protocol/program.ts';
import { changedModule } from '../../testing/model-modules.ts';
import { type Changes, traceOf } from '../../testing/model-subject.ts';
import { failableOperations } from './failable-operations.ts';
import { FailurePlan } from './failure-plan.ts';

/** A page table that keeps the tables it made before one was missing. */
const KEEPS_TABLES: Changes = {
  'page-table': changedModule(
    'page-table',
    'const spare = allocate(this.#missingTables(indices));',
    'const spare = { pop: () => Page.new() } as unknown as Page[];',
  ),
};
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
/** A pager that takes and gives back twelve frames for each page. */
const WASTES_FRAMES: Changes = {
  'lazy-pager': changedModule(
    'lazy-pager',
    'load(_addr: Va): Page {',
    'load(_addr: Va): Page {\n    for (let i = 0; i < 12; i++) Page.new().drop();',
  ),
};

/** Plays all programs of the plan for `program`. */
function carryOut(program: Program, changes: Changes = {}) {
  const plan = new FailurePlan(program, failableOperations(program, traceOf(program, changes)));
  const played: Program[] = [];
  for (let next = plan.next(); next !== null; next = plan.next()) {
    played.push(next);
    const trace = traceOf(next, changes);
    expect(judge(next, trace).broken).to.equal(null);
    plan.learn(trace, Infinity);
  }
  return { plan, played };
}

const failures = ({ ops }: Program): Injection[] =>
  ops.flatMap((op) => ('fault' in op ? [op.fault] : []));

/** One anonymous page is touched: four frames. */
const touching = (more: (p: ProcessScript) => void = () => undefined): Program =>
  processProgram((p) => {
    p.spawn();
    p.mmap(0xa000, 0x1000, 'ru');
    p.read(0xa000);
    more(p);
  });

describe('FailurePlan', () => {
  it('should let every call fail in one program, if the pager leaves everything as it was', () => {
    const { plan, played } = carryOut(
      touching((p) => {
        p.file(4096);
        p.mmap(0xb000, 0x1000, 'ru', { file: 'file' });
        p.getUserPage(0xb000);
      }),
    );

    expect(played.map(failures)).to.deep.equal([
      [
        { point: 'frame', nth: 1, mode: 'once' },
        { point: 'frame', nth: 2, mode: 'once' },
        { point: 'frame', nth: 3, mode: 'once' },
        { point: 'frame', nth: 4, mode: 'once' },
        { point: 'frame', nth: 1, mode: 'once' },
        { point: 'mmap', nth: 1, mode: 'once' },
      ],
    ]);
    expect(plan).to.include({ calls: 6, failed: 6 });
  });

  it('should try alone what an attempt before has changed', () => {
    const { plan, played } = carryOut(touching(), KEEPS_TABLES);

    expect(
      played.map((each) => failures(each).map((fault) => 'nth' in fault && fault.nth)),
    ).to.deep.equal([[1, 2, 3, 4], [2], [3], [4]]);
    expect(plan).to.include({ calls: 4, failed: 4 });
  });

  it('should let all later calls fail, too, where there are any', () => {
    const { plan, played } = carryOut(touching(), TRIES_TWICE);

    expect(played.flatMap(failures)).to.deep.include({ point: 'frame', nth: 4, mode: 'on' });
    expect(plan).to.include({ calls: 4, failed: 4 });
  });

  it('should follow at most twice the calls of the model', () => {
    const { plan, played } = carryOut(touching(), WASTES_FRAMES);

    expect(played.map((each) => failures(each).length)).to.deep.equal([8]);
    expect(plan).to.include({ calls: 16, needed: 4, failed: 8 });
  });

  it('should follow the last calls, which those before cannot hide', () => {
    const { played } = carryOut(touching(), WASTES_FRAMES);

    const tried = failures(played[0]!).map((fault) => ('nth' in fault ? fault.nth : 0));
    expect(tried.slice(-4)).to.deep.equal([13, 14, 15, 16]);
    for (const [i, nth] of tried.slice(0, 4).entries())
      expect(nth).to.be.within(1 + 3 * i, 3 + 3 * i);
  });

  it('should come to every call in some operation, wherever those are that are needed', () => {
    const program = touching();
    const trace = traceOf(program, WASTES_FRAMES);

    const tried = new Set<number>();
    for (let before = 0; before < 5; before++) {
      const next = new FailurePlan(program, failableOperations(program, trace), before).next()!;
      for (const fault of failures(next)) if ('nth' in fault) tried.add(fault.nth);
    }

    expect([...tried].sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 16 }, (_, i) => 1 + i),
    );
  });

  it('should let nothing fail in what cannot report it', () => {
    const { plan, played } = carryOut(
      tableProgram((t) => {
        t.table();
        t.page();
        t.walk(0x1000);
        t.clear();
        t.drop();
      }),
    );

    expect(played).to.deep.equal([]);
    expect(plan).to.include({ calls: 0, failed: 0 });
  });

  it('should leave out an operation in which something fails anyway', () => {
    const program = processProgram((p) => {
      p.spawn();
      p.file(4096, 'file', 7, { unreadable: 'all' });
      p.mmap(0xa000, 0x1000, 'ru', { file: 'file' });
      p.read(0xa000);
    });

    expect(carryOut(program).played).to.deep.equal([]);
  });

  it('should not count what was not judged', () => {
    const program = touching((p) => {
      p.mmap(0x8000_0000, 0x1000, 'ru');
      p.read(0x8000_0000);
    });
    const plan = new FailurePlan(program, failableOperations(program, traceOf(program)));
    const first = plan.next()!;
    const second = first.ops.findIndex((op: Op) => op.op === 'access' && op.addr === '0x80000000');

    plan.learn(traceOf(first), second);

    expect(plan).to.include({ calls: 7, failed: 4 });
    expect(plan.next()).to.equal(null);
  });

  it('should not try what the program never came to', () => {
    const program = touching();
    const trace = traceOf(program);

    const plan = new FailurePlan(
      program,
      failableOperations(program, { ...trace, steps: trace.steps.slice(0, 2) }),
    );

    expect(plan.next()).to.equal(null);
  });
});
