/** Students write the lazy pager before copy-on-write: a fork.ts that is not written yet must not cost them points there. */
import { processProgram } from '../generators/process-scenario.ts';
import type { Program } from '../protocol/program.ts';
import type { Subject } from './session/subject.ts';

/** A present page and a write: the fault handler asks fork.ts whether it is a matter of copy-on-write, whatever else is written yet. */
const QUESTION = processProgram((p) => {
  p.spawn();
  p.fault(0xa000, 7);
});

/** The same in a region that forbids it, for those who have written the pager. */
const IN_A_REGION = processProgram((p) => {
  p.spawn();
  p.mmap(0xa000, 0x1000, 'r');
  p.read(0xa000);
  p.fault(0xa000, 7);
});

/** Whether copy-on-write ends in a `todo` of the template: not only where there is no region, and never in another answer. */
export async function isForkUnfinished(subject: Subject): Promise<boolean> {
  if ((await answerTo(QUESTION, subject)) !== 'todo') return false;
  return (await answerTo(IN_A_REGION, subject)) !== 'another';
}

/** What fork.ts makes of the fault that ends a program; `none` if the program does not come that far. */
async function answerTo(
  program: Program,
  { sandbox, mapper }: Subject,
): Promise<'todo' | 'another' | 'none'> {
  const run = await sandbox.run(program, { recordSites: false, wallMs: 3_000 });
  if (run.kind === 'died') return 'another';
  const { steps } = run.trace;
  const outcome = steps[program.ops.length - 1]?.outcome;
  const isReached = outcome !== undefined && outcome.kind !== 'skipped';
  if (!isReached) return 'none';
  if (outcome.kind !== 'panic' || outcome.panic.kind !== 'todo') return 'another';
  return mapper.locations(outcome.panic.stack)[0]?.file === 'fork.ts' ? 'todo' : 'another';
}
