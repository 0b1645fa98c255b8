/**
 * What student code may use up in one operation: steps, which its compiled form counts as it goes, and memory, looked at every so many steps. Both
 * stop the machine where the code is, long before the process would have to be killed.
 */
import { machine } from '../../../reference/emulator/keos/active-machine.ts';
import { mappedPages } from '../../protocol/mapped-pages.ts';
import type { Program } from '../../protocol/program.ts';
import { holdsMoreThan } from './heap.ts';

/** Loop iterations and function calls in any operation. Four pagers written by different people need 60,000 at most. */
const STEPS = 500_000;
/** And so many more for each page that the program maps, in case the code looks at every one. */
const STEPS_A_PAGE = 500;
/** MiB that may be reachable. The process has twice as much. */
const MOST_MIB = 64;
const LOOK_EVERY = 2 ** 14;

/** Looks where the code is. */
export interface Trail {
  readonly leave: (stack: string) => void;
  /** Whether it wants every step. If not, then fewer the more there are: in deep recursion each look takes long, and one is like the next. */
  readonly isComplete: boolean;
}

/** Steps of which each is looked at all the same; of a hundred times as many it is one in a hundred. */
const FIRST_STEPS = 2 ** 6;

let untilLook = LOOK_EVERY;
let stride = LOOK_EVERY;
let used = 0;
let nextMemoryLook = LOOK_EVERY;
let budget = STEPS;
let trail: Trail | null = null;

/** Steps that each operation of a program may take: the same wherever it runs. */
export function stepBudget(program: Program): number {
  return STEPS + STEPS_A_PAGE * mappedPages(program);
}

/** Begins an operation that may take so many `steps`. */
export function refuel(steps: number, leaveTrail: Trail | null): void {
  budget = steps;
  trail = leaveTrail;
  stride = trail === null ? LOOK_EVERY : 1;
  untilLook = stride;
  used = 0;
  nextMemoryLook = LOOK_EVERY;
}

/** One step of student code: see `compiler/burn-fuel.ts`. */
export function burn(): void {
  if (--untilLook <= 0) look();
}

function look(): void {
  trail?.leave(new Error('step').stack ?? '');
  used += stride;
  if (trail !== null && !trail.isComplete) stride = Math.max(1, Math.floor(used / FIRST_STEPS));
  untilLook = stride;
  if (used > budget || machine().stop !== null) {
    // Code that catches this, or whatever has stopped the machine before, must not go on for long either.
    untilLook = 0;
    machine().halt(
      'limit',
      `more than ${grouped(budget)} steps in one operation: is there an endless loop?`,
    );
  }
  if (used < nextMemoryLook) return;
  nextMemoryLook = used + LOOK_EVERY;
  if (holdsMoreThan(MOST_MIB)) {
    machine().halt('limit', `more than ${String(MOST_MIB)} MiB of memory are in use`);
  }
}

/** `500,000`: the engine's own way is taken away with all that depends on where it runs. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
