/** A machine that has no frame left although the program needs few at a time: somebody keeps those that it is done with. */
import type { Program } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import { isRefusal } from './answers.ts';
import type { Mismatch } from './mismatch.ts';

/** Machines with fewer frames are there to see whether those are released. */
const PLENTY = 0x1_0000;

/** Whether an operation was refused because all frames of a small machine are in use, and none was refused on purpose. */
export function isStarved({ world }: Program, { outcome, injected }: Step): boolean {
  return (
    (world.frames ?? PLENTY) < PLENTY &&
    !injected &&
    isRefusal(outcome) &&
    outcome.error === 'KernelError.NoMemory'
  );
}

/** What to say of that. */
export function starvationText({ world }: Program): Pick<Mismatch, 'summary' | 'expected'> {
  const frames = String(world.frames);
  return {
    summary: `no page frame is left of ${frames}: those that are not needed any more were not released`,
    expected: 'what earlier steps have released can be used again',
  };
}
