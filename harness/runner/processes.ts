/** The confined processes that grading begins with. They take a while to get ready, so they are started before anything else is loaded. */
import { processors } from './processors.ts';
import { Sandbox } from '../sandbox/child-process.ts';
import { SubmissionCompiler } from '../sandbox/compile-process.ts';
import { type InterruptiblePlayer, TwinSandbox } from '../sandbox/twin-sandbox.ts';

export interface Processes {
  readonly compiler: SubmissionCompiler;
  readonly sandbox: InterruptiblePlayer;
}

/** Starts them: for one submission, or for several, one after the other. Throws if their programs cannot be built. */
export function startProcesses(forSeveral: boolean): Processes {
  const compiler = new SubmissionCompiler();
  // The next submission gets a process that is ready; for a single one the work is better left undone.
  if (forSeveral) return { compiler, sandbox: new Sandbox({ spare: true }) };
  const hasProcessors = processors() > 1;
  return { compiler, sandbox: new (hasProcessors ? TwinSandbox : Sandbox)({ spare: false }) };
}

/** Starts them for one submission that is graded again and again: the next time, a process is ready. Throws as {@link startProcesses} does. */
export function startWarmProcesses(): Processes {
  const hasProcessors = processors() > 1;
  return {
    compiler: new SubmissionCompiler(),
    sandbox: new (hasProcessors ? TwinSandbox : Sandbox)({ spare: true }),
  };
}
