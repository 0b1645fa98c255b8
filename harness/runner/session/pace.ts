/** How long a submission's code takes for its programs, and how long the model takes for the same ones. */
import type { Program } from '../../protocol/program.ts';
import { Sample } from './sample.ts';

/** A program that was stopped counts as so many times the time that it had: it would have gone on. */
const STOPPED_TIMES = 2;
/** Slow code is slow every time; a machine that was held up a moment ago is not. */
const TRIES = 3;

/** Plays programs once more, alone, against the clock. */
export interface Stopwatch {
  /** Milliseconds that the model takes. */
  readonly modelMs: (program: Program) => Promise<number>;
  /** Whether so many milliseconds are not enough for the code. */
  readonly takesLonger: (program: Program, ms: number) => Promise<boolean>;
}

export class Pace {
  /** Some of the programs, each as likely as any other. */
  readonly #sample: Sample<Program>;
  #programs = 0;
  #totalMs = 0;
  #slowest: { readonly program: Program; readonly ms: number } | null = null;

  /** `seed`: an integer. */
  constructor(seed: number) {
    this.#sample = new Sample(seed);
  }

  /** A program was played, and took so long, or `wasStopped` after that time. */
  note(program: Program, ms: number, wasStopped: boolean): void {
    this.#sample.offer(program);
    this.#programs++;
    this.#totalMs += wasStopped ? STOPPED_TIMES * ms : ms;
    if (this.#slowest === null || ms > this.#slowest.ms) this.#slowest = { program, ms };
  }

  /**
   * Whether the code takes `times` as long as the model, or longer: for all programs together, and for the slowest of them whenever it is played alone. Both are
   * asked, because other work of the machine adds to the first, and one slow program says nothing of the rest.
   */
  async isSlow(times: number, { modelMs, takesLonger }: Stopwatch): Promise<boolean> {
    if (this.#slowest === null) return false;
    const sample = this.#sample.items;
    let sampleMs = 0;
    for (const program of sample) sampleMs += await modelMs(program);
    if (this.#totalMs < (times * sampleMs * this.#programs) / sample.length) return false;
    const { program } = this.#slowest;
    const limitMs = times * (await modelMs(program));
    for (let tries = 0; tries < TRIES; tries++)
      if (!(await takesLonger(program, limitMs))) return false;
    return true;
  }
}
