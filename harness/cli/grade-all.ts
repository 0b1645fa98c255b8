/** Many grading jobs side by side in processes of their own, with their progress shown: for commands that prove the suites. */
import { GradingPool } from '../runner/pool.ts';
import type { GradingJob } from '../runner/worker-job.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';
import { Interruption } from './interruption.ts';
import { Progress } from './progress.ts';
import type { Screen } from './screen.ts';

/** A job, and what it is called while one waits for it. */
export interface NamedJob {
  readonly name: string;
  readonly job: GradingJob;
}

/**
 * Grades all of them on up to `processes` processes. The answers are in the order of the jobs; an `Error` stands for a job whose process died.
 * `null` if the command was interrupted.
 */
export async function gradeAll(
  jobs: readonly NamedJob[],
  processes: number,
  headline: string,
  screen: Screen,
): Promise<readonly (SubmissionGrade | Error)[] | null> {
  const count = Math.min(jobs.length, processes);
  const interruption = new Interruption();
  const pool = new GradingPool(count);
  const progress = new Progress(screen, jobs.length, count, false);
  screen.onHangUp = () => interruption.request();
  try {
    progress.begin(headline);
    const work = Promise.all(
      jobs.map(async ({ name, job }) => {
        progress.started(name);
        const answer = await pool.grade(job).catch((error: unknown) => error as Error);
        const isLost = answer instanceof Error;
        const ms = isLost ? null : answer.diagnostics.durationMs;
        if (!interruption.isRequested)
          progress.finished({ name, ms, trouble: isLost ? 'lost' : null });
        return answer;
      }),
    );
    const answers = await Promise.race([work, interruption.requested]);
    return answers ?? null;
  } finally {
    progress.end();
    await pool.close();
    interruption.end();
  }
}
