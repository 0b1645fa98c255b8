/** The confined processes that grading begins with. They take a while to get ready, so they are started before anything else is loaded. */
import { Sandbox } from '../sandbox/child-process.ts';
import { SubmissionCompiler } from '../sandbox/compile-process.ts';

export interface Processes {
  readonly compiler: SubmissionCompiler;
  readonly sandbox: Sandbox;
}

/** Starts them: for one submission, or for several, one after the other. Throws if their programs cannot be built. */
export function startProcesses(forSeveral: boolean): Processes {
  // The next submission gets a process that is ready; for a single one the work is better left undone.
  return { compiler: new SubmissionCompiler(), sandbox: new Sandbox({ spare: forSeveral }) };
}
