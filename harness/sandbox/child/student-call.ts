/**
 * Calls into student code, and what may be said of their results without running any more of it.
 */
import type { Outcome, Panic, Value } from '../../protocol/trace.ts';
import { errorName } from '../../../reference/emulator/keos/errors.ts';
import { machine } from '../../../reference/emulator/keos/active-machine.ts';
import { hex } from '../../../reference/x86/address.ts';
import { inOurWords } from './refused-globals.ts';
import type { Hex } from '../../protocol/program.ts';

const { getOwnPropertyDescriptor } = Object;

/** How a call ended: a value, an error of the interface (by name), or the end of the kernel. */
export type Called =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'panic'; readonly panic: Panic };

/**
 * Runs `body`, which calls student code. A machine that has stopped counts as a panic, whatever student code caught. `nameOf` names the errors of the
 * interface that the code is written for (default: `keos`), and gives `undefined` for everything else.
 */
export function call(
  body: () => unknown,
  nameOf: (thrown: unknown) => string | undefined = errorName,
): Called {
  try {
    const value = body();
    return stopped() ?? { kind: 'ok', value };
  } catch (thrown) {
    const stop = stopped();
    if (stop !== null) return withPlace(stop, thrown);
    const error = nameOf(thrown);
    return error === undefined
      ? { kind: 'panic', panic: describeThrown(thrown) }
      : { kind: 'error', error };
  }
}

/** A call to the machine that was cut short leaves no stack of its own: what cut it short has one. */
function withPlace(stop: Called, thrown: unknown): Called {
  if (stop.kind !== 'panic' || stop.panic.stack !== '') return stop;
  return { kind: 'panic', panic: { ...stop.panic, stack: describeThrown(thrown).stack } };
}

/** Calls a method of a student's object. Throws as a call of a missing method would. */
export function invoke(target: object, method: string, ...args: readonly unknown[]): unknown {
  const found: unknown = (target as Record<string, unknown>)[method];
  if (typeof found !== 'function') throw new TypeError(`there is no method ${method}`);
  return Reflect.apply(found, target, args);
}

/** The machine's own verdict, if it has stopped. */
export function stopped(): Called | null {
  const { stop } = machine();
  return stop === null ? null : { kind: 'panic', panic: stop };
}

/** The outcome of a call whose value does not matter, or is turned into an outcome by `then`. */
export function outcomeOf(
  called: Called,
  then: (value: unknown) => Outcome = () => ({ kind: 'ok' }),
): Outcome {
  return called.kind === 'ok' ? then(called.value) : called;
}

/** A returned value by its type alone; never reads a property of an object. */
export function describeValue(value: unknown): Value {
  switch (typeof value) {
    case 'bigint':
      return value >= 0n && value < 1n << 64n
        ? { type: 'bigint', value: hexOf(value) }
        : {
            type: 'string',
            value: value < 0n ? 'a negative bigint' : 'a bigint of more than 64 bits',
          };
    case 'string':
      return { type: 'string', value: value.slice(0, 60) };
    case 'number':
    case 'boolean':
      return { type: typeof value, value: String(value) } as Value;
    case 'object':
      return value === null
        ? { type: 'null', value: 'null' }
        : { type: 'object', value: 'an object' };
    default:
      return { type: typeof value, value: typeof value } as Value;
  }
}

/** `0x…` of an unsigned value. */
export function hexOf(value: bigint | number): Hex {
  return hex(value) as Hex;
}

/** Something thrown that is no error of the interface: message and stack, read only as own data properties. */
export function describeThrown(thrown: unknown): Panic {
  if (typeof thrown !== 'object' || thrown === null) {
    const shown =
      typeof thrown === 'string'
        ? JSON.stringify(thrown.slice(0, 200))
        : describeValue(thrown).value;
    return { kind: 'exception', message: `threw ${shown} instead of an error`, stack: '' };
  }
  try {
    const stack = stackOf(thrown);
    const message = inOurWords(
      ownText(thrown, 'message') ?? 'threw an object that is not an error',
    );
    // Under lockdown the class of an error is an accessor, but the engine has written it into the first line of the stack.
    const name = /^([A-Za-z]*Error)\b/.exec(stack)?.[1] ?? ownText(thrown, 'name');
    return {
      kind: 'exception',
      message: name === undefined ? message : `${name}: ${message}`,
      stack,
    };
  } catch {
    return { kind: 'exception', message: 'threw an object that cannot be looked at', stack: '' };
  }
}

function ownText(object: unknown, key: string, most = 500): string | undefined {
  if (typeof object !== 'object' || object === null) return undefined;
  const value: unknown = getOwnPropertyDescriptor(object, key)?.value;
  return typeof value === 'string' ? value.slice(0, most) : undefined;
}

const sampleStack = stackGetter(new Error('sample'));

/** The engine's stack text; on newer engines `stack` is an accessor, which is called only if it is the engine's own. */
function stackOf(error: object): string {
  const own = ownText(error, 'stack', 8000);
  if (own !== undefined) return own;
  const getter = stackGetter(error);
  if (typeof getter !== 'function' || getter !== sampleStack) return '';
  const text: unknown = Reflect.apply(getter, error, []);
  return typeof text === 'string' ? text.slice(0, 8000) : '';
}

function stackGetter(error: object): unknown {
  const descriptor: { readonly get?: unknown } = getOwnPropertyDescriptor(error, 'stack') ?? {};
  return descriptor.get;
}
