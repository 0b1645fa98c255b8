/**
 * Makes a failing program as small as it gets: no operation can be left out, and no field made simpler, without losing the failure.
 *
 * Works on concrete programs whose operations name things by label, so leaving one operation out never makes another mean something else.
 */
import type { Program } from '../protocol/program.ts';
import { removals } from './reduce-removals.ts';
import { simplifications } from './reduce-simplifications.ts';

/** Tells whether a smaller program still shows the same failure (breaks the same rule). */
export type StillFails = (program: Program) => Promise<boolean>;

export interface Reduced {
  readonly program: Program;
  /** Programs run on the way. */
  readonly executions: number;
  /** False if the budget ran out before nothing smaller was left to try. */
  readonly minimal: boolean;
}

/**
 * Reduces `program`, which fails at operation `step`.
 *
 * @param budget most programs to run
 */
export async function reduce(
  program: Program,
  step: number,
  stillFails: StillFails,
  budget = 600,
): Promise<Reduced> {
  let best = program;
  let executions = 0;
  const improve = async (candidate: Program): Promise<boolean> => {
    if (executions >= budget) return false;
    executions++;
    if (!(await stillFails(candidate))) return false;
    best = candidate;
    return true;
  };
  await improve({ ...best, ops: best.ops.slice(0, step + 1) });
  for (let changed = true; changed && executions < budget;) {
    changed = false;
    for (const candidates of [removals, simplifications]) {
      // Each success changes what else can be tried, so the candidates are listed anew; the place to go on from is kept.
      for (let at = 0; executions < budget;) {
        const candidate = candidates(best, at);
        if (candidate === null) break;
        if (candidate.program !== null && (await improve(candidate.program))) changed = true;
        else at = candidate.next;
      }
    }
  }
  return { program: best, executions, minimal: executions < budget };
}
