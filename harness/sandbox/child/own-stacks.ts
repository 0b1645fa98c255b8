/**
 * How stacks are written down in this process: with the frames of the submission alone. Student code can read a stack, and print it; it is to learn neither what
 * the driver and the model call their functions nor where on this machine they lie, and what it prints is to be the same on every machine.
 */
import { ownText } from './own-text.ts';
import { isSubmissionCode } from '../module-text.ts';

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
/** A frame of a stack as the engine writes it. */
interface Shown {
  toString(): string;
}

const MOST_CHARACTERS = 2_000;

/** Before lockdown: the constructor that the engine asks how to write a stack. Afterwards `Error` is another one. */
const Original = Error;
const NAMES: ReadonlyMap<object, string> = new Map(
  [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    AggregateError,
  ].map((Class): [object, string] => [Class.prototype as object, Class.name]),
);

/** Call after lockdown, which has a way of its own. */
export function showOwnStacksOnly(): void {
  Original.prepareStackTrace = (error, sites) => {
    const own = sites.filter((site) => isSubmissionCode(site.getScriptNameOrSourceURL()));
    return [
      headline(error),
      ...own.map((site) => `\n  at ${inOneLine((site as Shown).toString())}`),
    ].join('');
  };
}

/** A frame, whatever names functions have. */
function inOneLine(frame: string): string {
  return frame.replace(/[\n\r\u2028\u2029]+/g, ' ');
}

/** What the engine writes first, without running any code of the error: its class and its message. */
function headline(error: object): string {
  const message = ownText(error, 'message', MOST_CHARACTERS) ?? '';
  const name = nameOf(error);
  return message === '' ? name : `${name}: ${message}`;
}

function nameOf(error: object): string {
  for (let at: object | null = error; at !== null; at = getPrototypeOf(at) as object | null) {
    const known = NAMES.get(at);
    if (known !== undefined) return known;
    const own: unknown = getOwnPropertyDescriptor(at, 'name')?.value;
    if (typeof own === 'string') return own.slice(0, MOST_CHARACTERS);
  }
  return 'Error';
}
