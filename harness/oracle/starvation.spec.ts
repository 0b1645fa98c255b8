import { expect } from 'chai';
import { processProgram } from '../generators/process-scenario.ts';
import { tableProgram } from '../generators/table-scenario.ts';
import type { Program } from '../protocol/program.ts';
import type { Outcome, Step, Trace } from '../protocol/trace.ts';
import { changedModule } from '../testing/model-modules.ts';
import { type Changes, traceOf } from '../testing/model-subject.ts';
import { judge } from './judge.ts';
import { isStarved } from './starvation.ts';

const again = (frames: number): Program =>
  processProgram(
    (p) => {
      p.spawn();
      for (let i = 0; i < 16; i++) {
        p.mmap(0xa000, 0x1000, 'rwu');
        p.write(0xa000, 1);
        p.munmap(0xa000);
      }
    },
    { frames },
  );

/** A pager that releases in the end what it has kept; what is beyond `most` pages it releases, the oldest first. */
const keeping = (most: number): Changes => ({
  'lazy-pager': changedModule(
    'lazy-pager',
    'for (const { va } of loaded) pageTable.unmap(va).drop();',
    `const kept = ((this as any).kept ??= []);
    (this as any).drop = () => { for (const page of kept.splice(0)) page.drop(); };
    for (const { va } of loaded) kept.push(pageTable.unmap(va));
    while (kept.length > ${String(most)}) kept.shift().drop();`,
  ),
});
const rulesOf = (program: Program, trace: Trace): readonly string[] => {
  const { broken, noted } = judge(program, trace);
  return [...noted, ...(broken === null ? [] : [broken])].map(({ rule }) => rule);
};

describe('a machine with few frames', () => {
  it('should show who releases in the end what is not needed any more', () => {
    const program = again(16);

    expect(rulesOf(program, traceOf(program, keeping(Infinity)))).to.deep.equal(['LP-21']);
  });

  it('should suffice for who keeps only so many, and for who keeps none', () => {
    const program = again(16);

    for (const changes of [keeping(8), {}])
      expect(rulesOf(program, traceOf(program, changes))).to.deep.equal([]);
  });

  it('should not be called wasted by who needs all of it', () => {
    const program = processProgram(
      (p) => {
        p.spawn();
        p.mmap(0xa000, 0x1000, 'rwu');
        p.write(0xa000, 1);
        for (const child of ['bob', 'carol', 'dora']) p.fork(child);
      },
      { frames: 16 },
    );

    expect(rulesOf(program, traceOf(program))).to.not.include('CW-15');
  });

  it('should show the same of page tables', () => {
    const program = tableProgram(
      (p) => {
        p.table();
        for (let i = 0; i < 12; i++) {
          p.map(0x1000, 'r');
          p.clear();
        }
      },
      { frames: 16 },
    );
    const kept = changedModule(
      'page-table',
      'if (pa !== null) Page.fromPa(pa).drop();',
      'if (pa !== null) Page.fromPa(pa);',
    );

    expect(rulesOf(program, traceOf(program, { 'page-table': kept }))).to.deep.equal(['PT-15']);
    expect(rulesOf(program, traceOf(program))).to.deep.equal([]);
  });
});

describe('isStarved', () => {
  const error: Outcome = { kind: 'error', error: 'KernelError.NoMemory' };
  const [step] = traceOf(again(16)).steps;
  const told = (outcome: Outcome, injected = false): Step => ({
    ...step!,
    outcome,
    injected,
    ranOut: true,
  });

  it('should tell a shortage of its own making from all other refusals', () => {
    expect(isStarved(again(16), told(error))).to.equal(true);
    expect(isStarved(again(16), told({ ...error, kind: 'killed' }))).to.equal(true);
    expect(isStarved(again(16), told(error, true))).to.equal(false);
    expect(isStarved(again(0x1_0000), told(error))).to.equal(false);
    expect(
      isStarved(
        processProgram(() => undefined),
        told(error),
      ),
    ).to.equal(false);
    expect(isStarved(again(16), told({ ...error, error: 'KernelError.Busy' }))).to.equal(false);
    expect(isStarved(again(16), told({ kind: 'ok' }))).to.equal(false);
    expect(isStarved(again(16), { ...step!, outcome: error })).to.equal(false);
  });
});
