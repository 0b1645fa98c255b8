import { expect } from 'chai';
import fc from 'fast-check';
import type { Injection } from '../../reference/contract/injection.ts';
import { judge } from '../oracle/judge.ts';
import type { Program } from '../protocol/program.ts';
import { traceOf } from '../testing/model-subject.ts';
import { withAttempts } from './failing-attempts.ts';
import { pageTablePrograms } from './page-table-programs.ts';
import { processProgram } from './process-scenario.ts';
import { processPrograms } from './process-programs.ts';
import { tableProgram } from './table-scenario.ts';

const frame = (nth: number): Injection => ({ point: 'frame', nth, mode: 'once' });

/** Failures of the first two frame allocations of every operation that makes as many. */
function attemptsAt(program: Program): ReadonlyMap<number, readonly Injection[]> {
  const { steps } = traceOf(program);
  const tried = ['map', 'do-map', 'access', 'get-user-page', 'fork'];
  return new Map(
    program.ops.flatMap((op, at) =>
      tried.includes(op.op) && steps[at]!.calls.frame >= 2 ? [[at, [frame(1), frame(2)]]] : [],
    ),
  );
}

describe('withAttempts', () => {
  it('should try an operation under each failure before it is carried out', () => {
    const program = processProgram((p) => {
      p.spawn();
      p.mmap(0xa000, 0x1000, 'ru');
      p.read(0xa000);
      p.exit();
    });
    const [spawn, mmap, read, exit] = program.ops;

    const { program: attempted, places } = withAttempts(
      program,
      new Map([[2, [frame(1), frame(3)]]]),
    );

    expect(attempted.ops).to.deep.equal([
      spawn,
      mmap,
      { ...read, fault: frame(1) },
      { ...read, fault: frame(3) },
      read,
      exit,
    ]);
    expect([...places]).to.deep.equal([[2, { attempts: [2, 3], last: 4 }]]);
    expect({ ...attempted, ops: program.ops }).to.deep.equal(program);
  });

  it('should make a page again that a refused map uses up', () => {
    const program = tableProgram((t) => {
      t.table();
      t.map(0x1000, 'r', t.page(0x77));
    });
    const [, page, map] = program.ops;

    const { program: attempted } = withAttempts(program, new Map([[2, [frame(1), frame(2)]]]));

    expect(attempted.ops.slice(1)).to.deep.equal([
      page,
      { ...map, fault: frame(1) },
      page,
      { ...map, fault: frame(2) },
      page,
      map,
    ]);
  });

  it('should leave the program as it is if nothing is tried', () => {
    const program = processProgram((p) => p.spawn());

    expect(withAttempts(program, new Map())).to.deep.equal({ program, places: new Map() });
  });

  it('should not change how the rest goes for a correct pager', () => {
    const programs = [
      pageTablePrograms({ length: 20 }),
      processPrograms({ length: 20, weights: { fork: 8 } }),
    ].flatMap((arbitrary) => fc.sample(arbitrary, { seed: 2, numRuns: 40 }));
    let tried = 0;
    for (const program of programs) {
      const attempts = attemptsAt(program);
      const { program: attempted, places } = withAttempts(program, attempts);
      const without = traceOf(program);
      const trace = traceOf(attempted);

      expect(judge(attempted, trace)).to.deep.equal({ broken: null, noted: [] });
      for (const [at, { attempts: failing, last }] of places) {
        tried += failing.length;
        expect(failing.map((place) => trace.steps[place]!.injected)).to.not.include(false);
        expect(trace.steps[last]!.outcome.kind).to.equal(without.steps[at]!.outcome.kind);
        // The page cache keeps what a refused attempt has read.
        if (!program.ops.some((op) => op.op === 'file' && op.cached === true))
          expect(trace.steps[last]!.calls).to.deep.equal(without.steps[at]!.calls);
      }
    }
    expect(tried).to.be.above(200);
  });
});
