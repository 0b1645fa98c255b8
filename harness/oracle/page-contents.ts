/**
 * What a page of a process may contain. Usually that is one array of bytes; where the rules leave freedom (a file that changed before the first
 * touch) there are several candidates, and each byte seen rules some of them out.
 */
import { PAGE_SIZE } from '../../reference/x86/page-table-entry.ts';

export class PageContents {
  #candidates: Uint8Array[];
  /** 1 for every byte that was written; made at the first write. */
  #written: Uint8Array | null = null;

  constructor(candidates: readonly Uint8Array[]) {
    this.#candidates = [...candidates];
  }

  /** An independent copy, for a child process. */
  copy(): PageContents {
    const copy = new PageContents(this.#candidates.map((bytes) => bytes.slice()));
    copy.#written = this.#written?.slice() ?? null;
    return copy;
  }

  /** Stores `value` in every byte from `start` up to `end`. */
  write(start: number, end: number, value: number): void {
    for (const bytes of this.#candidates) bytes.fill(value, start, end);
    this.#written ??= new Uint8Array(PAGE_SIZE);
    this.#written.fill(1, start, end);
  }

  /** Whether the byte at `offset` was ever written by the process (or by a parent before a fork). */
  wasWritten(offset: number): boolean {
    return this.#written?.[offset] === 1;
  }

  /** True if some candidate has the byte at `offset`; from then on only those count. */
  sees(offset: number, byte: number): boolean {
    const left = this.#candidates.filter((bytes) => bytes[offset] === byte);
    if (left.length === 0) return false;
    this.#candidates = left;
    return true;
  }

  /** The page was seen to hold `byte` at `offset`, right or wrong. */
  adopt(offset: number, byte: number): void {
    for (const bytes of this.#candidates) bytes[offset] = byte;
  }

  /** True if some candidate has the byte at `offset`; decides nothing. */
  mayHold(offset: number, byte: number): boolean {
    return this.#candidates.some((bytes) => bytes[offset] === byte);
  }

  /** A byte that would be right at `offset`. */
  expected(offset: number): number {
    return this.#candidates[0]?.[offset] ?? 0;
  }
}
