/** The Compartment that student code lives in. */
import type { CompiledModules } from '../compiled-module.ts';
import { ConsoleCapture } from './console-capture.ts';
import { refuseGlobals, refuseUndeclared } from './refused-globals.ts';

export class StudentRealm {
  readonly console = new ConsoleCapture();
  readonly #compartment: Compartment;

  /** A realm for the files of one submission. Call after lockdown. */
  constructor(modules: CompiledModules) {
    this.#compartment = new Compartment({
      __options__: true,
      globals: { console: harden(this.console.console), Math: harden(mathWithoutChance()) },
    });
    const { globalThis: target } = this.#compartment;
    refuseGlobals(target);
    refuseUndeclared(
      target,
      Object.values(modules).flatMap(({ freeNames }) => freeNames),
    );
    // Frozen before the first evaluation: nothing is kept on it between programs, and SES then treats free names as constants, which
    // makes looking them up free (it costs 100 ns each otherwise).
    harden(target);
  }

  /** Evaluates the text of an expression in strict mode, with the realm's globals only. */
  evaluate(text: string): unknown {
    return this.#compartment.evaluate(text);
  }
}

/** `Math` with a `random` that refuses in our words. */
function mathWithoutChance(): object {
  const properties = Object.getOwnPropertyDescriptors(Math);
  const random = () => {
    throw new Error('a pager leaves nothing to chance: Math.random is not available in keos');
  };
  return Object.create(Object.prototype, {
    ...properties,
    random: { value: random, writable: true, enumerable: false, configurable: true },
  }) as object;
}
