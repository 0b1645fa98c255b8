/**
 * Which lane finds which planted bugs: for each, of how many seeds thirty programs show it, and how many programs the first one took. Mutants that any
 * two programs show are not listed.
 */
import fc from 'fast-check';
import { judge } from '../oracle/judge.ts';
import { divergences } from '../oracle/verdict.ts';
import type { Program } from '../protocol/program.ts';
import { mutantsOf } from '../quality/mutant-files.ts';
import { plant } from '../quality/plant.ts';
import { modelFiles } from '../runner/model.ts';
import { Sandbox } from '../sandbox/child-process.ts';
import { SubmissionCompiler } from '../sandbox/compile-process.ts';
import type { Lane } from './lanes.ts';
import { pageTablePrograms } from './page-table-programs.ts';
import { processPrograms } from './process-programs.ts';

/** Programs of one property. */
const PROGRAMS = 30;
const SEEDS = 20;
/** Every so-manieth mutant is looked at. */
const EVERY = 4;
/** Rules about answers to failures: nothing fails in these programs. */
const FAILURES = ['PT-17', 'AS-19', 'LP-23', 'CW-9'];
const LANES: readonly Lane[] = ['mixed', 'swarm', 'boundary', 'shootdown'];

const ASSIGNMENTS: Readonly<Record<string, (lane: Lane) => fc.Arbitrary<Program>>> = {
  'page-table': (lane) => pageTablePrograms({ lane }),
  'address-space': (lane) => processPrograms({ lane, pager: 'eager' }),
  'lazy-pager': (lane) => processPrograms({ lane }),
  fork: (lane) => processPrograms({ lane, weights: { fork: 6, exit: 3 } }),
};

/** Programs until the first that fails, or `null` if none does. */
async function untilFailure(
  sandbox: Sandbox,
  programs: fc.Arbitrary<Program>,
  seed: number,
  most: number,
): Promise<number | null> {
  const generated = fc.sample(programs, { seed, numRuns: most });
  for (const [index, program] of generated.entries()) {
    const run = await sandbox.run(program, { recordSites: false, wallMs: 2_000 });
    const fails = run.kind === 'died' || divergences(judge(program, run.trace)).length > 0;
    if (fails) return index + 1;
  }
  return null;
}

/** `20 (3.1)`: seeds that find it, and programs on average; `–` if the first five do not, and the others were not tried. */
async function cell(sandbox: Sandbox, programs: fc.Arbitrary<Program>): Promise<string> {
  const found: number[] = [];
  for (let seed = 0; seed < SEEDS && (seed < 5 || found.length > 0); seed++) {
    const count = await untilFailure(sandbox, programs, seed, PROGRAMS);
    if (count !== null) found.push(count);
  }
  const mean = found.reduce((sum, count) => sum + count, 0) / found.length;
  return found.length === 0 ? '–' : `${String(found.length)} (${mean.toFixed(1)})`;
}

describe('lanes', () => {
  const compiler = new SubmissionCompiler();
  const sandbox = new Sandbox();
  after(() => Promise.all([compiler.close(), sandbox.close()]));

  for (const [assignment, programsOf] of Object.entries(ASSIGNMENTS)) {
    it(`should be measured on the planted bugs of ${assignment}`, async function () {
      this.timeout(0);
      const lanes = assignment === 'fork' ? [...LANES, 'fork' as const] : LANES;
      const all = mutantsOf(assignment).mutants.filter(({ rule }) => !FAILURES.includes(rule));
      const mutants = all.filter((_, index) => index % EVERY === 0);
      let easy = 0;
      for (const mutant of mutants) {
        const { modules } = await compiler.compileSubmission(plant(modelFiles(), [mutant]));
        await sandbox.load(modules);
        const first = [1, 2, 3, 4, 5].map((seed) => 1_000 + seed);
        const quick = await inTurn(first, (seed) =>
          untilFailure(sandbox, programsOf('mixed'), seed, 2),
        );
        if (quick.every((count) => count !== null)) {
          easy++;
          continue;
        }
        const cells: string[] = [];
        for (const lane of lanes) cells.push(await cell(sandbox, programsOf(lane)));
        console.log(`| ${mutant.id} | ${cells.join(' | ')} |`);
      }
      console.log(
        `${assignment}: ${String(easy)} of ${String(mutants.length)} are shown by any two programs; columns: ${lanes.join(', ')}`,
      );
    });
  }
});

async function inTurn<A, B>(items: readonly A[], body: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (const item of items) results.push(await body(item));
  return results;
}
