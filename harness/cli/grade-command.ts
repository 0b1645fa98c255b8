/** `grade`: submissions in, reports out, in the order in which they were given. */
import { availableParallelism } from 'node:os';
import type { Source } from '../intake/expand-sources.ts';
import { readSubmission } from '../intake/read-submission.ts';
import { isRejection } from '../intake/submission.ts';
import { resultsJson } from '../reporters/results-json.ts';
import { terminalReport, type TerminalOptions } from '../reporters/terminal.ts';
import type { JobOptions } from '../runner/worker-job.ts';
import { DEFAULT_RUNS, DEFAULT_SEED } from '../runner/worker-job.ts';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import { percentOf } from '../scoring/points.ts';
import { type SummaryRow, summaryRow } from '../scoring/summary.ts';
import type { CommandLine } from './command-line.ts';
import { OutputError, UsageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type Graders, startGraders } from './graders.ts';
import { PROGRAM } from './help.ts';
import { Interruption } from './interruption.ts';
import { type Format, OutputDirectory } from './output-directory.ts';
import { Progress } from './progress.ts';
import type { Screen } from './screen.ts';
import { sourcesOf } from './submission-paths.ts';
import { hasTrouble, troubleDetails, ungraded } from './ungraded.ts';

const FORMATS: readonly string[] = ['gradescope', 'junit'] satisfies Format[];
export const MOST_RUNS = 10_000;
export const MOST_SEED = 2 ** 31 - 1;
const MOST_JOBS = 256;
/** Submissions that are read while all processes are busy, so that none waits for the next. */
const READ_AHEAD = 1;

/** A submission that is done. */
interface Row {
  readonly summary: SummaryRow;
  readonly percent: number;
  readonly trouble: boolean;
  /** What goes to stdout; empty once it has. */
  text: string;
}

/** Grades what the command line names. Throws a {@link UsageError} or an {@link OutputError} before anything is graded. */
export async function gradeCommand(line: CommandLine, screen: Screen): Promise<ExitCode> {
  const options = readOptions(line);
  const sources = await sourcesOf(line.operands);
  const output = options.output === null ? null : await OutputDirectory.open(options.output, options.formats);
  return new GradingRun(sources, options, output, screen).run();
}

interface Options {
  readonly job: JobOptions;
  readonly jobs: number;
  readonly output: string | null;
  readonly formats: readonly Format[];
  readonly resume: boolean;
  readonly failUnder: number | null;
  readonly json: boolean;
  readonly detail: TerminalOptions['detail'];
}

function readOptions(line: CommandLine): Options {
  const job = {
    assignments: line.list('assignment'),
    only: line.list('only'),
    seed: line.integer('seed', 0, MOST_SEED) ?? DEFAULT_SEED,
    runs: line.integer('runs', 1, MOST_RUNS) ?? DEFAULT_RUNS,
  };
  const jobs = line.integer('jobs', 1, MOST_JOBS) ?? availableParallelism();
  const failUnder = line.decimal('fail-under', 0, 100);
  const output = line.text('output');
  const formats = line.list('format') ?? [];
  const unknown = formats.find((name) => !FORMATS.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no format "${unknown}"; there are ${FORMATS.join(' and ')}.`);
  }
  for (const name of ['format', 'resume']) {
    if (line.has(name) && output === null) {
      throw new UsageError(`--${name} is about files: say where they are with --output <dir>.`);
    }
  }
  if (line.has('quiet') && line.has('verbose')) {
    throw new UsageError('--quiet and --verbose exclude each other.');
  }
  const detail = line.has('quiet') ? 'quiet' : line.has('verbose') ? 'verbose' : 'normal';
  return {
    job,
    jobs,
    output,
    formats: formats as Format[],
    resume: line.has('resume'),
    failUnder,
    json: line.has('json'),
    detail,
  };
}

class GradingRun {
  readonly #sources: readonly Source[];
  readonly #options: Options;
  readonly #output: OutputDirectory | null;
  readonly #screen: Screen;
  readonly #progress: Progress;
  readonly #interruption = new Interruption();
  readonly #rows: (Row | undefined)[];
  readonly #outputErrors = new Set<string>();
  #graders: Promise<Graders> | null = null;
  #next = 0;
  #printed = 0;

  constructor(
    sources: readonly Source[],
    options: Options,
    output: OutputDirectory | null,
    screen: Screen,
  ) {
    this.#sources = sources;
    this.#options = options;
    this.#output = output;
    this.#screen = screen;
    this.#progress = new Progress(screen, sources.length, options.detail === 'quiet');
    this.#rows = sources.map(() => undefined);
    // Nobody reads what is printed: without files there is nothing left to do.
    screen.onHangUp = () => {
      if (output === null) this.#interruption.request();
    };
  }

  async run(): Promise<ExitCode> {
    try {
      // Started first: while their processes come up, the suites are loaded and the first submission is read.
      if (!this.#options.resume) void this.#start();
      await this.#requireSelection();
      this.#progress.begin(this.#headline());
      if (this.#options.json) this.#screen.print('[');
      const lanes = Math.min(this.#sources.length, this.#options.jobs + READ_AHEAD);
      const work = Promise.all(Array.from({ length: lanes }, () => this.#lane()));
      await Promise.race([work, this.#interruption.requested]);
    } finally {
      this.#progress.end();
      await this.#close();
    }
    return this.#finish();
  }

  #start(): Promise<Graders> {
    this.#graders ??= startGraders(this.#sources.length, this.#options.jobs, {
      onResult: (assignment, result) => this.#checked(assignment, result),
    });
    return this.#graders;
  }

  async #close(): Promise<void> {
    await (await this.#graders)?.close();
    this.#interruption.end();
  }

  async #requireSelection(): Promise<void> {
    const { assignments, only } = this.#options.job;
    if (assignments === null && only === null) return;
    const { assignmentsNamed, requireChecks } = await import('./selection.ts');
    const named = assignmentsNamed(assignments);
    if (only !== null) requireChecks(only, named);
  }

  #headline(): string {
    const { jobs, job } = this.#options;
    const count = this.#sources.length;
    const what = count === 1 ? (this.#sources[0]?.id ?? '') : `${count} submissions`;
    const side = count === 1 ? '' : `, ${Math.min(jobs, count)} at a time`;
    return `grading ${what}${side}, seed ${job.seed}`;
  }

  /** Takes one submission after the other until there are none. */
  async #lane(): Promise<void> {
    while (!this.#interruption.isRequested) {
      const index = this.#next++;
      const source = this.#sources[index];
      if (source === undefined) return;
      const { grade, wasKept } = await this.#result(source);
      if (this.#interruption.isRequested) return;
      this.#rows[index] = this.#row(grade);
      this.#progress.finished(source.id, wasKept);
      this.#printInOrder();
    }
  }

  async #result(source: Source): Promise<{ grade: SubmissionGrade; wasKept: boolean }> {
    const { job: options, resume } = this.#options;
    const submission = await readSubmission(source.path, source.id).catch((error: unknown) =>
      ungraded(source.id, 'error', `it could not be read: ${String(error)}`, options),
    );
    if ('outcome' in submission) return this.#saved(submission, null);
    if (isRejection(submission)) {
      return this.#saved(ungraded(source.id, 'rejected', submission.reason, options), null);
    }
    const job = { submission, options };
    const key = this.#output === null ? null : (await import('./result-key.ts')).resultKey(job);
    if (resume && key !== null) {
      const kept = await this.#output?.reusable(source.id, key);
      if (kept !== null && kept !== undefined) {
        await this.#writing((output) => output.complete(kept));
        return { grade: kept, wasKept: true };
      }
    }
    this.#progress.started(source.id);
    const graders = await this.#start();
    const grade = await graders.grade(job).catch((error: unknown) => {
      const [reason = '', ...details] = String(error instanceof Error ? error.message : error).split('\n');
      return ungraded(source.id, 'error', reason, options, details);
    });
    return this.#saved(grade, hasTrouble(grade) ? null : key);
  }

  async #saved(grade: SubmissionGrade, key: string | null): Promise<{ grade: SubmissionGrade; wasKept: false }> {
    // What was cut short by an interruption is no result.
    if (!this.#interruption.isRequested) await this.#writing((output) => output.save(grade, key));
    return { grade, wasKept: false };
  }

  /** A failure to write is told and costs the exit code; grading goes on. */
  async #writing(write: (output: OutputDirectory) => Promise<void>): Promise<void> {
    if (this.#output === null) return;
    try {
      await write(this.#output);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      this.#outputErrors.add(error.message);
      this.#screen.note(this.#screen.noteColors.red(error.message));
    }
  }

  #row(grade: SubmissionGrade): Row {
    return {
      summary: summaryRow(grade),
      // Of nothing that could be earned, nothing was earned.
      percent: percentOf(grade.score, grade.maxScore),
      trouble: hasTrouble(grade),
      text: this.#options.json ? resultsJson(grade).trimEnd() : this.#report(grade),
    };
  }

  #report(grade: SubmissionGrade): string {
    const { colors, width, audience } = this.#screen;
    const { detail } = this.#options;
    const isOne = this.#sources.length === 1;
    if (detail === 'verbose' && hasTrouble(grade)) {
      for (const text of troubleDetails(grade)) this.#screen.note(`${grade.submission}: ${text}`);
    }
    if (isOne || detail === 'verbose') {
      // With --verbose the checks of a single submission have been told already, one by one.
      const said = isOne && detail === 'verbose' && this.#screen.isLive && process.stdout.isTTY;
      const report = terminalReport(grade, { colors, width, audience, detail: said ? 'normal' : detail });
      return isOne ? report : `${report}\n`;
    }
    const nameWidth = Math.max(...this.#sources.map(({ id }) => id.length));
    return terminalReport(grade, { colors, width, audience, detail: 'quiet', nameWidth });
  }

  #printInOrder(): void {
    for (; this.#printed < this.#rows.length; this.#printed++) {
      const row = this.#rows[this.#printed];
      if (row === undefined) return;
      this.#printRow(row);
    }
  }

  #isFirst = true;
  #printRow(row: Row): void {
    if (this.#options.json) {
      this.#screen.print(`${this.#isFirst ? '' : ','}\n${row.text}`);
    } else this.#screen.print(row.text);
    this.#isFirst = false;
    row.text = '';
  }

  async #finish(): Promise<ExitCode> {
    for (const row of this.#rows.slice(this.#printed)) if (row !== undefined) this.#printRow(row);
    if (this.#options.json) this.#screen.print('\n]\n');
    const done = this.#rows.filter((row) => row !== undefined);
    await this.#writing((output) => output.summarise(done.map(({ summary }) => summary)));
    return this.#verdict(done);
  }

  /** The last words, and the exit code. */
  #verdict(done: readonly Row[]): ExitCode {
    const { failUnder, detail, output, json } = this.#options;
    const { note, noteColors } = this.#tell();
    const count = this.#sources.length;
    const failed = done.filter(({ trouble }) => trouble);
    const below = failUnder === null ? [] : done.filter(({ percent, summary }) => percent < failUnder && summary.outcome !== 'error');
    if (count > 1 && detail !== 'quiet' && !json) this.#screen.print(this.#total(done));
    if (output !== null && detail !== 'quiet' && this.#outputErrors.size === 0) {
      note(`Results are in ${output}.`);
    }
    if (failed.length > 0) {
      const more = detail === 'verbose' ? '' : ' Run with --verbose to see what went wrong.';
      note(noteColors.red(`The grader failed on ${names(failed)}: that costs nobody points.${more}`));
    }
    if (below.length > 0 && detail !== 'quiet') note(`Below ${String(failUnder)} %: ${names(below)}.`);
    if (this.#interruption.isRequested) {
      const further = output === null ? '' : ' The same command with --resume goes on from there.';
      note(`Interrupted: ${done.length} of ${count} ${count === 1 ? 'submission' : 'submissions'} done.${further}`);
      return EXIT.interrupted;
    }
    if (failed.length > 0 || this.#outputErrors.size > 0) return EXIT.trouble;
    return below.length > 0 ? EXIT.below : EXIT.done;
  }
}
