/**
 * A sample of the programs that were judged is played once more, in a process that has played nothing yet and in the opposite order. Every program begins on
 * a fresh machine with fresh modules, so it must come to the same; a submission that does something else has kept something, or knows where it is.
 */
import { describeOp, TEARDOWN_STEP } from '../oracle/describe.ts';
import { traceDifference } from '../oracle/trace-difference.ts';
import { SandboxError } from '../sandbox/child-process.ts';
import type { CompiledModules } from '../sandbox/compiled-module.ts';
import type { Player } from '../sandbox/twin-sandbox.ts';
import type { AssignmentGrade, RunDifference } from '../scoring/grade.ts';
import type { SampledRun } from './session/played.ts';

/** Wall limit of one program. One that does not end in time is passed over: a clock proves nothing. */
const WALL_MS = 10_000;

/** Runs of one assignment, in the order in which they were played, and the modules that they were played on. */
export interface PlayedAssignment {
  readonly modules: CompiledModules;
  readonly runs: readonly SampledRun[];
}

/** What was played of an assignment, on one page table. */
export interface PlayedSession
  extends PlayedAssignment, Pick<AssignmentGrade, 'assignment' | 'pageTable'> {}

/** The grades, with what came of playing some of their programs again in `fresh`. That this cannot be done says nothing of the submission. */
export async function withDifferences(
  grades: readonly AssignmentGrade[],
  played: readonly PlayedSession[],
  fresh: Pick<Player, 'load' | 'run'>,
  notes: string[],
): Promise<readonly AssignmentGrade[]> {
  const counting = played.filter(({ assignment, pageTable }) =>
    grades.some((grade) => grade.assignment === assignment && grade.pageTable === pageTable),
  );
  const start = performance.now();
  try {
    const differences = await playAgain(fresh, counting);
    const programs = counting.reduce((sum, { runs }) => sum + runs.length, 0);
    const spent = Math.round(performance.now() - start);
    notes.push(`played again: ${String(programs)} programs in ${String(spent)} ms`);
    return grades.map((grade) => {
      const at = counting.findIndex(({ assignment }) => assignment === grade.assignment);
      return { ...grade, difference: differences[at] ?? null };
    });
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    notes.push(`nothing was played again: ${error.message}`);
    return grades;
  }
}

/**
 * Plays everything again in `sandbox`, which must be fresh, last program first. For each assignment the difference in the program that was played first, or
 * `null`. Throws `SandboxError` if no process can be started.
 */
export async function playAgain(
  sandbox: Pick<Player, 'load' | 'run'>,
  played: readonly PlayedAssignment[],
): Promise<readonly (RunDifference | null)[]> {
  const differences: (RunDifference | null)[] = [];
  for (const { modules, runs } of [...played].reverse()) {
    const loaded = await sandbox.load(modules);
    let difference: RunDifference | null = null;
    if (loaded.kind !== 'died')
      for (const run of [...runs].reverse())
        difference = (await differenceOf(sandbox, run)) ?? difference;
    differences.unshift(difference);
  }
  return differences;
}

async function differenceOf(
  sandbox: Pick<Player, 'run'>,
  { program, trace, check }: SampledRun,
): Promise<RunDifference | null> {
  const run = await sandbox.run(program, { recordSites: false, wallMs: WALL_MS });
  if (run.kind === 'died') return null;
  const found = traceDifference(trace, run.trace);
  if (found === null) return null;
  const all = program.ops.map((op, index) => describeOp(op, index));
  const steps = [...all, TEARDOWN_STEP].slice(0, found.step + 1);
  return {
    check,
    steps,
    differingStep: steps.length - 1,
    first: found.first,
    again: found.again,
  };
}
