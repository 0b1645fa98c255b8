/**
 * The machine that calls to `keos` go to. The `keos` values are made once and frozen; each program runs on a machine of its own.
 */
import { Machine } from '../machine.ts';

let active = new Machine();

/** The machine in use. */
export function machine(): Machine {
  return active;
}

/** Makes `next` the machine in use. */
export function activate(next: Machine): void {
  active = next;
}

/** Ends the call in progress because the student's kernel misused the machine. */
export function panic(message: string, about: 'frames' | 'invalidation' | 'call' = 'call'): never {
  return active.panic(message, about);
}

/** Ends the call in progress by throwing `error` at the student. */
export function raise(error: unknown): never {
  return active.raise(error);
}
