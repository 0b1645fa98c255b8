/** Operations into which a failure is injected. */
import type { Op } from '../../protocol/program.ts';

/** Whether something is made to fail in the operation. */
export function isInjected(op: Op): boolean {
  return 'fault' in op;
}

/** The same operation, in which nothing is made to fail. */
export function withoutInjection(op: Op): Op {
  if (!('fault' in op)) return op;
  const { fault: _, ...rest } = op;
  return rest;
}
