/** Modules supplied where a submission lacks a file that its other files import. */
import { KernelError } from '../../../reference/emulator/keos/errors.ts';

/** Exports by path. Without `fork.ts` no fault is one of copy-on-write, and nothing can be forked. */
export function standIns(): ReadonlyMap<string, object> {
  const notSupported = (): never => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the errors of keos are frozen values, not instances of Error
    throw KernelError.NotSupportedOperation;
  };
  const fork = {
    isCowFault: () => false,
    doCopyOnWrite: notSupported,
    writeProtectPtes: notSupported,
  };
  return new Map<string, object>([
    ['fork.ts', asModule(fork)],
    // Holds interfaces only.
    ['pager.ts', asModule({})],
  ]);
}

function asModule(exports: object): object {
  return harden(Object.defineProperty(exports, '__esModule', { value: true }));
}
