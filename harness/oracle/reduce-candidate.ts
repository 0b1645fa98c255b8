import type { Program } from '../protocol/program.ts';

/** One thing to try: a smaller program (or none at this place), and the place after it. */
export interface Candidate {
  readonly program: Program | null;
  readonly next: number;
}

/** Makes a simpler program when it is asked for: most are never looked at. */
export type Simpler = () => Program;
