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
/** Errors that one error may hold in the end, as those do that `using` makes of two: more than anybody means to throw. */
const MOST_HELD = 1_000;

/** Stops the machine if `caught` says that the stack or the memory is used up, or holds too many errors to be sure; otherwise does nothing. */
export function passOn(caught: unknown): void {
  const found = exhaustionIn(caught);
  if (found !== null) machine().stopAt('limit', found.message, describeThrown(found.error).stack);
}

interface Exhaustion {
  readonly error: object;
  readonly message: string;
}

function exhaustionIn(thrown: unknown): Exhaustion | null {
  const seen = new Set<object>();
  const open = [thrown];
  while (open.length > 0) {
    const error = open.pop();
    if (typeof error !== 'object' || error === null || seen.has(error)) continue;
    if (seen.size === MOST_HELD)
      return { error, message: `an error holds more than ${String(MOST_HELD)} others` };
    seen.add(error);
    if (getPrototypeOf(error) === RANGE_ERROR) {
      const message = EXHAUSTED.get(ownText(error, 'message', 100) ?? '');
      if (message !== undefined) return { error, message };
    } else
      for (const part of ['suppressed', 'error'])
        open.push(getOwnPropertyDescriptor(error, part)?.value);
  }
  return null;
}
