/**
 * A table of objects that carry their own key, a pair of 32-bit integers, for the look-ups that every emulated access makes: open addressing with linear
 * probing. A `Map` of numbers beyond 31 bits hashes boxed doubles, which costs several times as much.
 */

const SMALLEST = 16;

/** Both halves are 32-bit integers. */
export interface Keyed {
  readonly low: number;
  readonly high: number;
}

export class KeyTable<V extends Keyed> {
  /** At most a quarter is in use, so that most searches end where they begin. */
  #slots: (V | undefined)[] = new Array<V | undefined>(SMALLEST).fill(undefined);
  #size = 0;

  /** Entries there are. */
  get size(): number {
    return this.#size;
  }

  /** The entry with a key. */
  get(low: number, high: number): V | undefined {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = slotOf(low, high) & mask; ; at = (at + 1) & mask) {
      const value = slots[at];
      if (value === undefined || (value.low === low && value.high === high)) return value;
    }
  }

  /** Adds an entry, in place of one with the same key. */
  set(value: V): void {
    if (this.#size * 4 >= this.#slots.length) this.#grow();
    const at = this.#find(value.low, value.high);
    if (this.#slots[at] === undefined) this.#size++;
    this.#slots[at] = value;
  }

  /** Removes the entry with a key; returns whether there was one. */
  delete(low: number, high: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#find(low, high);
    if (slots[hole] === undefined) return false;
    // Later entries of the run move up, so that no search stops too early at the hole.
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const value = slots[at];
      if (value === undefined) break;
      const home = slotOf(value.low, value.high) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = value;
      hole = at;
    }
    slots[hole] = undefined;
    this.#size--;
    return true;
  }

  clear(): void {
    if (this.#size === 0) return;
    this.#slots.fill(undefined);
    this.#size = 0;
  }

  /** Removes every entry that `matches` holds for. */
  deleteWhere(matches: (value: V) => boolean): void {
    const found = [...this.values()].filter(matches);
    if (found.length === this.#size) this.clear();
    else for (const { low, high } of found) this.delete(low, high);
  }

  /** All entries, in no particular order. The table must not change meanwhile. */
  *values(): Iterable<V> {
    if (this.#size > 0) for (const value of this.#slots) if (value !== undefined) yield value;
  }

  /** The slot of a key, or the free one where it belongs. */
  #find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = slotOf(low, high) & mask; ; at = (at + 1) & mask) {
      const value = slots[at];
      if (value === undefined || (value.low === low && value.high === high)) return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Array<V | undefined>(old.length * 2).fill(undefined);
    for (const value of old)
      if (value !== undefined) this.#slots[this.#find(value.low, value.high)] = value;
  }
}

/** Spreads neighbouring keys; the caller masks it. */
function slotOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 31), 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}
