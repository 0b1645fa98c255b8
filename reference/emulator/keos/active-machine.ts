/**
 * The machine that calls to `keos` go to. The `keos` values are made once and frozen; each program runs on a machine of its own.
 */
import type { Frame } from '../frames.ts';
import type { PanicAbout } from '../kernel-panic.ts';
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

/** Ends the call in progress because the student's kernel misused the machine. `frame`: the one that it is about. */
export function panic(message: string, about: PanicAbout = 'call', frame?: Frame): never {
  return active.panic(message, about, frame);
}

/** Ends the call in progress by throwing `error` at the student. */
export function raise(error: unknown): never {
  return active.raise(error);
}
