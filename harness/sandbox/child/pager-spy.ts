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

/** The spy for `pager`. To student code it behaves like the pager itself, with fields and methods that are in no interface, too. */
export function spyOn(world: World, pager: Student): object {
  const call = (name: string, method: unknown, args: readonly unknown[]): unknown => {
    const described = args.filter((arg) => !isPageTable(world, arg)).map((arg) => told(world, arg));
    const note = (answer: PagerCall['answer']): void => {
      if (world.asked.length === KEPT) world.asked.splice(KEPT / 2, 1);
      world.asked.push({ call: name, args: described, answer });
    };
    let value: unknown;
    try {
      value = Reflect.apply(method as () => unknown, pager, args);
    } catch (thrown) {
      note({ type: 'thrown', value: errorName(thrown) ?? 'an exception' });
      throw thrown;
    }
    note(describeValue(value));
    return value;
  };
  // The target is an empty object and not the pager: a proxy may not say anything else than a frozen target does.
  return new Proxy(
    {},
    {
      get(_, key) {
        const found: unknown = (pager as Record<PropertyKey, unknown>)[key];
        if (typeof found !== 'function') return found;
        if (!WATCHED.has(key))
          return (...args: unknown[]): unknown => Reflect.apply(found, pager, args);
        return (...args: unknown[]): unknown => call(key as string, found, args);
      },
      set: (_, key, value) => Reflect.set(pager, key, value),
      has: (_, key) => Reflect.has(pager, key),
      getPrototypeOf: () => Reflect.getPrototypeOf(pager),
    },
  );
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
