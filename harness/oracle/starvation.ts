/** A machine that has no frame left although the program needs few at a time: somebody keeps those that it is done with. */
import type { Program } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import { isRefusal } from './answers.ts';
import { tablesOf } from './fork-rules.ts';
import type { Mismatch } from './mismatch.ts';

/** Machines with fewer frames are there to see whether those are released. */
const PLENTY = 0x1_0000;
/** Frames that a call may need: for tables, a page or a copy, and something to work with. */
const WORKING_FRAMES = 8;

/** Whether an operation was refused because all frames of a small machine are in use, and none was refused on purpose. */
export function isStarved({ world }: Program, { outcome, injected, ranOut }: Step): boolean {
  return (
    (world.frames ?? PLENTY) < PLENTY &&
    !injected &&
    ranOut === true &&
    isRefusal(outcome) &&
    outcome.error === 'KernelError.NoMemory'
  );
}

/** Whether the processes need so few frames that the one that was refused must have been left, whatever a call works with. */
export function leavesFrames({ world }: Program, { processes }: AddressSpaceModel): boolean {
  const shared = new Set<number>();
  let tables = 0;
  for (const process of processes.values()) {
    tables += 1 + tablesOf(process);
    for (const { group } of process.pages.values()) shared.add(group);
  }
  return tables + shared.size + WORKING_FRAMES <= (world.frames ?? PLENTY);
}

/** What to say of that. */
export function starvationText({ world }: Program): Pick<Mismatch, 'summary' | 'expected'> {
  const frames = String(world.frames);
  return {
    summary: `no page frame is left of ${frames}: those that are not needed any more were not released`,
    expected: 'what earlier steps have released can be used again',
  };
}
