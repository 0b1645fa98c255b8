/**
 * A map from whole numbers to objects, for the look-ups that every emulated access makes: open addressing with linear probing in a typed array. A
 * `Map` hashes numbers beyond 31 bits through boxed doubles, which costs several times as much.
 */

const SMALLEST = 16;

export class KeyTable<V extends object> {
  #keys = new Float64Array(SMALLEST);
  #values: (V | undefined)[] = new Array<V | undefined>(SMALLEST).fill(undefined);
  #mask = SMALLEST - 1;
  #size = 0;

  /** Entries there are. */
  get size(): number {
    return this.#size;
  }

  /** The value under `key` (a whole number, exact in a double). */
  get(key: number): V | undefined {
    const keys = this.#keys;
    const values = this.#values;
    const mask = this.#mask;
    for (let at = slotOf(key) & mask; ; at = (at + 1) & mask) {
      const value = values[at];
      if (value === undefined || keys[at] === key) return value;
    }
  }

  set(key: number, value: V): void {
    if (this.#size * 2 >= this.#mask) this.#grow();
    if (this.#put(key, value)) this.#size++;
  }

  /** Removes `key`; returns whether it was there. */
  delete(key: number): boolean {
    const mask = this.#mask;
    let hole = slotOf(key) & mask;
    for (; this.#keys[hole] !== key || this.#values[hole] === undefined; hole = (hole + 1) & mask) {
      if (this.#values[hole] === undefined) return false;
    }
    // Later entries of the run move up, so that no search stops too early at the hole.
    for (let at = (hole + 1) & mask; this.#values[at] !== undefined; at = (at + 1) & mask) {
      const home = slotOf(this.#keys[at]!) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#keys[hole] = this.#keys[at]!;
      this.#values[hole] = this.#values[at];
      hole = at;
    }
    this.#values[hole] = undefined;
    this.#size--;
    return true;
  }

  clear(): void {
    if (this.#size === 0) return;
    this.#values.fill(undefined);
    this.#size = 0;
  }

  /** All keys, in no particular order. The table must not change meanwhile. */
  *keys(): Iterable<number> {
    for (const [at, value] of this.#values.entries())
      if (value !== undefined) yield this.#keys[at]!;
  }

  /** All values, in no particular order. The table must not change meanwhile. */
  *values(): Iterable<V> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  /** True if the key is new. */
  #put(key: number, value: V): boolean {
    const mask = this.#mask;
    let at = slotOf(key) & mask;
    while (this.#values[at] !== undefined && this.#keys[at] !== key) at = (at + 1) & mask;
    const isNew = this.#values[at] === undefined;
    this.#keys[at] = key;
    this.#values[at] = value;
    return isNew;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    const length = values.length * 2;
    this.#keys = new Float64Array(length);
    this.#values = new Array<V | undefined>(length).fill(undefined);
    this.#mask = length - 1;
    for (const [at, value] of values.entries())
      if (value !== undefined) this.#put(keys[at]!, value);
  }
}

/** Spreads neighbouring keys; the caller masks it. */
function slotOf(key: number): number {
  const low = key | 0;
  const high = (key * 2 ** -32) | 0;
  const mixed = Math.imul(low ^ (high * 31), 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}
