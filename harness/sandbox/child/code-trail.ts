/** Where student code was, step by step: for programs that kill their process, and for recursion that leaves nothing to look at. */
import type { Step } from '../../protocol/trace.ts';
import type { RunOptions } from '../../protocol/program.ts';
import { submissionFrames } from '../module-text.ts';
import type { Trail } from './fuel.ts';

export class CodeTrail {
  readonly #tell: (stack: string) => void;
  #last = '';
  #deepest = '';
  #depth = 0;

  /** `tell` is called with a raw stack whenever the code has come to another place. */
  constructor(tell: (stack: string) => void) {
    this.#tell = tell;
  }

  /** The one that a program is to leave. */
  of(way: NonNullable<RunOptions['trail']>): Trail {
    const isComplete = way === 'last';
    return { isComplete, leave: (raw) => this.#leave(raw, isComplete) };
  }

  #leave(raw: string, isTold: boolean): void {
    const stack = submissionFrames(raw);
    const depth = raw.split('\n').length;
    if (depth >= this.#depth) {
      this.#depth = depth;
      this.#deepest = stack;
    }
    if (!isTold || stack === this.#last) return;
    this.#last = stack;
    this.#tell(stack);
  }

  /** Names the place where a machine call was cut short: as deep in the code as it ever was. Begins anew. */
  explain(steps: readonly Step[]): readonly Step[] {
    const stack = this.#deepest;
    this.#depth = 0;
    this.#deepest = '';
    return steps.map((step) => {
      const { outcome } = step;
      if (outcome.kind !== 'panic' || outcome.panic.kind !== 'torn' || stack === '') return step;
      return { ...step, outcome: { ...outcome, panic: { ...outcome.panic, stack } } };
    });
  }
}
