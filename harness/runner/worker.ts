/** A grading process of the pool: one grader, reused for one submission after the other, until its parent hangs up. */
import { Grader } from './grade-submission.ts';
import { type GradingJob, gradeOptions } from './worker-job.ts';

// Ctrl-C at a terminal reaches this process too. What becomes of it is for the parent to decide.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const grader = new Grader();

process.on('message', (job) => {
  void grader
    .grade((job as GradingJob).submission, gradeOptions(job as GradingJob))
    .then((grade) => process.send?.(grade));
});

// Also when the parent was killed: nothing of ours outlives it.
process.on('disconnect', () => {
  void grader.close().finally(() => process.exit());
});
