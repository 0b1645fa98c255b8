/** The confined processes that grading begins with. They take a while to get ready, so they are started before anything else is loaded. */
import '../sandbox/tier-up.ts';
import { processors } from './processors.ts';
import { Sandbox } from '../sandbox/child-process.ts';
import { SubmissionCompiler } from '../sandbox/compile-process.ts';
import { type InterruptiblePlayer, TwinSandbox } from '../sandbox/twin-sandbox.ts';

export interface Processes {
  readonly compiler: SubmissionCompiler;
  readonly sandbox: InterruptiblePlayer;
}

let ahead: Processes | null = null;

/** Starts those for one submission, for {@link startProcesses} to take over. Whoever learns that there will be several calls {@link dropAhead}. */
export function startAhead(): void {
  try {
    ahead ??= startProcesses(false);
  } catch {
    // Whoever needs them tries again, and is told.
  }
}

/** Ends what {@link startAhead} has started, if nobody has taken it over. */
export async function dropAhead(): Promise<void> {
  const processes = ahead;
  ahead = null;
  await Promise.all([processes?.compiler.close(), processes?.sandbox.close()]);
}

/** Starts them: for one submission, or for several, one after the other. Throws if their programs cannot be built. */
export function startProcesses(forSeveral: boolean): Processes {
  if (!forSeveral && ahead !== null) {
    const processes = ahead;
    ahead = null;
    return processes;
  }
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
