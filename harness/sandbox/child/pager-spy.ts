/**
 * A pager that passes every call on to the student's own and takes notes: `MmStruct` stands between the caller and the pager, and only the notes tell
 * which of the two a wrong result comes from.
 */
import { errorName } from '../../../reference/emulator/keos/errors.ts';
import type { PagerCall, Value } from '../../protocol/trace.ts';
import { describeValue } from './student-call.ts';
import type { Student, World } from './world.ts';

const WATCHED: ReadonlySet<unknown> = new Set(['mmap', 'munmap', 'accessOk', 'getUserPage']);
/** Calls that are kept: with more, the first and the last of them. */
const KEPT = 40;

type Method = (...args: unknown[]) => unknown;

/**
 * The spy for `pager`. To student code it behaves like the pager itself, with fields and methods that are in no interface, too. What can tell it: its
 * identity (`===`, a `WeakMap` that has the pager), a private name read from outside, by a static method, and that it cannot be frozen. So nobody is charged
 * for what goes wrong with it and would not without: `runner/session/unwatched.ts`.
 */
export function spyOn(world: World, pager: Student): object {
  const standIns = new Map<PropertyKey, { readonly of: Method; readonly standIn: Method }>();
  const standInFor = (key: PropertyKey, found: Method): Method => {
    const known = standIns.get(key);
    if (known?.of === found) return known.standIn;
    // All but a call is the function's own: its name, its prototype, `new` if it is a class that the pager keeps in a field.
    const standIn = new Proxy(found, {
      apply: (_, self: unknown, args: unknown[]) => {
        // Private names are the pager's, not the spy's.
        const receiver = self === spy ? pager : self;
        return WATCHED.has(key)
          ? noted(world, key as string, () => Reflect.apply(found, receiver, args), args)
          : Reflect.apply(found, receiver, args);
      },
    });
    standIns.set(key, { of: found, standIn });
    return standIn;
  };
  // The target is an object of its own and not the pager: a proxy may not say anything else than a frozen target does.
  const spy: object = new Proxy(Object.create(Reflect.getPrototypeOf(pager)) as object, {
    get(_, key) {
      const found: unknown = (pager as Record<PropertyKey, unknown>)[key];
      return typeof found === 'function' && key !== 'constructor'
        ? standInFor(key, found as Method)
        : found;
    },
    set: (_, key, value) => Reflect.set(pager, key, value),
    has: (_, key) => Reflect.has(pager, key),
    deleteProperty: (_, key) => Reflect.deleteProperty(pager, key),
    ownKeys: () => Reflect.ownKeys(pager),
    getOwnPropertyDescriptor(_, key) {
      const found = Reflect.getOwnPropertyDescriptor(pager, key);
      return found === undefined ? undefined : { ...found, configurable: true };
    },
  });
  return spy;
}

/** Carries out a call of the pager and writes down what was asked and answered. */
function noted(
  world: World,
  call: string,
  carryOut: () => unknown,
  args: readonly unknown[],
): unknown {
  const described = args.filter((arg) => !isPageTable(world, arg)).map((arg) => told(world, arg));
  const note = (answer: PagerCall['answer']): void => {
    if (world.asked.length === KEPT) world.asked.splice(KEPT / 2, 1);
    world.asked.push({ call, args: described, answer });
  };
  let value: unknown;
  try {
    value = carryOut();
  } catch (thrown) {
    note({ type: 'thrown', value: errorName(thrown) ?? 'an exception' });
    throw thrown;
  }
  note(describeValue(value));
  return value;
}

function isPageTable(world: World, arg: unknown): boolean {
  for (const { pageTable } of world.processes.values()) if (arg === pageTable) return true;
  return false;
}

/** A file by its label, anything else by its type. */
function told(world: World, arg: unknown): Value {
  for (const [label, { handle }] of world.files)
    if (arg === handle) return { type: 'object', value: label };
  return describeValue(arg);
}
