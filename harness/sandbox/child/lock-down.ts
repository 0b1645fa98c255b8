/**
 * Turns this process into one that can hold untrusted code: no more modules, all intrinsics frozen. Call once, after everything
 * trusted has been imported.
 */
import * as nodeModule from 'node:module';
import { showOwnStacksOnly } from './own-stacks.ts';

/** Frames in the stack of an error: enough to reach from a machine call through deep student code to the driver. */
const STACK_FRAMES = 50;

/** Freezes the realm. See the comments for what each setting is needed for. */
export function lockDown(): void {
  Error.stackTraceLimit = STACK_FRAMES;
  refuseModules();
  lockdown({
    // Keeps `stack` as text on the error, without giving student code any power over how it is made.
    errorTaming: 'unsafe',
    stackFiltering: 'verbose',
    // Assigning `name`, `toString`, `constructor`, … on one's own objects works as everywhere else.
    overrideTaming: 'severe',
    evalTaming: 'safe-eval',
    localeTaming: 'safe',
    consoleTaming: 'unsafe',
    domainTaming: 'unsafe',
    errorTrapping: 'none',
    unhandledRejectionTrapping: 'none',
    reporting: 'none',
  });
  showOwnStacksOnly();
}

/** SES looks for `import(` in texts, but syntax can outrun it (`import.source(`): nothing resolves any more, however it is asked for. */
function refuseModules(): void {
  const { registerHooks } = nodeModule as {
    registerHooks?: (hooks: { resolve: (specifier: string) => never }) => void;
  };
  registerHooks?.({
    resolve() {
      throw new Error('no module may be loaded');
    },
  });
}
