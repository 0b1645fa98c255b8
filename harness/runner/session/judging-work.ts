/** What it takes to judge a trace, as a count that is the same on every machine. */
import type { Trace } from '../../protocol/trace.ts';

/** Leaves, facts and leaks that the trace tells of, times its operations: after each of them the judge looks at all that are present. */
export function judgingWork({ steps, teardown }: Trace): number {
  let told = teardown?.leaks.length ?? 0;
  for (const { spaces, facts } of steps) {
    told += facts.length;
    for (const change of Object.values(spaces))
      if (change !== null) told += 'gone' in change ? change.leaves.length : change.length;
  }
  return told * steps.length;
}
