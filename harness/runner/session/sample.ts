/** A few of many. Which ones depends on the seed and on the order in which they come. */
import { shuffled } from './shuffled.ts';

/** Items kept. */
const SIZE = 8;

/** Keeps the items whose numbers come first when all numbers are shuffled: each is as likely as any other, and no list of all is needed. */
export class Sample<T> {
  readonly #seed: number;
  #kept: readonly { readonly item: T; readonly nth: number; readonly rank: number }[] = [];
  #offered = 0;

  /** `seed`: an integer. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** One more item. */
  offer(item: T): void {
    const nth = this.#offered++;
    const kept = [...this.#kept, { item, nth, rank: shuffled(this.#seed, nth) }];
    if (kept.length > SIZE) {
      const last = Math.max(...kept.map(({ rank }) => rank));
      kept.splice(
        kept.findIndex(({ rank }) => rank === last),
        1,
      );
    }
    this.#kept = kept;
  }

  /** What is kept, in the order in which it came. */
  get items(): readonly T[] {
    return this.#kept.map(({ item }) => item);
  }
}
