/** What is going on, for whoever waits: a live line on a terminal, a plain line a submission in a log, nothing if not wanted. */
import type { Source } from '../intake/source.ts';
import type { CheckResult } from '../scoring/grade.ts';
import type { GradeCommandOptions } from './grade-options.ts';
import type { Screen } from './screen.ts';

const TICK_MS = 120;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
/** Submissions after which the time left can be guessed. */
const ENOUGH_TO_GUESS = 3;

/** What is begun, in a line. */
export function headline(
  sources: readonly Source[],
  { jobs, job }: Pick<GradeCommandOptions, 'jobs' | 'job'>,
): string {
  const count = sources.length;
  if (count === 1) return `grading ${sources[0]?.id ?? ''}, seed ${job.seed}`;
  return `grading ${count} submissions, ${Math.min(jobs, count)} at a time, seed ${job.seed}`;
}

export class Progress {
  readonly #screen: Screen;
  readonly #total: number;
  readonly #jobs: number;
  readonly #isQuiet: boolean;
  readonly #began = performance.now();
  /** In the order in which they were handed over: the first few are being graded, the others wait. */
  readonly #running = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #done = 0;
  /** Submissions that took no time because their results were there. */
  #kept = 0;
  #frame = 0;
  #checks = { assignment: '', done: 0, failed: 0 };

  constructor(screen: Screen, total: number, jobs: number, isQuiet: boolean) {
    this.#screen = screen;
    this.#total = total;
    this.#jobs = jobs;
    this.#isQuiet = isQuiet;
  }

  /** Begins to show something. */
  begin(headline: string): void {
    if (this.#isQuiet) return;
    if (!this.#screen.isLive) {
      this.#screen.note(headline);
      return;
    }
    this.#timer = setInterval(() => this.#show(), TICK_MS);
    this.#show();
  }

  /** A submission is being graded. */
  started(id: string): void {
    this.#running.add(id);
  }

  /** A check of the only submission is done. */
  checked(assignment: string, { status }: CheckResult): void {
    if (assignment !== this.#checks.assignment) this.#checks = { assignment, done: 0, failed: 0 };
    this.#checks.done++;
    if (status === 'failed') this.#checks.failed++;
  }

  /** A submission is done, in so many milliseconds; null: its results were there. */
  finished(id: string, ms: number | null): void {
    this.#running.delete(id);
    this.#done++;
    if (ms === null) this.#kept++;
    if (this.#isQuiet || this.#screen.isLive || this.#total === 1) return;
    const place = `${String(this.#done).padStart(String(this.#total).length)}/${this.#total}`;
    this.#screen.note(`[${place}] ${id}  ${ms === null ? 'kept' : seconds(ms)}`);
  }

  /** Takes the live line away. */
  end(): void {
    clearInterval(this.#timer);
    this.#screen.live('');
  }

  #show(): void {
    const spinner = SPINNER.charAt(this.#frame++ % SPINNER.length);
    const elapsed = performance.now() - this.#began;
    const [first = ''] = this.#running;
    const text =
      this.#total === 1
        ? [first, this.#checksText(), seconds(elapsed)]
        : [`${this.#done}/${this.#total}`, clock(elapsed), this.#left(elapsed), this.#names()];
    const { dim, cyan } = this.#screen.noteColors;
    const line = text.filter((part) => part !== '').join('  ');
    this.#screen.live(line, (shown) => `${cyan(spinner)} ${dim(shown)}`);
  }

  #checksText(): string {
    const { assignment, done, failed } = this.#checks;
    if (done === 0) return 'compiling';
    return `${assignment}: ${done} ${done === 1 ? 'check' : 'checks'}${failed === 0 ? '' : `, ${failed} failed`}`;
  }

  #left(elapsed: number): string {
    const graded = this.#done - this.#kept;
    if (graded < ENOUGH_TO_GUESS) return '';
    return `about ${clock((elapsed / graded) * (this.#total - this.#done))} left`;
  }

  #names(): string {
    return Array.from(this.#running).slice(0, this.#jobs).join(', ');
  }
}

/** `4.2 s`. */
function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `1:05`. */
function clock(ms: number): string {
  const all = Math.round(ms / 1000);
  return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, '0')}`;
}
