/**
 * Raw material for programs: a list of rows of plain integers, which the program makers turn into concrete operations.
 *
 * The length is fixed: with fast-check's default size an array of "up to 60" never has more than ten items, and long programs find far more.
 */
import fc from 'fast-check';

/** One row: enough independent numbers to choose an operation and all its operands. */
export type Row = readonly number[];

const ROW = 6;

/** Lists of `length` rows. */
export function rowsArbitrary(length: number): fc.Arbitrary<Row[]> {
  const row = fc.array(fc.nat(0x3fff_ffff), { minLength: ROW, maxLength: ROW });
  return fc.noBias(fc.array(row, { minLength: length, maxLength: length, size: 'max' }));
}

/** Draws from the numbers of one row, in order; each draw uses one up. */
export class Draw {
  readonly #row: Row;
  #next = 0;

  constructor(row: Row) {
    this.#row = row;
  }

  /** An integer from 0 to `count - 1`. */
  below(count: number): number {
    const value = this.#row[this.#next % this.#row.length] ?? 0;
    this.#next++;
    // Later rounds through a short row must not repeat the same choice.
    const mixed = Math.imul(value ^ (this.#next * 0x9e37_79b9), 0x85eb_ca6b) >>> 0;
    return mixed % count;
  }

  /** One of the items. */
  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to draw from');
    return item;
  }

  /** True once in `n` draws. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** A key, with a chance in proportion to its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [key, weight] of entries) {
      if (left < weight) return key;
      left -= weight;
    }
    throw new RangeError('no weights');
  }
}
