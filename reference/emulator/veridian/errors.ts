/** The errors of `veridian`: frozen values made by the factories and recognised by having been made here. */
import type * as veridian from '../../contract/veridian.ts';
import { machine, panic } from '../keos/active-machine.ts';
import { integer, show, u64 } from '../keos/checks.ts';
import { hex } from '../../x86/address.ts';

type Factories = typeof veridian.KernelError;
type Kind = keyof Factories;

/** How many characters of a text in an error are kept. */
const MOST_TEXT = 60;

/** Every error that was made, and how it is written. */
const TEXTS = new WeakMap<object, string>();

/** Takes the value of field `name` as it is declared, or panics. */
type Reader = (call: string, name: string, value: unknown) => bigint | number | string;

const address: Reader = (call, name, value) => u64(call, `the field ${name}`, value);
const count: Reader = (call, name, value) =>
  integer(call, `the field ${name}`, value, 0, 2 ** 32 - 1);
const text: Reader = (call, name, value) =>
  typeof value === 'string'
    ? value.slice(0, MOST_TEXT)
    : panic(`${call}: the field ${name} is ${show(value)}, not a string`);

const FIELDS: Readonly<Record<Kind, Readonly<Record<string, Reader>>>> = {
  OutOfMemory: { requested: address, available: address },
  InvalidAddress: { addr: address },
  UnmappedMemory: { addr: address },
  NotInitialized: { subsystem: text },
  InvalidArgument: { name: text, value: text },
  PermissionDenied: { operation: text },
  AlreadyExists: { resource: text, id: address },
  NotFound: { resource: text, id: address },
  HardwareError: { device: text, code: count },
  NotImplemented: { feature: text },
};

function factory<K extends Kind>(kind: K): Factories[K] {
  const make = (fields: unknown): veridian.KernelError => {
    // Read before the call begins: a field may be a getter, which is code of the caller.
    const given = Object.keys(FIELDS[kind]).map((name): [string, unknown] => [
      name,
      typeof fields === 'object' && fields !== null
        ? (fields as Record<string, unknown>)[name]
        : undefined,
    ]);
    machine().enter();
    const checked = given.map(([name, value]): [string, bigint | number | string] => [
      name,
      FIELDS[kind][name]!(`KernelError.${kind}`, name, value),
    ]);
    const error = made(`KernelError.${kind} { ${checked.map(fieldText).join(', ')} }`, {
      kind,
      ...Object.fromEntries(checked),
    });
    machine().leave();
    return error as veridian.KernelError;
  };
  return make;
}

function fieldText([name, value]: [string, bigint | number | string]): string {
  const shown =
    typeof value === 'bigint'
      ? hex(value)
      : typeof value === 'string'
        ? JSON.stringify(value)
        : String(value);
  return `${name}: ${shown}`;
}

function made(written: string, fields: object): object {
  const error = Object.freeze({ ...fields, toString: Object.freeze(() => written) });
  TEXTS.set(error, written);
  return error;
}

export const KernelError: Factories = Object.freeze({
  OutOfMemory: factory('OutOfMemory'),
  InvalidAddress: factory('InvalidAddress'),
  UnmappedMemory: factory('UnmappedMemory'),
  NotInitialized: factory('NotInitialized'),
  InvalidArgument: factory('InvalidArgument'),
  PermissionDenied: factory('PermissionDenied'),
  AlreadyExists: factory('AlreadyExists'),
  NotFound: factory('NotFound'),
  HardwareError: factory('HardwareError'),
  NotImplemented: factory('NotImplemented'),
});

export const FrameAllocatorError: typeof veridian.FrameAllocatorError = Object.freeze({
  OutOfMemory: made('FrameAllocatorError.OutOfMemory', {
    name: 'OutOfMemory',
  }) as veridian.FrameAllocatorError,
});

/** How one of the errors of `veridian` is written, `KernelError.UnmappedMemory { addr: 0x1234 }`; `undefined` for any other value. */
export function errorText(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? TEXTS.get(error) : undefined;
}

/** See `attempt` in the contract. */
export function attempt<T>(f: () => T): veridian.Result<T> {
  try {
    return { ok: true, value: f() };
  } catch (error) {
    if (machine().stop === null && errorText(error) !== undefined) {
      return { ok: false, error: error as veridian.KernelError | veridian.FrameAllocatorError };
    }
    throw error;
  }
}
