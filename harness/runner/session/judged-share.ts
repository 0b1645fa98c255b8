/** How much could be judged of programs that a rule which is broken already may have ended. */

/** Share of the operations that must have been judged for nothing wrong to mean that nothing is. */
const LEAST = 1 / 6;

export class JudgedShare {
  #planned = 0;
  #judged = 0;

  /** A program was played: so many operations long, of which so many could be judged. */
  add(planned: number, judged: number): void {
    this.#planned += planned;
    this.#judged += judged;
  }

  /** Operations of all programs so far. */
  get planned(): number {
    return this.#planned;
  }

  /** Whether enough was judged to say that nothing is wrong. True before the first program. */
  get isEnough(): boolean {
    return this.#judged >= this.#planned * LEAST;
  }
}
