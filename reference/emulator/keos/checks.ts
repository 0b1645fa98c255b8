/** Argument checks of the `keos` calls: a wrong argument panics, naming the call and the value. */
import { panic } from './active-machine.ts';

const U64 = 1n << 64n;

/** How a value of unknown type is shown in a message, without running any code of its own. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
    case 'number':
      return `${String(value)} (a number; bigint is needed: ${Number.isInteger(value) ? `${String(value)}n` : 'n suffix'})`;
    case 'string':
      return JSON.stringify(value.slice(0, 40));
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** A 64-bit unsigned value. */
export function u64(call: string, what: string, value: unknown): bigint {
  if (typeof value !== 'bigint' || value < 0n || value >= U64) {
    panic(`${call}: ${what} is ${show(value)}, not an unsigned 64-bit bigint`);
  }
  return value;
}

/** An integer `number` in `min`..`max`. */
export function integer(
  call: string,
  what: string,
  value: unknown,
  min: number,
  max: number,
): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    const seen = typeof value === 'number' ? String(value) : show(value);
    panic(`${call}: ${what} is ${seen}, not an integer from ${String(min)} to ${String(max)}`);
  }
  return value;
}
