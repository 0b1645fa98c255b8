/** The time that a submission has. It ends only for code that is slow, never because the machine is. */

/** What slow code is given. */
export interface Allowance {
  /** Milliseconds. */
  readonly limitMs: number;
  /** The clock: milliseconds since any moment. Default: the real one. */
  readonly now?: () => number;
}

/** Share of the limit after which code that was found not to be slow is looked at again. */
const AGAIN_AFTER = 0.1;

export class TimeLimit {
  readonly limitMs: number;
  readonly #now: () => number;
  /** When it began, by its clock. */
  readonly start: number;
  #askAt: number;
  #isOver = false;

  /** Begins at `start`. Default: now. */
  constructor({ limitMs, now = () => performance.now() }: Allowance, start = now()) {
    this.limitMs = limitMs;
    this.#now = now;
    this.start = start;
    this.#askAt = limitMs;
  }

  /** Whether {@link isUp} has come to be true. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether nothing more is to be played. `isSlow` is asked, which may take a while, only when so much time is gone that it matters. */
  async isUp(isSlow: () => Promise<boolean>): Promise<boolean> {
    if (this.#isOver || this.#spentMs < this.#askAt) return this.#isOver;
    this.#isOver = await isSlow();
    this.#askAt = this.#spentMs + AGAIN_AFTER * this.limitMs;
    return this.#isOver;
  }

  get #spentMs(): number {
    return this.#now() - this.start;
  }
}
