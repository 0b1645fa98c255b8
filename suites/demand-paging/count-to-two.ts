import type { ManagerScript } from '../../harness/index.ts';

/**
 * A page of `manager` that is marked and given up twice. A manager that miscounts is found here: what goes wrong afterwards for that reason is not
 * taken for another mistake.
 */
export function countToTwo(p: ManagerScript): void {
  const frame = p.frame(0x22);
  p.mark(0x9_0000, frame);
  p.release(0x9_0000, frame);
  p.release(0x9_0000, frame);
}
