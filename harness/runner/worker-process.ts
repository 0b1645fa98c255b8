/** A grading process as the pool sees it: one job at a time, and an end that is told, never thrown. */
import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { SubmissionGrade } from '../scoring/grade.ts';
import type { GradingJob } from './worker-job.ts';

const ROOT = resolve(__dirname, '../..');
/** Milliseconds in which a process may end what it has started; then it is killed. */
const CLOSE_MS = 2_000;
const MOST_STDERR = 4_000;

/** How a process ended, and the last it wrote. */
export interface WorkerEnd {
  readonly how: string;
  readonly stderr: string;
}

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<WorkerEnd>;
  #alive = true;
  #stderr = '';

  /** Starts the process. What it says on its own never reaches the output of the command. */
  constructor() {
    this.#child = fork(join(__dirname, 'worker.ts'), {
      // ts-node looks for its settings from the working folder up.
      cwd: ROOT,
      execArgv: ['-r', createRequire(__filename).resolve('ts-node/register')],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-MOST_STDERR);
    });
    this.#ended = new Promise((settle) => {
      const end = (how: string): void => {
        this.#alive = false;
        settle({ how, stderr: this.#stderr });
      };
      this.#child.on('error', (error) => end(error.message));
      // Not 'close': that one never comes after a disconnect() of ours.
      this.#child.once('exit', (code, signal) => {
        const how = signal ?? `exit code ${String(code)}`;
        if (this.#child.stderr?.closed !== false) end(how);
        else this.#child.stderr.once('close', () => end(how));
      });
    });
  }

  /** Whether it can still be given a job, as far as is known. */
  get alive(): boolean {
    return this.#alive;
  }

  /** The grade, or how the process ended before there was one. */
  grade(job: GradingJob): Promise<SubmissionGrade | WorkerEnd> {
    const answer = new Promise<SubmissionGrade>((settle) => {
      this.#child.once('message', (grade) => settle(grade as SubmissionGrade));
    });
    // A job that cannot be sent has no reader any more; that it is gone is told by 'close'.
    this.#child.send(job, () => undefined);
    return Promise.race([answer, this.#ended]);
  }

  /** Ends the process, whatever it is doing, and resolves when it is gone. */
  async end(): Promise<void> {
    if (!this.#alive) return;
    // It takes this as its sign to end the processes it has started itself.
    if (this.#child.connected) this.#child.disconnect();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_MS);
    await this.#ended;
    clearTimeout(kill);
  }
}
