/**
 * The same program without copy-on-write: each child is a process of its own that starts afresh and does what its parent has done until then. What
 * goes wrong there too has nothing to do with fork.
 */
import type { Op, Program } from '../protocol/program.ts';

/** `null` if the program has no fork. */
export function withoutForks(program: Program): Program | null {
  if (!program.ops.some(({ op }) => op === 'fork')) return null;
  const ops: Op[] = [];
  for (const op of program.ops) {
    if (op.op === 'fork') ops.push(...history(ops, op.process, op.child));
    else ops.push(op);
  }
  return { ...program, ops };
}

/** What `parent` did in `ops`, done by `child`. */
function history(ops: readonly Op[], parent: string, child: string): Op[] {
  return ops
    .filter((op) => 'process' in op && op.process === parent)
    .map((op) => ({ ...op, process: child }) as Op);
}
