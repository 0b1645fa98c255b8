/** How much memory is really in use. Imported before the means for it are taken from the global object. */
import { getHeapStatistics } from 'node:v8';

const MIB = 2 ** 20;
const collect = (globalThis as { gc?: () => void }).gc;

/** Whether more than `mib` MiB are reachable. Garbage does not count: it is collected when there seems to be too much. */
export function holdsMoreThan(mib: number): boolean {
  if (getHeapStatistics().used_heap_size <= mib * MIB) return false;
  collect?.();
  return getHeapStatistics().used_heap_size > mib * MIB;
}
