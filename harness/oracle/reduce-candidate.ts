import type { Program } from '../protocol/program.ts';

/** One thing to try: a smaller program (or none at this place), and the place after it. */
export interface Candidate {
  readonly program: Program | null;
  readonly next: number;
}

/** Makes a simpler program when it is asked for: most are never looked at. */
export type Simpler = () => Program;

/** Powers of two below `count`, the greatest first: one by one, a long way would use up the budget. */
export function stepsBelow(count: bigint): bigint[] {
  const steps: bigint[] = [];
  for (let step = 1n; step < count; step *= 2n) steps.unshift(step);
  return steps;
}
