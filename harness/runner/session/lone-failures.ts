/**
 * Failures that are tried alone: in a program in which nothing has failed before. Up to its failure such a program goes exactly as it does without, so no
 * code can prepare for it. Code that has seen one failure can expect the next ones, and hide from them what it does when it expects none.
 */
import type { FrameUse } from '../../../reference/contract/frame-use.ts';
import { type Injection, INJECTION_POINTS } from '../../../reference/contract/injection.ts';
import { withAttempts } from '../../generators/failing-attempts.ts';
import type { Program } from '../../protocol/program.ts';
import type { Trace } from '../../protocol/trace.ts';
import type { FailableOperation } from './failable-operations.ts';
import { askedForMore } from './injected.ts';
import { shuffled } from './shuffled.ts';

/** Of one kind in one program; each costs a run. */
const MOST_DRAWN = 10;

/** A failure, and the place of the operation in which it happens. */
interface LoneFailure {
  readonly at: number;
  readonly injection: Injection;
}

/** Failures of calls of one kind, of which some are drawn. */
interface Pool {
  readonly failures: LoneFailure[];
  /** How many of the calls the model would make, too, at most. */
  needed: number;
}

export class LoneFailures {
  readonly #program: Program;
  #waiting: LoneFailure[];
  readonly #given = new WeakMap<Program, LoneFailure>();

  /**
   * Of a program that went well, and in which nothing was made to fail.
   *
   * @param operations those of it in which calls can be made to fail
   * @param seed an integer: of each kind of operation and of call it draws one, or more where there are more than the model needs
   */
  constructor(program: Program, operations: readonly FailableOperation[], seed: number) {
    this.#program = program;
    let drawn = 0;
    this.#waiting = [...pools(operations)].flatMap(({ failures, needed }) =>
      failures
        .map((failure) => ({ failure, rank: shuffled(seed, drawn++) }))
        .sort((a, b) => a.rank - b.rank)
        // Calls that nobody needs make it no less likely that one is drawn that somebody does.
        .slice(0, Math.min(Math.ceil(failures.length / needed), MOST_DRAWN))
        .map(({ failure }) => failure),
    );
  }

  /** Programs to play, or none after the last: as many as are known before anything is learnt of them. */
  next(): readonly Program[] {
    const programs = this.#waiting.map((failure) => {
      const { at, injection } = failure;
      const { program } = withAttempts(this.#program, new Map([[at, [injection]]]));
      this.#given.set(program, failure);
      return program;
    });
    this.#waiting = [];
    return programs;
  }

  /** Learns how a program went that {@link next} gave. */
  learn(program: Program, { steps }: Trace): void {
    const failure = this.#given.get(program);
    if (failure === undefined) return;
    const { at, injection } = failure;
    const step = steps[at];
    if (step !== undefined && injection.mode === 'once' && askedForMore(step, injection))
      this.#waiting.push({ at, injection: { ...injection, mode: 'on' } });
  }
}

/** Whether an operation takes more frames than the model would: then it is worth knowing which of them it uses. */
export function isWasteful({ calls, most }: FailableOperation): boolean {
  return calls.frame > most.frame;
}

/** A pool for each kind of operation and of call, and one more for the frames that wasteful operations use: those are the ones to refuse. */
function pools(operations: readonly FailableOperation[]): Iterable<Pool> {
  const found = new Map<string, Pool>();
  const add = (kind: string, failures: readonly LoneFailure[], needed: number): void => {
    const pool = found.get(kind) ?? { failures: [], needed: 0 };
    found.set(kind, pool);
    pool.failures.push(...failures);
    pool.needed += needed;
  };
  for (const operation of operations) {
    const { at, op, calls, most, uses } = operation;
    for (const point of INJECTION_POINTS) {
      const needed = Math.min(calls[point], most[point]);
      if (needed === 0) continue;
      const failures = Array.from({ length: calls[point] }, (_, i): LoneFailure => {
        return { at, injection: { point, mode: 'once', nth: 1 + i } };
      });
      add(`${op.op} ${point}`, failures, needed);
      if (point !== 'frame' || uses === undefined || !isWasteful(operation)) continue;
      const used = failures.filter((_, i) => isUsed(uses[i]));
      if (used.length > 0) add(`${op.op} used`, used, needed);
    }
  }
  return found.values();
}

function isUsed(use: FrameUse | undefined): boolean {
  return use?.kind === 'table' || use?.kind === 'page';
}
