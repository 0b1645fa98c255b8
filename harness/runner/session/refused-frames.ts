/**
 * What the frames would have been for that a program's injected failures refuse: found by running it once more without the failure.
 */
import type { FrameUse } from '../../../reference/contract/frame-use.ts';
import type { Op, Program } from '../../protocol/program.ts';
import type { Sandbox } from '../../sandbox/child-process.ts';
import { withoutInjection } from './injected.ts';

/** Programs shown to students have one failure, rarely two; each costs a run. */
const MOST_RUNS = 4;

/**
 * For each operation of `program` in which a frame allocation is made to fail, by place: the use of the first frame refused in a run where that
 * operation succeeds. An operation is missing if its allocations are not made then, or the run does not come that far.
 */
export async function refusedFrames(
  sandbox: Pick<Sandbox, 'run'>,
  program: Program,
  wallMs: number,
): Promise<ReadonlyMap<number, FrameUse>> {
  const uses = new Map<number, FrameUse>();
  const failing = [...program.ops.keys()].filter((at) => firstRefused(program.ops[at]) !== null);
  for (const at of failing.slice(0, MOST_RUNS)) {
    const options = { recordSites: false, recordUses: true, wallMs };
    const run = await sandbox.run(withoutFailure(program, at), options);
    const nth = firstRefused(program.ops[at]);
    const step = run.kind === 'trace' ? run.trace.steps[at] : undefined;
    const use = nth === null ? undefined : step?.uses?.[nth - 1];
    if (use !== undefined) uses.set(at, use);
  }
  return uses;
}

/** Number of the first frame allocation that an operation is refused, from 1; `null` if none is, or if it is left to chance. */
function firstRefused(op: Op | undefined): number | null {
  const fault = op !== undefined && 'fault' in op ? op.fault : undefined;
  return fault?.point !== 'frame' || fault.mode === 'chance' ? null : fault.nth;
}

/** The program up to operation `at`, in which nothing fails. What failed before it fails as it did. */
function withoutFailure(program: Program, at: number): Program {
  const ops = program.ops
    .slice(0, at + 1)
    .map((op, place) => (place === at ? withoutInjection(op) : op));
  return { ...program, ops };
}
