/**
 * What a page of a process may contain. Usually that is one array of bytes; where the rules leave freedom (a file that changed before the first
 * touch) there are several candidates, and each byte seen rules some of them out.
 */
export class PageContents {
  #candidates: Uint8Array[];

  constructor(candidates: readonly Uint8Array[]) {
    this.#candidates = [...candidates];
  }

  /** An independent copy, for a child process. */
  copy(): PageContents {
    return new PageContents(this.#candidates.map((bytes) => bytes.slice()));
  }

  /** Stores `value` in every byte from `start` up to `end`. */
  write(start: number, end: number, value: number): void {
    for (const bytes of this.#candidates) bytes.fill(value, start, end);
  }

  /** True if some candidate has the byte at `offset`; from then on only those count. */
  sees(offset: number, byte: number): boolean {
    const left = this.#candidates.filter((bytes) => bytes[offset] === byte);
    if (left.length === 0) return false;
    this.#candidates = left;
    return true;
  }

  /** A byte that would be right at `offset`. */
  expected(offset: number): number {
    return this.#candidates[0]?.[offset] ?? 0;
  }
}
