/** The operations of a program in which calls can be made to fail. */
import type { FrameUse } from '../../../reference/contract/frame-use.ts';
import type { InjectionCounts } from '../../../reference/contract/injection.ts';
import type { Leaf } from '../../../reference/contract/machine-facts.ts';
import { mostCalls } from '../../oracle/most-calls.ts';
import { applySpaces } from '../../oracle/space-changes.ts';
import type { Op, Program } from '../../protocol/program.ts';
import type { Trace } from '../../protocol/trace.ts';

/** One of them. */
export interface FailableOperation {
  /** Its place in the program. */
  readonly at: number;
  readonly op: Op;
  /** Calls it makes when nothing fails. */
  readonly calls: InjectionCounts;
  /** Calls that the model pager makes at most. */
  readonly most: InjectionCounts;
  /** What the frames are used for that it takes, if the trace tells. */
  readonly uses?: readonly FrameUse[];
}

/** Those of a program that went as `trace` shows, and in which nothing was made to fail. */
export function failableOperations(program: Program, trace: Trace): readonly FailableOperation[] {
  const found: FailableOperation[] = [];
  const leaves = new Map<string, readonly Leaf[]>();
  for (const [at, op] of program.ops.entries()) {
    const step = trace.steps[at];
    if (step === undefined) break;
    const loaded = 'process' in op ? (leaves.get(op.process) ?? []) : [];
    const most = mostCalls(
      op,
      program.pager,
      loaded.map(({ va }) => va),
    );
    applySpaces(leaves, step.spaces);
    // A block that cannot be read fails without us.
    if (step.injected || most === null) continue;
    const { calls, uses } = step;
    found.push({ at, op, calls, most, ...(uses === undefined ? {} : { uses }) });
  }
  return found;
}
