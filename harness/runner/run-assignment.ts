/** Runs all checks of an assignment in a session: one mocha run. */
import type { CheckResult } from '../scoring/grade.ts';
import type { Assignment } from './assignments.ts';
import { enterSession } from './session/current-session.ts';
import type { Session } from './session/session.ts';

/** One mocha run at a time: checks find their session in one place. */
let turn: Promise<unknown> = Promise.resolve();

/** Runs the checks; the results are the session's, in the order of the suites. Once `signal` is aborted, no further one begins. */
export async function runAssignment(
  assignment: Assignment,
  session: Session,
  signal?: AbortSignal,
): Promise<readonly CheckResult[]> {
  const before = turn;
  let done = (): void => undefined;
  turn = new Promise<void>((resolve) => {
    done = resolve;
  });
  await before;
  enterSession(session);
  session.expectChecks(assignment.checks);
  try {
    await new Promise<void>((resolve) => {
      const runner = assignment.mocha.run(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      const abort = (): void => void runner.abort();
      signal?.addEventListener('abort', abort);
    });
  } finally {
    await session.player.finish();
    enterSession(null);
    done();
  }
  return [...session.results.values()];
}
