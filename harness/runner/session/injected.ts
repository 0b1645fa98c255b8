/** Operations in which something is made to fail. */
import type { Op } from '../../protocol/program.ts';

/** Whether a call fails in the operation, or reads will fail of the file that it makes. */
export function isInjected(op: Op): boolean {
  return 'fault' in op || (op.op === 'file' && op.unreadable !== undefined);
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
