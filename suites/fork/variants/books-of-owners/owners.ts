/** How many leaves lead to each frame that a fork has shared. Frames that are not listed have one. */
import type { Pa } from 'keos';

const leaves = new Map<Pa, number>();

/** One leaf more. */
export function shared(pa: Pa): void {
  leaves.set(pa, (leaves.get(pa) ?? 1) + 1);
}

/** One leaf less. */
export function left(pa: Pa): void {
  const count = leaves.get(pa);
  if (count === undefined) return;
  if (count <= 2) leaves.delete(pa);
  else leaves.set(pa, count - 1);
}

/** Whether no other leaf leads there. */
export function isAlone(pa: Pa): boolean {
  return !leaves.has(pa);
}
