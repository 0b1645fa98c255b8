import { expect } from 'chai';
import fc from 'fast-check';
import { INJECTION_POINTS } from '../../reference/contract/injection.ts';
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { pageTablePrograms } from '../generators/page-table-programs.ts';
import { processProgram, type ProcessScript } from '../generators/process-scenario.ts';
import { processPrograms } from '../generators/process-programs.ts';
import type { Op, Program } from '../protocol/program.ts';
import { traceOf } from '../testing/model-subject.ts';
import { mostCalls } from './most-calls.ts';
import { applySpaces } from './space-changes.ts';

/** Each operation that something can be injected into, with the calls that the model makes in it and the most it may make. */
function callsIn(program: Program) {
  const leaves = new Map<string, readonly Leaf[]>();
  const { steps } = traceOf(program);
  return program.ops.flatMap((op, at) => {
    const step = steps[at]!;
    const loaded = 'process' in op ? (leaves.get(op.process) ?? []) : [];
    const pages = loaded.map(({ va }) => va);
    applySpaces(leaves, step.spaces);
    const most = mostCalls(op, program.pager, pages);
    return most === null ? [] : [{ op, calls: step.calls, most }];
  });
}

const eager = (write: (p: ProcessScript) => void): Program => ({
  ...processProgram((p) => {
    p.spawn();
    p.file(40_000);
    write(p);
  }),
  pager: 'eager',
});

const EAGER: readonly Program[] = [
  eager((p) => p.mmap(0x1000, 0x1000, 'rwu')),
  eager((p) => p.mmap(0x1f_e000, 0x4001, 'rwu', { file: 'file', offset: 0x1000 })),
  eager((p) => p.mmap(0x3fff_f000, 0x2000, 'ru')),
  eager((p) => p.mmap(0x7f_ffff_f000, 0x2000, 'ru', { file: 'file' })),
];

describe('mostCalls', () => {
  const generated = [
    pageTablePrograms({ length: 30 }),
    processPrograms({ length: 30 }),
    processPrograms({ length: 30, weights: { fork: 12, exit: 3 } }),
  ].flatMap((programs) => fc.sample(programs, { seed: 1, numRuns: 25 }));

  it('should be at least what the model needs', () => {
    for (const { op, calls, most } of [...generated, ...EAGER].flatMap(callsIn)) {
      for (const point of INJECTION_POINTS)
        expect(calls[point], `${point}: ${JSON.stringify(op)}`).to.be.at.most(most[point]);
    }
  });

  it('should be exactly what the model needs where nothing is there yet', () => {
    const exact = new Set<string>();
    for (const { op, calls, most } of [...generated, ...EAGER].flatMap(callsIn))
      if (calls.frame > 0 && calls.frame === most.frame && calls.mmap === most.mmap)
        exact.add(op.op);

    expect([...exact]).to.include.members(['access', 'get-user-page', 'map', 'mmap', 'fork']);
  });

  it('should count each page of an access', () => {
    const access = (addr: number, length: number): Op =>
      processProgram((p) => p.read(addr, 'alice', { length })).ops[0]!;

    expect(mostCalls(access(0x1fff, 1), 'lazy', [])).to.include({ frame: 4, mmap: 1 });
    expect(mostCalls(access(0x1fff, 2), 'lazy', [])).to.include({ frame: 8, mmap: 2 });
    expect(mostCalls(access(0x1fff, 8192), 'lazy', [])).to.include({ frame: 12, mmap: 3 });
  });

  it('should be nothing for an mmap that only writes down a region', () => {
    const [op] = processProgram((p) => p.mmap(0x1000, 0x100_0000, 'rwu')).ops;

    expect(mostCalls(op!, 'lazy', [])).to.deep.equal({ frame: 0, read: 0, mmap: 0 });
  });

  it('should not know operations that have no way to fail', () => {
    const { ops } = processProgram((p) => {
      p.spawn();
      p.munmap(0x1000);
      p.accessOk(0x1000, false);
      p.exit();
    });

    expect(ops.map((op) => mostCalls(op, 'lazy', []))).to.deep.equal([null, null, null, null]);
  });
});
