/** `grade`: submissions in, reports out. */
import type { Source } from '../intake/source.ts';
import { readSubmission } from '../intake/read-submission.ts';
import { isRejection, type Rejection, type Submission } from '../intake/submission.ts';
import { isUp, type Layer } from '../runner/layer-names.ts';
import type { GradingJob } from '../runner/worker-job.ts';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import { checkLine } from './check-line.ts';
import type { CommandLine } from './command-line.ts';
import { OutputError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type GradeCommandOptions, readGradeOptions } from './grade-options.ts';
import { type Graders, startGraders } from './graders.ts';
import { Interruption } from './interruption.ts';
import { lastWords } from './last-words.ts';
import { openOutput } from './open-output.ts';
import type { OutputDirectory } from './output-directory.ts';
import { headline, Progress } from './progress.ts';
import { Rows } from './rows.ts';
import type { Screen } from './screen.ts';
import { missingPaths, sourcesOf } from './submission-paths.ts';
import { failedOn, hasTrouble, troubleDetails, ungraded } from './ungraded.ts';

/** Submissions read while all processes are busy, so that none has to wait for the next. */
const READ_AHEAD = 1;

/** Grades what the command line names. Throws, before anything is graded, if it makes no sense or the output folder cannot be used. */
export async function gradeCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const options = readGradeOptions(line);
  const sources = await sourcesOf(line.operands);
  for (const text of missingPaths(sources)) screen.note(screen.noteColors.yellow(text));
  if (!(await hasLayers(options.requiredLayers, screen))) return EXIT.trouble;
  const output = await openOutput(options, sources, screen);
  return new GradingRun(sources, options, output, screen).run();
}

class GradingRun {
  readonly #sources: readonly Source[];
  readonly #options: GradeCommandOptions;
  readonly #output: OutputDirectory | null;
  readonly #screen: Screen;
  readonly #progress: Progress;
  readonly #rows: Rows;
  readonly #interruption = new Interruption();
  #graders: Promise<Graders> | null = null;
  #outputFailed = false;
  #next = 0;

  constructor(
    sources: readonly Source[],
    options: GradeCommandOptions,
    output: OutputDirectory | null,
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
    const job = await this.#read(source);
    const key = 'outcome' in job || this.#output === null ? null : await keyOf(job);
    const kept = key !== null && this.#options.resume ? await this.#kept(source, key) : null;
    const grade = kept ?? ('outcome' in job ? job : await this.#grade(job));
    // What an interruption has cut short is no result.
    if (this.#interruption.isRequested) return;
    await this.#write((output) =>
      kept === null ? output.save(grade, hasTrouble(grade) ? null : key) : output.complete(kept),
    );
    if (this.#options.detail === 'verbose') {
      for (const text of troubleDetails(grade)) this.#screen.note(`${source.id}: ${text}`);
    }
    this.#progress.finished(source.id, kept === null ? grade.diagnostics.durationMs : null);
    this.#rows.add(index, grade);
  }

  async #kept({ id }: Source, key: string): Promise<SubmissionGrade | null> {
    return (await this.#output?.reusable(id, key)) ?? null;
  }

  /** What is to be graded, or the row of a submission that cannot be read. */
  async #read(source: Source): Promise<GradingJob | SubmissionGrade> {
    const { job: options } = this.#options;
    try {
      const submission = await readSubmission(source);
      this.#tellProvenance(submission);
      return isRejection(submission)
        ? ungraded(source.id, submission.outcome, submission.reason, options)
        : { submission, options };
    } catch (error) {
      return failedOn(source.id, 'it could not be read: ', error, options);
    }
  }

  #tellProvenance(submission: Submission | Rejection): void {
    if (isRejection(submission) || this.#options.detail === 'quiet') return;
    for (const text of submission.provenance) this.#screen.note(`${submission.id}: ${text}`);
  }

  async #grade(job: GradingJob): Promise<SubmissionGrade> {
    const { id } = job.submission;
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
  async #write(write: (output: OutputDirectory) => Promise<void>): Promise<void> {
    if (this.#output === null) return;
    try {
      await write(this.#output);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      this.#outputFailed = true;
      this.#screen.note(this.#screen.noteColors.red(error.message));
    }
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

/** Whether these walls can be put up here; says what is missing. */
async function hasLayers(required: readonly Layer[], screen: Screen): Promise<boolean> {
  if (required.length === 0) return true;
  const { reportLayers } = await import('../runner/layer-report.ts');
  const missing = (await reportLayers()).filter(
    ({ layer, state }) => state === 'missing' && required.includes(layer),
  );
  for (const { layer, advice } of missing)
    screen.note(
      `${screen.noteColors.red('error:')} the layer ${layer} is required and is not there. ${advice ?? ''}`.trim(),
    );
  if (missing.length > 0) screen.note('Nothing was graded.');
  return missing.length === 0;
}

/** A wall that had to be up while this was graded, and was not. A wall may turn out not to work long after the first process. */
function lacking(
  required: readonly Layer[],
  { outcome, diagnostics }: SubmissionGrade,
): Layer | undefined {
  if (outcome !== 'graded') return undefined;
  return required.find((layer) => !isUp(layer, diagnostics.layers));
}

/** Loaded on first need: most runs write no files. */
async function keyOf(job: GradingJob): Promise<string> {
  const { resultKey } = await import('./result-key.ts');
  return resultKey(job);
}
