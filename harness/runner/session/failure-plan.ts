/**
 * Every call of one program that can be made to fail, and which of them have failed by now: once, and from then on. Most fail in one program, one after the
 * other, because that is quick. Code may behave once something has failed; `lone-failures.ts` sees to that.
 */
import {
  INJECTION_POINTS,
  type Injection,
  type InjectionCounts,
} from '../../../reference/contract/injection.ts';
import { type Attempted, withAttempts } from '../../generators/failing-attempts.ts';
import type { Program } from '../../protocol/program.ts';
import type { Step, Trace } from '../../protocol/trace.ts';
import type { FailableOperation } from './failable-operations.ts';
import { askedForMore } from './injected.ts';

/** The golden ratio: multiples of it are spread evenly over the numbers from 0 to 1, however many are taken. */
const SPREAD = (Math.sqrt(5) - 1) / 2;

/** What is known of one operation. */
interface Operation {
  /** Calls it makes when nothing fails. */
  readonly calls: InjectionCounts;
  /** Failures to try. */
  waiting: Injection[];
}

export class FailurePlan {
  readonly #program: Program;
  readonly #operations = new Map<number, Operation>();
  #current: Attempted | null = null;
  #begun = false;
  #calls = 0;
  #needed = 0;
  #failed = 0;
  readonly #before: number;

  /**
   * For a program that went well, and in which nothing was made to fail.
   *
   * @param operations those of it in which calls can be made to fail
   * @param before operations in the plans made before this one: where there are too many calls to try, others are tried in each operation
   */
  constructor(program: Program, operations: readonly FailableOperation[], before = 0) {
    this.#program = program;
    this.#before = before;
    for (const { at, calls, most } of operations) this.#add(at, calls, most);
  }

  #add(at: number, calls: InjectionCounts, most: InjectionCounts): void {
    const shift = ((this.#before + at) * SPREAD) % 1;
    const waiting: Injection[] = [];
    for (const point of INJECTION_POINTS) {
      this.#calls += calls[point];
      this.#needed += Math.min(calls[point], most[point]);
      for (const nth of followedCalls(calls[point], most[point], shift))
        waiting.push({ point, mode: 'once', nth });
    }
    if (waiting.length > 0) this.#operations.set(at, { calls, waiting });
  }

  /** Calls that can be made to fail. */
  get calls(): number {
    return this.#calls;
  }

  /** The same, without those that the model pager would not make at most. */
  get needed(): number {
    return this.#needed;
  }

  /** Those that have failed, once and from then on, and whose failure was judged. */
  get failed(): number {
    return this.#failed;
  }

  /**
   * The next program to play, or `null` after the last. Hopefully one is enough: in the first one, every operation is tried under one failure after the
   * other. What was not settled by that is tried alone.
   */
  next(): Program | null {
    const attempts = new Map<number, readonly Injection[]>();
    for (const [at, { waiting }] of this.#operations) {
      if (waiting.length > 0) attempts.set(at, this.#begun ? waiting.slice(0, 1) : waiting);
    }
    this.#begun = true;
    this.#current = attempts.size === 0 ? null : withAttempts(this.#program, attempts);
    return this.#current?.program ?? null;
  }

  /** Learns how the program went that {@link next} gave last. Steps from `until` on were not judged. */
  learn({ steps }: Trace, until: number): void {
    for (const [at, { attempts, last }] of this.#current?.places ?? []) {
      const operation = this.#operations.get(at);
      if (operation === undefined) continue;
      const tried = operation.waiting.splice(0, attempts.length);
      const isJudged = last < until;
      // An attempt that leaves empty tables behind makes the later ones different, and the operation itself in the end.
      const isAsBefore = isSame(steps[last]?.calls, operation.calls);
      const areAlike = isAsBefore && attempts.every((place) => steps[place]?.injected === true);
      for (const [nth, injection] of tried.entries()) {
        if (nth > 0 && !areAlike) operation.waiting.push(injection);
        else if (isJudged) this.#settle(operation, injection, steps[attempts[nth] ?? last]);
      }
    }
  }

  #settle(operation: Operation, injection: Injection, step: Step | undefined): void {
    if (step?.injected !== true || injection.mode === 'chance') return;
    // If nothing more was asked for after the failure, the same would happen if that failed too.
    if (injection.mode === 'once' && askedForMore(step, injection))
      operation.waiting.push({ ...injection, mode: 'on' });
    else this.#failed++;
  }
}

/**
 * Which of so many `calls` to try, counted from 1, ascending: all, if there are at most twice as many as the `most` that are needed. Otherwise as many as
 * are needed from the end, and as many of those before: wherever the code makes calls that it does not need, those that it needs are among them.
 *
 * @param shift from 0 to less than 1: which of the calls before the last ones
 */
function followedCalls(calls: number, most: number, shift: number): number[] {
  if (calls <= 2 * most) return Array.from({ length: calls }, (_, i) => 1 + i);
  const before = calls - most;
  const spread = Array.from({ length: most }, (_, i) =>
    Math.floor(1 + ((i + shift) * before) / most),
  );
  return [...spread, ...Array.from({ length: most }, (_, i) => before + 1 + i)];
}

function isSame(a: InjectionCounts | undefined, b: InjectionCounts): boolean {
  return INJECTION_POINTS.every((point) => a?.[point] === b[point]);
}
