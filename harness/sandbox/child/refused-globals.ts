/** Names that exist elsewhere and not in a pager: reading one throws, in our words and with the student's line. */

import { machine } from '../../../reference/emulator/keos/active-machine.ts';

const CLOCK = 'a pager has no clock and no event loop';
const SYSTEM = 'there is no operating system under a pager';
const TEXT_AS_CODE = 'text cannot be run as code here';

/** The names, and why each is refused. */
const REFUSED: Readonly<Record<string, string>> = {
  Date: CLOCK,
  performance: CLOCK,
  setTimeout: CLOCK,
  setInterval: CLOCK,
  setImmediate: CLOCK,
  clearTimeout: CLOCK,
  clearInterval: CLOCK,
  clearImmediate: CLOCK,
  queueMicrotask: CLOCK,
  // Async functions refuse as well: see `compiler/refuse-async.ts`.
  Promise: CLOCK,
  process: SYSTEM,
  Buffer: SYSTEM,
  fetch: SYSTEM,
  crypto: SYSTEM,
  Worker: SYSTEM,
  global: SYSTEM,
  window: SYSTEM,
  eval: TEXT_AS_CODE,
  Function: TEXT_AS_CODE,
};

/** Globals of the Compartment that nothing a pager does needs; they read as names that are not declared. */
const ABSENT = [
  'Compartment',
  'ModuleSource',
  'lockdown',
  'harden',
  'assert',
  'Proxy',
  'WeakRef',
  'FinalizationRegistry',
  'SharedArrayBuffer',
  'Atomics',
  'WebAssembly',
  'TextEncoder',
  'TextDecoder',
  'URL',
  'Base64',
];

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
}

/**
 * SES lets a name that is declared nowhere read as `undefined`. This makes such a name throw as it would everywhere else.
 * Names that exist are left alone.
 */
export function refuseUndeclared(target: object, names: Iterable<string>): void {
  for (const name of names) {
    if (!(name in target)) refuse(target, name, () => new ReferenceError(`${name} is not defined`));
  }
}

function refuse(target: object, name: string, reason: () => Error): void {
  Object.defineProperty(target, name, {
    get() {
      throw reason();
    },
    enumerable: false,
    configurable: false,
  });
}
