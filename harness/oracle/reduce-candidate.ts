import type { Program } from '../protocol/program.ts';

/** One thing to try: a smaller program (or none at this place), and the place after it. */
export interface Candidate {
  readonly program: Program | null;
  readonly next: number;
}
