/** How a call that a test makes into the machine ends. */
import { machine } from '../keos/active-machine.ts';
import { KernelPanic, type Stop } from '../kernel-panic.ts';

/** What `body` throws. */
export function thrownBy(body: () => unknown): unknown {
  try {
    body();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

/** Why the machine in use stopped in `body`, which must end in a `KernelPanic` that says the same. */
export function stopBy(body: () => unknown): Stop {
  const thrown = thrownBy(body);
  const { stop } = machine();
  if (!(thrown instanceof KernelPanic) || stop?.message !== thrown.message) throw thrown;
  return stop;
}

/** Message of the panic that `body` ends in. */
export function panicOf(body: () => unknown): string {
  const { kind, message } = stopBy(body);
  return kind === 'panic' ? message : `${kind}: ${message}`;
}
