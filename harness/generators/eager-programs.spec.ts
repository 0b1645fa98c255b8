import { expect } from 'chai';
import fc from 'fast-check';
import { judge } from '../oracle/judge.ts';
import { divergences } from '../oracle/verdict.ts';
import type { Op, Program } from '../protocol/program.ts';
import type { Trace } from '../protocol/trace.ts';
import { runProgram } from '../sandbox/child/executor.ts';
import { modelModules } from '../testing/model-modules.ts';
import { processPrograms } from './process-programs.ts';

const RUNS = 200;

const KINDS = {
  mixed: processPrograms({ pager: 'eager' }),
  regions: processPrograms({
    pager: 'eager',
    weights: { mmap: 25, munmap: 20, badMmap: 12, badMunmap: 10, access: 25, accessRange: 15 },
  }),
  failures: processPrograms({ pager: 'eager', failures: true }),
};

interface Played {
  readonly program: Program;
  readonly trace: Trace;
}

/** Programs as the model plays them. */
function played(programs: fc.Arbitrary<Program>): readonly Played[] {
  return fc.sample(programs, { seed: 5, numRuns: RUNS }).map((program) => ({
    program,
    trace: runProgram(modelModules(), program, { recordSites: false }),
  }));
}

/** Share of the operations of one kind that are `good`; of those of all programs together. */
function share(
  all: readonly Played[],
  kind: Op['op'],
  good: (op: Op, step: Trace['steps'][number]) => boolean,
): number {
  let seen = 0;
  let counted = 0;
  for (const { program, trace } of all) {
    for (const [index, step] of trace.steps.entries()) {
      const op = program.ops[index];
      if (op?.op !== kind) continue;
      seen++;
      if (good(op, step)) counted++;
    }
  }
  return counted / seen;
}

describe('generated programs of an eager pager', () => {
  const all = new Map<string, readonly Played[]>();

  before(function () {
    this.timeout(120_000);
    for (const [name, programs] of Object.entries(KINDS)) all.set(name, played(programs));
  });

  for (const name of Object.keys(KINDS)) {
    describe(name, () => {
      const sut = (): readonly Played[] => all.get(name) ?? [];

      it('should never show a mistake of the model', () => {
        const found = sut().flatMap(({ program, trace }) => divergences(judge(program, trace)));

        expect(found.map(({ rule, summary }) => `${rule}: ${summary}`)).to.deep.equal([]);
      });

      it('should be carried out to the end, with nothing left out', () => {
        for (const { program, trace } of sut()) {
          expect(trace.steps).to.have.lengthOf(program.ops.length);
          expect(trace.steps.map(({ outcome }) => outcome.kind)).to.not.include('skipped');
        }
      });

      it('should mostly map and unmap with success, and sometimes not', () => {
        const worked = (_: Op, { outcome }: Trace['steps'][number]): boolean =>
          outcome.kind === 'ok';

        for (const kind of ['mmap', 'sys-mmap', 'munmap'] as const)
          expect(share(sut(), kind, worked), kind).to.be.within(0.35, 0.9);
        expect(share(sut(), 'sys-munmap', worked)).to.be.at.least(0.8);
      });

      it('should often access what is there, and often not', () => {
        const worked = (_: Op, { outcome }: Trace['steps'][number]): boolean =>
          outcome.kind === 'ok';

        // Of the permissions given, a few are for the kernel alone.
        expect(share(sut(), 'access', worked)).to.be.within(0.35, 0.9);
      });

      it('should get both answers to their questions', () => {
        const yes = (_: Op, { outcome }: Trace['steps'][number]): boolean =>
          outcome.kind === 'ok' && outcome.value?.value === 'true';

        expect(share(sut(), 'access-ok', yes)).to.be.within(0.3, 0.8);
        expect(share(sut(), 'access-range', yes)).to.be.within(0.2, 0.8);
      });

      it('should map files and memory, by both ways', () => {
        const ofFile = (op: Op): boolean =>
          (op.op === 'mmap' && op.file !== null) ||
          (op.op === 'sys-mmap' && BigInt.asIntN(32, BigInt(op.fd)) >= 3n);

        expect(share(sut(), 'mmap', ofFile)).to.be.within(0.1, 0.7);
        expect(share(sut(), 'sys-mmap', ofFile)).to.be.within(0.1, 0.7);
      });
    });
  }

  it('should make mappings fail when asked to, and only then', () => {
    const injected = (_: Op, step: Trace['steps'][number]): boolean => step.injected;

    expect(share(all.get('mixed') ?? [], 'mmap', injected)).to.equal(0);
    expect(share(all.get('failures') ?? [], 'mmap', injected)).to.be.within(0.1, 0.5);
    expect(share(all.get('failures') ?? [], 'sys-mmap', injected)).to.be.within(0.05, 0.5);
  });
});
