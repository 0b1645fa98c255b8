/** Operations in which something is made to fail. */
import type { Injection, InjectionPoint } from '../../../reference/contract/injection.ts';
import type { Op } from '../../protocol/program.ts';
import type { Step } from '../../protocol/trace.ts';

/** Whether a call fails in the operation, or reads will fail of the file that it makes. */
export function isInjected(op: Op): boolean {
  return 'fault' in op || (op.op === 'file' && op.unreadable !== undefined);
}

/** Where calls fail in the operations, in the order in which they do; a file that cannot be read fails when it is read. */
export function injectedPoints(ops: readonly Op[]): readonly InjectionPoint[] {
  const points = ops.flatMap((op) =>
    'fault' in op ? op.fault.point : isInjected(op) ? 'read' : [],
  );
  return [...new Set(points)];
}

/** The same operation, in which nothing is made to fail. */
export function withoutInjection(op: Op): Op {
  if ('fault' in op) {
    const { fault: _, ...rest } = op;
    return rest;
  }
  if (op.op !== 'file') return op;
  const { unreadable: _, ...rest } = op;
  return rest;
}

/** Whether the code asked for more of the kind after the call that `injection` let fail: then that can fail, too. */
export function askedForMore(step: Step, injection: Injection): boolean {
  return injection.mode !== 'chance' && step.calls[injection.point] > injection.nth;
}
