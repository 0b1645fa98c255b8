/** How much memory a process and its children have resident, as Linux tells. */
import { readFileSync } from 'node:fs';

/** Processes between the one that was started and the one that does the work: what isolates it. */
const MOST_DEPTH = 3;

/** MiB of a process and all it has started; 0 where nobody knows. */
export function residentMib(pid: number, depth = MOST_DEPTH): number {
  const folder = `/proc/${String(pid)}`;
  const own = Number(/VmRSS:\s+(\d+)/.exec(textOf(`${folder}/status`))?.[1] ?? 0) / 1024;
  if (depth === 0) return own;
  const children = textOf(`${folder}/task/${String(pid)}/children`)
    .split(' ')
    .filter(Boolean);
  return children.reduce((sum, child) => sum + residentMib(Number(child), depth - 1), own);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It is gone, or /proc is not there.
    return '';
  }
}
