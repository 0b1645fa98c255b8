/** What is going on, for whoever waits: a live line on a terminal, a plain line a submission in a log, nothing if not wanted. */
import type { Source } from '../intake/source.ts';
import type { CheckResult } from '../scoring/grade.ts';
import type { GradeCommandOptions } from './grade-options.ts';
import type { Screen } from './screen.ts';

const TICK_MS = 120;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const BAR_WIDTH = 24;
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

/** What a submission came to, as far as progress tells. */
export interface Finished {
  readonly name: string;
  /** Milliseconds it took; null if its result was there, or there was nothing to grade. */
  readonly ms: number | null;
  /** What is worth a look, in a word or two; null if nothing is. */
  readonly trouble: string | null;
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
  /** Submissions that took time. */
  #graded = 0;
  /** How many had which trouble. */
  readonly #troubles = new Map<string, number>();
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

  /** A submission is done. */
  finished({ name, ms, trouble }: Finished): void {
    this.#running.delete(name);
    this.#done++;
    if (ms !== null) this.#graded++;
    if (trouble !== null) this.#troubles.set(trouble, (this.#troubles.get(trouble) ?? 0) + 1);
    if (this.#isQuiet || this.#screen.isLive || this.#total === 1) return;
    const place = `${String(this.#done).padStart(String(this.#total).length)}/${this.#total}`;
    const left = this.#left(performance.now() - this.#began);
    const parts = [trouble ?? (ms === null ? 'kept' : seconds(ms)), left === '' ? '' : `(${left})`];
    this.#screen.note([`[${place}] ${name}`, ...parts.filter((part) => part !== '')].join('  '));
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
        : [
            bar(this.#done / this.#total),
            `${this.#done}/${this.#total}`,
            clock(elapsed),
            this.#left(elapsed),
            this.#rate(elapsed),
            this.#troubleText(),
            this.#names(),
          ];
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
    if (this.#graded < ENOUGH_TO_GUESS || this.#done === this.#total) return '';
    return `about ${clock((elapsed / this.#graded) * (this.#total - this.#done))} left`;
  }

  #rate(elapsed: number): string {
    if (this.#graded < ENOUGH_TO_GUESS) return '';
    return `${((60_000 * this.#graded) / elapsed).toFixed(1)} a minute`;
  }

  #troubleText(): string {
    return [...this.#troubles].map(([trouble, count]) => `${count} ${trouble}`).join(', ');
  }

  #names(): string {
    return Array.from(this.#running).slice(0, this.#jobs).join(', ');
  }
}

/** `━━━━╌╌╌╌` */
function bar(share: number): string {
  const full = Math.floor(share * BAR_WIDTH);
  return '━'.repeat(full) + '╌'.repeat(BAR_WIDTH - full);
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
