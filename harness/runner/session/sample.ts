/** A few of many. Which ones depends on the seed and on the order in which they come. */

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

/** A number from 0 to 2^32 - 1 that looks like chance (the finaliser of MurmurHash3). */
function shuffled(seed: number, nth: number): number {
  let hash = (seed ^ Math.imul(nth + 1, 0x9e37_79b9)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
