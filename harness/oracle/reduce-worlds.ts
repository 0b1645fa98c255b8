/** Programs in a plainer world: frames that are never used again, fewer processors, less done by other processes. */
import type { Op, Program } from '../protocol/program.ts';
import type { Simpler } from './reduce-candidate.ts';

/** Each way to make the world of `program` plainer by one step. */
export function plainerWorlds(program: Program): Simpler[] {
  const { ops, world } = program;
  const simpler: Simpler[] = [];
  if (world.policy !== 'quarantine')
    simpler.push(() => ({ ...program, world: { ...world, policy: 'quarantine' } }));
  if (world.firstFrame !== undefined) {
    const { firstFrame: _, ...low } = world;
    simpler.push(() => ({ ...program, world: low }));
  }
  const last = world.cpus - 1;
  if (last > 0) {
    const fewer = { ...world, cpus: last };
    const uses = (op: Op): boolean => 'cpu' in op && op.cpu === last;
    // What the last processor does is left to the first one.
    const merged = (): Op[] => ops.map((op) => (uses(op) ? ({ ...op, cpu: 0 } as Op) : op));
    simpler.push(() => ({ ...program, world: fewer, ops: merged() }));
  }
  return simpler;
}
