/** Simpler programs with the same operations: a plainer world, plainer fields, smaller regions, lower addresses. */
import type { Program } from '../protocol/program.ts';
import { lowerings } from './reduce-addresses.ts';
import type { Candidate } from './reduce-candidate.ts';
import { plainerFields } from './reduce-fields.ts';
import { smallerRegions } from './reduce-regions.ts';
import { plainerWorlds } from './reduce-worlds.ts';

/** The `at`th simplification to try, or `null` after the last. */
export function simplifications(program: Program, at: number): Candidate | null {
  let place = at;
  for (const list of [plainerWorlds, plainerFields, smallerRegions, lowerings]) {
    const candidates = list(program);
    const candidate = candidates[place];
    if (candidate !== undefined) return { program: candidate(), next: at + 1 };
    place -= candidates.length;
  }
  return null;
}
