/** Where submissions are graded: one in this process, told check by check; several in processes of their own, side by side. */
import type { GradeListener } from '../runner/grading.ts';
import type { GradingJob } from '../runner/worker-job.ts';
import type { SubmissionGrade } from '../scoring/grade.ts';

export interface Graders {
  /** Rejects only if grading processes die. */
  grade(job: GradingJob): Promise<SubmissionGrade>;
  /** Ends everything, and resolves when it is gone. */
  close(): Promise<void>;
}

/** Starts what is needed for `count` submissions on `jobs` processes. */
export async function startGraders(
  count: number,
  jobs: number,
  listener: GradeListener,
): Promise<Graders> {
  const { dropAhead, startProcesses } = await import('../runner/processes.ts');
  if (count > 1) {
    await dropAhead();
    const { GradingPool } = await import('../runner/pool.ts');
    return new GradingPool(Math.min(count, jobs));
  }
  const processes = startProcesses(false);
  const { Grader } = await import('../runner/grade-submission.ts');
  const { gradeOptions } = await import('../runner/worker-job.ts');
  const grader = new Grader(processes);
  return {
    grade: (job) => grader.grade(job.submission, gradeOptions(job), listener),
    close: () => grader.close(),
  };
}
