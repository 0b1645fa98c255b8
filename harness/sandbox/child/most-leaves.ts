/**
 * How many pages may be present in an address space: far more than any right pager has there. What is beyond lies outside of every region, and everybody
 * who looks at a page table would look at all of it, after every operation.
 */
import { mappedPages } from '../../protocol/mapped-pages.ts';
import type { Program } from '../../protocol/program.ts';
import type { Outcome } from '../../protocol/trace.ts';

/** Beyond the pages that the program maps: four whole tables full. */
const SPARE = 2048;

/** Leaves that an address space may have in `program`: every page that the program maps anywhere, all of them loaded, and many more. */
export function mostLeaves(program: Program): number {
  return mappedPages(program) + SPARE;
}

/** The end of a program that has left more than `most` pages present. */
export function tooManyLeaves(most: number): Outcome {
  const message = `more than ${String(most)} pages are present in a page table, of which the program has mapped ${String(most - SPARE)} at most`;
  return { kind: 'panic', panic: { kind: 'limit', about: 'leaves', message, stack: '' } };
}
