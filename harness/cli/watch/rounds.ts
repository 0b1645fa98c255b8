/** One submission graded again and again, by processes that stay ready. The latest text counts: a round that is overtaken is given up. */
import type { Submission } from '../../intake/submission.ts';
import { Grader } from '../../runner/grade-submission.ts';
import type { GradeListener } from '../../runner/grading.ts';
import { startWarmProcesses } from '../../runner/processes.ts';
import { gradeOptions, type JobOptions } from '../../runner/worker-job.ts';
import type { SubmissionGrade } from '../../scoring/grade.ts';
import { hasTrouble } from '../../scoring/trouble.ts';
import { failedOn } from '../ungraded.ts';
import { carriedOver } from './carried-over.ts';
import { firstLooks } from './first-looks.ts';

export class Rounds {
  readonly #options: JobOptions;
  #grader: Grader | null = null;
  #control: AbortController | null = null;
  /** One round at a time: done with the one before. */
  #turn: Promise<void> = Promise.resolve();
  #last: SubmissionGrade | null = null;
  #isClosed = false;

  constructor(options: JobOptions) {
    this.#options = options;
  }

  /** What the next round is held against: the last one that came to its end without trouble of ours, as {@link carriedOver} has it. */
  get last(): SubmissionGrade | null {
    return this.#last;
  }

  /** Starts the processes, if they are not there; those that cannot be started are missed by the next round only. */
  start(): void {
    try {
      this.#ready();
    } catch {
      // The round says it.
    }
  }

  /**
   * Grades `submission` and gives up the round before, if it is not done. What failed the last time is looked at first; the grade is the one that
   * `grade` gives. `null`: this round was given up, and its listener is told nothing more. Never rejects.
   */
  async grade(submission: Submission, listener: GradeListener): Promise<SubmissionGrade | null> {
    this.cancel();
    const control = new AbortController();
    this.#control = control;
    const round = this.#turn.then(() => this.#round(submission, listener, control.signal));
    this.#turn = round.then(() => undefined);
    return round;
  }

  /** Gives up the round that is under way, if there is one. */
  cancel(): void {
    this.#control?.abort(new Error('overtaken'));
  }

  /** Ends everything, and resolves when it is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.cancel();
    // A round waits for processes, and these do not come to an end by themselves.
    await Promise.all([this.#grader?.close(), this.#turn]);
  }

  async #round(
    submission: Submission,
    listener: GradeListener,
    signal: AbortSignal,
  ): Promise<SubmissionGrade | null> {
    const job = { submission, options: this.#options };
    try {
      signal.throwIfAborted();
      const options = {
        ...gradeOptions(job),
        first: this.#last === null ? [] : firstLooks(this.#last),
        signal,
      };
      const grade = await this.#ready().grade(submission, options, until(signal, listener));
      if (signal.aborted) return null;
      if (hasTrouble(grade)) await this.#discard();
      else this.#last = carriedOver(grade, this.#last);
      return grade;
    } catch (error) {
      return signal.aborted ? null : failedOn(submission.id, '', error, this.#options);
    }
  }

  #ready(): Grader {
    if (this.#isClosed) throw new Error('nothing is graded any more');
    this.#grader ??= new Grader(startWarmProcesses());
    return this.#grader;
  }

  /** The next round begins with fresh processes. */
  async #discard(): Promise<void> {
    const grader = this.#grader;
    this.#grader = null;
    await grader?.close();
  }
}

/** Tells nothing once the signal is aborted. */
function until(
  signal: AbortSignal,
  { onProblems, onFirst, onResult }: GradeListener,
): GradeListener {
  const tell =
    <T extends readonly unknown[]>(listen: ((...told: T) => void) | undefined) =>
    (...told: T): void => {
      if (!signal.aborted) listen?.(...told);
    };
  return { onProblems: tell(onProblems), onFirst: tell(onFirst), onResult: tell(onResult) };
}
