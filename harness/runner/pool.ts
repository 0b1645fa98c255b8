/**
 * Several submissions side by side, each graded in one of a few processes that are reused. A process that dies takes down the submission it was
 * at and nothing else.
 *
 * The package `workerpool` does not fit: it ends a process with SIGTERM at most, goes on using one that died while idle, and shares the
 * command's output with all of them.
 */
import type { SubmissionGrade } from '../scoring/grade.ts';
import type { GradingJob } from './worker-job.ts';
import { type WorkerEnd, WorkerProcess } from './worker-process.ts';

const MOST_ATTEMPTS = 2;

/** The processes that graded a submission died. Never the submission's fault. The first line is for everybody, the rest for details. */
class WorkerDied extends Error {
  override readonly name = 'WorkerDied';

  constructor({ how, stderr }: WorkerEnd) {
    super(`the process that graded it died, and so did the next (${how})\n${stderr}`.trimEnd());
  }
}

interface Task {
  readonly job: GradingJob;
  readonly settle: (grade: SubmissionGrade) => void;
  readonly fail: (error: WorkerDied) => void;
}

export class GradingPool {
  readonly #tasks: Task[] = [];
  /** Lanes that wait for a task. */
  readonly #idle: ((task: Task) => void)[] = [];
  readonly #workers: WorkerProcess[];
  #closed = false;

  /** Starts `size` processes at once. */
  constructor(size: number) {
    this.#workers = Array.from({ length: size }, () => new WorkerProcess());
    for (const lane of this.#workers.keys()) void this.#work(lane);
  }

  /**
   * Grades one submission, first come, first served. If the process dies, a fresh one tries once more; rejects if
   * that one dies too, with what is known of it. Never settles once the pool is closed.
   */
  grade(job: GradingJob): Promise<SubmissionGrade> {
    return new Promise((settle, fail) => {
      const task = { job, settle, fail };
      const lane = this.#idle.shift();
      if (lane === undefined) this.#tasks.push(task);
      else lane(task);
    });
  }

  /** Ends all processes, whatever they are doing, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  /** One lane: a process, or the one that took its place, with one task after the other. */
  async #work(lane: number): Promise<void> {
    for (;;) {
      const task =
        this.#tasks.shift() ?? (await new Promise<Task>((give) => this.#idle.push(give)));
      await this.#attempt(lane, task);
    }
  }

  async #attempt(lane: number, { job, settle, fail }: Task): Promise<void> {
    let end: WorkerEnd | null = null;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      // Whoever closed the pool waits for no answer.
      if (this.#isClosed()) return;
      const answer = await this.#worker(lane).grade(job);
      if ('outcome' in answer) {
        settle(answer);
        return;
      }
      end = answer;
    }
    if (end !== null && !this.#isClosed()) fail(new WorkerDied(end));
  }

  /** The process of a lane; a fresh one if it is gone. */
  #worker(lane: number): WorkerProcess {
    const worker = this.#workers[lane];
    if (worker?.alive === true) return worker;
    const fresh = new WorkerProcess();
    this.#workers[lane] = fresh;
    return fresh;
  }

  /** Asked anew after each wait. */
  #isClosed(): boolean {
    return this.#closed;
  }
}
