/** Students write the lazy pager before copy-on-write: a fork.ts that is not written yet must not cost them points there. */
import { processProgram } from '../generators/process-scenario.ts';
import type { Subject } from './session/session.ts';

/** A present page and a write: the fault handler asks fork.ts whether it is a matter of copy-on-write, whatever else is written yet. */
const QUESTION = processProgram((p) => {
  p.spawn();
  p.fault(0xa000, 7);
});

/** Whether copy-on-write ends in a `todo` of the template. */
export async function isForkUnfinished({ sandbox, mapper }: Subject): Promise<boolean> {
  const run = await sandbox.run(QUESTION, { recordSites: false, wallMs: 3_000 });
  if (run.kind === 'died') return false;
  const outcome = run.trace.steps.at(-1)?.outcome;
  if (outcome?.kind !== 'panic' || outcome.panic.kind !== 'todo') return false;
  return mapper.locations(outcome.panic.stack)[0]?.file === 'fork.ts';
}
