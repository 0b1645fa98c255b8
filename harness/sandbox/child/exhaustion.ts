/** What student code may not keep to itself: that the engine has run out of something. */
import { machine } from '../../../reference/emulator/keos/active-machine.ts';
import { ownText } from './own-text.ts';
import { describeThrown } from './student-call.ts';

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const RANGE_ERROR = RangeError.prototype;

/** What the engine says, and what it means. */
const EXHAUSTED: ReadonlyMap<string, string> = new Map([
  [
    'Maximum call stack size exceeded',
    'the call stack is used up: is there a recursion without an end?',
  ],
  ['Array buffer allocation failed', 'the memory for typed arrays is used up'],
]);
/** Errors in errors that are looked into: `using` makes one of two. */
const MOST_NESTED = 4;

/** Stops the machine if `caught` says that the stack or the memory is used up; otherwise does nothing. */
export function passOn(caught: unknown): void {
  const found = exhaustionIn(caught, MOST_NESTED);
  if (found !== null) machine().stopAt('limit', found.message, describeThrown(found.error).stack);
}

interface Exhaustion {
  readonly error: object;
  readonly message: string;
}

function exhaustionIn(thrown: unknown, nested: number): Exhaustion | null {
  if (typeof thrown !== 'object' || thrown === null || nested === 0) return null;
  if (getPrototypeOf(thrown) === RANGE_ERROR) {
    const message = EXHAUSTED.get(ownText(thrown, 'message', 100) ?? '');
    return message === undefined ? null : { error: thrown, message };
  }
  return (
    exhaustionIn(getOwnPropertyDescriptor(thrown, 'error')?.value, nested - 1) ??
    exhaustionIn(getOwnPropertyDescriptor(thrown, 'suppressed')?.value, nested - 1)
  );
}
