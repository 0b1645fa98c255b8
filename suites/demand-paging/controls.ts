/**
 * What a scenario does before it comes to its own matter: the plain case. A manager that gets the plain case wrong is told so, and what goes wrong afterwards
 * for the same reason is not taken for another mistake.
 */
import type { ManagerScript } from '../../harness/index.ts';

/** A page that is marked and given up twice. */
export function countToTwo(p: ManagerScript, manager = 'manager'): void {
  const frame = p.frame(0x22);
  p.mark(0x9_0000, frame, manager);
  p.release(0x9_0000, frame, manager);
  p.isCow(0x9_0000, manager);
  for (const va of [0x9_0000, 0x9_0000, 0x9_1000]) p.release(va, frame, manager);
}

/** A page that is marked, copied for one sharer, and given up by the other. */
export function copyForOne(p: ManagerScript): void {
  const frame = p.frame(0x23);
  p.mark(0xa_0000, frame);
  p.look(p.cowFault(0xa_0000));
  p.look(frame);
  p.isCow(0xa_0000);
  p.release(0xa_0000, frame);
}
