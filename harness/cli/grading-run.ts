/** Submissions on their way: read, graded or taken from what is kept, printed and written, several side by side. */
import type { Source } from '../intake/source.ts';
import { readSubmission } from '../intake/read-submission.ts';
import { isRejection, type Rejection, type Submission } from '../intake/submission.ts';
import type { GradingJob } from '../runner/worker-job.ts';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import { hasTrouble } from '../scoring/trouble.ts';
import { checkLine } from './check-line.ts';
import { OutputError } from './errors.ts';
import type { ExitCode } from './exit-codes.ts';
import type { GradeCommandOptions } from './grade-options.ts';
import { type Graders, startGraders } from './graders.ts';
import { handedIn, jobOf } from './handed-in.ts';
import { Interruption } from './interruption.ts';
import { lastWords } from './last-words.ts';
import type { GradeOutput } from './grade-output.ts';
import { headline, Progress } from './progress.ts';
import { lacking } from './required-layers.ts';
import type { ResultCache } from './result-cache.ts';
import type { ResultKey } from './result-key.ts';
import { Rows } from './rows.ts';
import type { Screen } from './screen.ts';
import { failedOn, troubleDetails, troubleOf, ungraded } from './ungraded.ts';

/** Submissions read while all processes are busy, so that none has to wait for the next. */
const READ_AHEAD = 1;

/** One submission that is done. */
interface Done {
  readonly grade: SubmissionGrade;
  readonly key: ResultKey | null;
  /** Whether the result was there. */
  readonly isKept: boolean;
}

export class GradingRun {
  readonly #sources: readonly Source[];
  readonly #options: GradeCommandOptions;
  readonly #output: GradeOutput | null;
  readonly #screen: Screen;
  readonly #progress: Progress;
  readonly #rows: Rows;
  readonly #interruption = new Interruption();
  #graders: Promise<Graders> | null = null;
  #kept: ResultCache | null = null;
  #outputFailed = false;
  #next = 0;

  constructor(
    sources: readonly Source[],
    options: GradeCommandOptions,
    output: GradeOutput | null,
    screen: Screen,
  ) {
    this.#sources = sources;
    this.#options = options;
    this.#output = output;
    this.#screen = screen;
    this.#progress = new Progress(screen, sources.length, options.jobs, options.detail === 'quiet');
    this.#rows = new Rows(
      sources.map(({ id }) => id),
      options,
      screen,
    );
    // Nobody reads what is printed: without files there is nothing left to do.
    screen.onHangUp = () => {
      if (output === null) this.#interruption.request();
    };
  }

  async run(): Promise<ExitCode> {
    try {
      // First of all: while the processes come up, names are looked up and the first submissions read.
      if (!this.#options.resume) this.#start().catch(() => undefined);
      await this.#requireSelection();
      this.#rows.begin();
      this.#progress.begin(headline(this.#sources, this.#options));
      await this.#write((output) => output.nameSubmitters(this.#sources));
      const lanes = Math.min(this.#sources.length, this.#options.jobs + READ_AHEAD);
      const work = Promise.all(Array.from({ length: lanes }, () => this.#lane()));
      await Promise.race([work, this.#interruption.requested]);
    } finally {
      this.#progress.end();
      await this.#graders?.then((graders) => graders.close()).catch(() => undefined);
      this.#interruption.end();
    }
    return this.#finish();
  }

  #start(): Promise<Graders> {
    this.#graders ??= startGraders(this.#sources.length, this.#options.jobs, {
      onResult: (assignment, result) => this.#checked(assignment, result),
    });
    return this.#graders;
  }

  async #requireSelection(): Promise<void> {
    const { assignments, only } = this.#options.job;
    if (assignments === null && only === null) return;
    const { assignmentsNamed, requireChecks } = await import('./selection.ts');
    const named = assignmentsNamed(assignments);
    if (only !== null) requireChecks(only, named);
  }

  /** Takes one submission after the other until there are none. */
  async #lane(): Promise<void> {
    while (!this.#interruption.isRequested) {
      const index = this.#next++;
      const source = this.#sources[index];
      if (source === undefined) return;
      await this.#submission(index, source);
    }
  }

  async #submission(index: number, source: Source): Promise<void> {
    const { grade, key, isKept } = await this.#result(source);
    // What an interruption has cut short is no result.
    if (this.#interruption.isRequested) return;
    await this.#write((output) => output.save(grade, hasTrouble(grade) ? null : key));
    if (this.#options.detail === 'verbose') {
      for (const text of troubleDetails(grade, this.#screen.audience))
        this.#screen.note(`${source.id}: ${text}`);
    }
    this.#progress.finished({
      name: source.id,
      ms: isKept || grade.outcome !== 'graded' ? null : grade.diagnostics.durationMs,
      trouble: troubleOf(grade),
    });
    this.#rows.add(index, grade);
  }

  async #result(source: Source): Promise<Done> {
    const { job: options } = this.#options;
    const without = (grade: SubmissionGrade): Done => ({ grade, key: null, isKept: false });
    let submission: Submission | Rejection;
    try {
      submission = await readSubmission(source);
    } catch (error) {
      return without(failedOn(source.id, 'it could not be read: ', error, options));
    }
    this.#tellProvenance(submission);
    if (isRejection(submission))
      return without(ungraded(source.id, submission.outcome, submission.reason, options));
    const job = jobOf(submission, options);
    const grade = (): Promise<SubmissionGrade> => this.#grade(job, source.id);
    const cache = await this.#cache();
    if (cache === null) return without(handedIn(await grade(), submission));
    const { resultKey } = await import('./result-key.ts');
    const key = resultKey(job);
    const found = await cache.get(key, grade);
    return { grade: handedIn(found.grade, submission), key, isKept: found.isKept };
  }

  /** Loaded on first need: most runs write no files. */
  async #cache(): Promise<ResultCache | null> {
    const path = this.#options.cache ?? this.#output?.cache ?? null;
    if (path === null) return null;
    const { ResultCache } = await import('./result-cache.ts');
    return (this.#kept ??= new ResultCache(path, {
      isTrusted: this.#options.resume,
      isGood: (grade) =>
        !hasTrouble(grade) &&
        grade.diagnostics.timeWasUp !== true &&
        lacking(this.#options.requiredLayers, grade) === undefined,
      onFailure: (error) => this.#failedToWrite(error),
    }));
  }

  #tellProvenance(submission: Submission | Rejection): void {
    if (isRejection(submission) || this.#options.detail === 'quiet') return;
    for (const text of submission.provenance) this.#screen.note(`${submission.id}: ${text}`);
  }

  async #grade(job: GradingJob, id: string): Promise<SubmissionGrade> {
    this.#progress.started(id);
    try {
      const graders = await this.#start();
      const grade = await graders.grade(job);
      const lost = lacking(this.#options.requiredLayers, grade);
      return lost === undefined
        ? grade
        : failedOn(id, '', `the layer ${lost} is required and was not up`, job.options);
    } catch (error) {
      return failedOn(id, '', error, job.options);
    }
  }

  #checked(assignment: string, result: CheckResult): void {
    if (this.#interruption.isRequested) return;
    this.#progress.checked(assignment, result);
    const { detail } = this.#options;
    const isSecret = result.visibility === 'hidden' && this.#screen.audience === 'student';
    if (detail === 'verbose' && !isSecret) this.#screen.note(checkLine(result, this.#screen));
  }

  /** Trouble with the output folder is told and costs the exit code; the rest is graded all the same. */
  async #write(write: (output: GradeOutput) => Promise<void>): Promise<void> {
    if (this.#output === null) return;
    try {
      await write(this.#output);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      this.#failedToWrite(error);
    }
  }

  #failedToWrite(error: OutputError): void {
    this.#outputFailed = true;
    this.#screen.note(this.#screen.noteColors.red(error.message));
  }

  async #finish(): Promise<ExitCode> {
    this.#rows.end();
    const { done } = this.#rows;
    let kept = 0;
    await this.#write(async (output) => {
      kept = await output.summarise(done.map(({ summary }) => summary));
    });
    const ending = {
      done,
      count: this.#sources.length,
      interrupted: this.#interruption.isRequested,
      outputFailed: this.#outputFailed,
      kept,
    };
    return lastWords(ending, this.#options, this.#screen);
  }
}
