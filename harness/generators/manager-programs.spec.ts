import { expect } from 'chai';
import fc from 'fast-check';
import { judge } from '../oracle/judge.ts';
import { divergences } from '../oracle/verdict.ts';
import type { Op, Program } from '../protocol/program.ts';
import { runProgram } from '../sandbox/child/executor.ts';
import { modelModules } from '../testing/model-modules.ts';
import { managerPrograms } from './manager-programs.ts';

const RUNS = 100;
const draw = (arbitrary: fc.Arbitrary<Program>, seed = 1): readonly Program[] =>
  fc.sample(arbitrary, { seed, numRuns: RUNS });

const KINDS = {
  mixed: managerPrograms(),
  sharing: managerPrograms({
    weights: { mark: 16, markAgain: 5, cowFault: 22, release: 16, isCow: 10, fault: 8 },
  }),
  failures: managerPrograms({ failures: true }),
};

/** What happens in a program when a right manager runs it, in words that can be counted. */
function events(program: Program): ReadonlySet<string> {
  const seen = new Set<string>();
  const { steps } = runProgram(modelModules(), program, { recordSites: false });
  for (const [at, op] of program.ops.entries()) {
    const outcome = steps[at]?.outcome;
    const isError = outcome?.kind === 'error';
    if (steps[at]?.injected === true) seen.add('a failure');
    if ('manager' in op && op.manager === 'bob') seen.add('a second manager');
    if ('manager' in op && op.manager === 'global') seen.add('the global manager');
    seen.add(`${op.op}${isError ? ' refused' : ''}`);
    if (isError && outcome.error.includes('InvalidAddress')) seen.add('a second fault');
    if (op.op === 'register-lazy' && BigInt(op.size) % 0x1000n !== 0n) seen.add('a part of a page');
    if (op.op === 'register-lazy' && op.file !== null) seen.add('a file');
    if (outcome?.kind === 'ok' && outcome.value?.value === 'true' && op.op === 'release-cow')
      seen.add('a last release');
  }
  return seen;
}

/** Complains about a label that is used before it is made, or made twice. */
function wrongLabels({ ops }: Program): readonly string[] {
  const made = new Set<string>(['global']);
  const found: string[] = [];
  const make = (label: string, op: Op): void => {
    if (made.has(label)) found.push(`second ${label}: ${op.op}`);
    made.add(label);
  };
  for (const op of ops) {
    if (op.op === 'new-manager') make(op.manager, op);
    else if ('manager' in op && !made.has(op.manager)) found.push(`${op.op} on ${op.manager}`);
    if (op.op === 'file') make(op.file, op);
    else if ('file' in op && op.file !== null && !made.has(op.file))
      found.push(`${op.op} of a file`);
    const isMaking = op.op === 'take-frame' || op.op === 'demand-page' || op.op === 'cow-fault';
    if (isMaking) make(op.frame, op);
    else if ('frame' in op && !made.has(op.frame)) found.push(`${op.op} of ${op.frame}`);
  }
  return found;
}

describe('generated programs of managers', () => {
  for (const [name, arbitrary] of Object.entries(KINDS)) {
    describe(name, () => {
      const programs = draw(arbitrary);

      it('should be the same for the same seed, and others for another', () => {
        expect(JSON.stringify(draw(arbitrary))).to.equal(JSON.stringify(programs));
        expect(draw(arbitrary, 2)[0]).to.not.deep.equal(programs[0]);
      });

      it('should name only what there is, and make nothing twice', () => {
        expect(programs.flatMap(wrongLabels)).to.deep.equal([]);
      });

      it('should break no rule on the model, and leave nothing undone', function () {
        this.timeout(60_000);
        for (const program of programs) {
          const trace = runProgram(modelModules(), program, { recordSites: false });

          expect(divergences(judge(program, trace)), JSON.stringify(program.ops)).to.deep.equal([]);
          expect(trace.teardown?.leaks).to.deep.equal([]);
        }
      });
    });
  }

  it('should be about everything that the rules are about', function () {
    this.timeout(60_000);
    const wanted: Readonly<Record<keyof typeof KINDS, Readonly<Record<string, number>>>> = {
      mixed: {
        'a second manager': 0.2,
        'the global manager': 0.2,
        'a second fault': 0.8,
        'a part of a page': 0.4,
        'a file': 1,
        'unregister-lazy': 0.5,
        'demand-page refused': 1,
        'add-cow-entry': 0.1,
        'mark-cow-range': 0.2,
        rewrite: 0.2,
        truncate: 0.2,
      },
      sharing: { 'a last release': 1, 'mark-cow-range': 0.5, 'cow-fault refused': 0.1 },
      failures: { 'a failure': 0.5, 'cow-fault refused': 0.4 },
    };
    for (const [kind, shares] of Object.entries(wanted)) {
      const seen = draw(KINDS[kind as keyof typeof KINDS]).map(events);
      for (const [event, least] of Object.entries(shares)) {
        const share = seen.filter((each) => each.has(event)).length / seen.length;
        expect(share, `${kind}: programs with ${event}`).to.be.at.least(least);
      }
    }
  });
});
