/**
 * What a program comes to without the spy that stands between `MmStruct` and the pager (`child/pager-spy.ts`). A stand-in has another identity than what it
 * stands for, and no private names, so right code may fail because of it. Nothing is charged that was seen only while it looked on.
 */
import { endedByTheEngine } from '../../oracle/trace-difference.ts';
import { divergences, type Verdict } from '../../oracle/verdict.ts';
import type { Op, Program } from '../../protocol/program.ts';
import type { Step, Trace } from '../../protocol/trace.ts';

const SYSTEM_CALLS: ReadonlySet<string> = new Set<Op['op']>([
  'sys-mmap',
  'sys-munmap',
  'access-range',
]);

/** Whether a spy has looked on by the end of operation `step`, and may have changed what came of it. */
export function isWatchedBefore(program: Program, step: number): boolean {
  return program.ops.slice(0, step + 1).some(({ op }) => SYSTEM_CALLS.has(op));
}

/** Whether something is wrong that a spy may be to blame for. */
export function isDoubtful(program: Program, verdict: Verdict): boolean {
  if ((verdict.excused ?? []).length > 0) return isWatchedBefore(program, program.ops.length);
  return divergences(verdict).some(({ step }) => isWatchedBefore(program, step));
}

/**
 * The trace of the run that nobody watched, with the notes of the other one as far as the two went alike; `null` if they did so to the end: then the watched one
 * says all there is.
 */
export function withNotes(unwatched: Trace, watched: Trace): Trace | null {
  const parted = partedAt(watched, unwatched);
  if (parted === null) return null;
  const steps = unwatched.steps.map((step, index): Step => {
    const asked = index < parted ? watched.steps[index]?.asked : undefined;
    return asked === undefined ? step : { ...step, asked };
  });
  return { ...unwatched, steps };
}

/** The first step that came to something else, or `null`. */
function partedAt(watched: Trace, unwatched: Trace): number | null {
  for (const [index, step] of watched.steps.entries()) {
    const other = unwatched.steps[index];
    // How deep a recursion gets depends on the spy, that it has no end does not.
    if (endedByTheEngine(step.outcome) && endedByTheEngine(other?.outcome)) return null;
    if (other === undefined || bare(step) !== bare(other)) return index;
  }
  const isSame =
    watched.steps.length === unwatched.steps.length &&
    bare(watched.teardown) === bare(unwatched.teardown);
  return isSame ? null : watched.steps.length;
}

/** As text, without what differs only because a spy looked on: its notes, and where it is in a stack. */
function bare(part: Step | Trace['teardown']): string {
  return JSON.stringify(part, (key, value: unknown) =>
    key === 'asked' || key === 'stack' ? undefined : value,
  );
}
