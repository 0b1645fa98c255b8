/** Names that exist elsewhere and not in a pager: reading one throws, in our words and with the student's line. */
import { machine } from '../../../reference/emulator/keos/active-machine.ts';
import { ABSENT, CLOCK, ELSEWHERE, REFUSED, TEXT_AS_CODE } from '../refused-names.ts';

/** What an async function does instead of its body. It may not be caught: the code around it goes on as if something had begun. */
export function refuseAsync(): never {
  return machine().halt('panic', `${CLOCK}: async code is not available in keos`);
}

/** Replaces and removes globals of a Compartment that is not frozen yet. */
export function refuseGlobals(target: object): void {
  for (const name of ABSENT) Reflect.deleteProperty(target, name);
  for (const [name, why] of Object.entries(REFUSED)) {
    refuse(target, name, () => new Error(`${why}: ${name} is not available in keos`));
  }
  Object.defineProperty(target, 'Function', {
    value: refusingFunction(),
    enumerable: false,
    writable: false,
    configurable: false,
  });
}

/** What `Function` is: good for `instanceof`, and for nothing else. */
function refusingFunction(): object {
  function refusing(): never {
    throw new Error(`${TEXT_AS_CODE}: Function is not available in keos`);
  }
  refusing.prototype = Function.prototype;
  return Object.freeze(refusing);
}

/**
 * SES lets a name that is declared nowhere read as `undefined`. This makes such a name throw as it would everywhere else, if in other words.
 * Names that exist are left alone.
 */
export function refuseUndeclared(target: object, names: Iterable<string>): void {
  for (const name of names) {
    if (!(name in target)) refuse(target, name, () => undeclared(name));
  }
}

function undeclared(name: string): Error {
  return ELSEWHERE.has(name)
    ? new Error(`a pager does not need it: ${name} is not available in keos`)
    : new ReferenceError(
        `${name} is not defined: declare it, or import it from 'keos' or the file that has it`,
      );
}

/** What SES says where it refuses something, in our words; anything else as it is. */
export function inOurWords(message: string): string {
  return /^\w*Function\.prototype\.constructor is not a valid constructor\.$/.test(message)
    ? `${TEXT_AS_CODE}: the constructor of a function is not available in keos`
    : message.replace(
        /^Cannot add property .+, object is not extensible$/s,
        '$& (those of the language itself, such as Array.prototype, are frozen)',
      );
}

function refuse(target: object, name: string, reason: () => Error): void {
  Object.defineProperty(target, name, {
    get() {
      throw reason();
    },
    set() {
      throw reason();
    },
    enumerable: false,
    configurable: false,
  });
}
