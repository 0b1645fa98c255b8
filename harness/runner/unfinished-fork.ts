/** Students write the lazy pager before copy-on-write: a fork.ts that is not written yet must not cost them points there. */
import { processProgram } from '../generators/process-scenario.ts';
import type { Subject } from './session/session.ts';

/** A write to a loaded read-only page asks fork.ts whether it is a matter of copy-on-write. */
const QUESTION = processProgram((p) => {
  p.spawn();
  p.mmap(0xa000, 0x1000, 'ru');
  p.read(0xa000);
  p.write(0xa000, 1);
});

/** Whether copy-on-write ends in a `todo` of the template. */
export async function isForkUnfinished({ sandbox, mapper }: Subject): Promise<boolean> {
  const run = await sandbox.run(QUESTION, { recordSites: false, wallMs: 3_000 });
  if (run.kind === 'died') return false;
  const outcome = run.trace.steps.at(-1)?.outcome;
  if (outcome?.kind !== 'panic' || outcome.panic.kind !== 'todo') return false;
  return mapper.locations(outcome.panic.stack)[0]?.file === 'fork.ts';
}
