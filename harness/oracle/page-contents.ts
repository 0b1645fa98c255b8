/**
 * What a page of a process may contain. Usually that is one array of bytes; where the rules leave freedom (a file that changed before the first
 * touch) there are several candidates, and each byte seen rules some of them out.
 */
import { PAGE_SIZE } from '../../reference/x86/page-table-entry.ts';

export class PageContents {
  #candidates: Uint8Array[];
  /** 1 for every byte that was written; made at the first write. */
  #written: Uint8Array | null = null;
  #isUnknown = false;
  /** Pages that share its frame and must not. */
  #intruders: readonly PageContents[] | null = null;

  constructor(candidates: readonly Uint8Array[]) {
    this.#candidates = [...candidates];
  }

  /** The page was found wrong: from now on nothing is known of its bytes, and every one that is seen is right. */
  forget(): void {
    this.#isUnknown = true;
  }

  /** From now on these pages may be the reason for whatever is wrong with the bytes. */
  blame(intruders: readonly PageContents[]): void {
    this.#intruders = intruders.filter((each) => each !== this);
  }

  /** Whether other pages may be the reason for wrong bytes. */
  get isBlamedOnOthers(): boolean {
    return this.#intruders !== null;
  }

  /** Whether the byte at `offset` is that of a page which may be the reason, so that nothing else need be wrong. */
  isOfOthers(offset: number, byte: number): boolean {
    return this.#intruders?.some((each) => each.holds(offset, byte)) === true;
  }

  /** Whether some candidate has the byte at `offset`, whatever else may be wrong with the page. */
  holds(offset: number, byte: number): boolean {
    return this.#candidates.some((bytes) => bytes[offset] === byte);
  }

  /** An independent copy, for a child process. */
  copy(): PageContents {
    const copy = new PageContents(this.#candidates.map((bytes) => bytes.slice()));
    copy.#written = this.#written?.slice() ?? null;
    copy.#isUnknown = this.#isUnknown;
    copy.#intruders = this.#intruders;
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
    if (this.#isUnknown) return true;
    // Nearly always: nothing is left to be decided.
    if (this.#candidates.length === 1) return this.#candidates[0]![offset] === byte;
    const left = this.#candidates.filter((bytes) => bytes[offset] === byte);
    if (left.length === 0) return false;
    this.#candidates = left;
    return true;
  }

  /** True if some candidate has the byte at `offset`; decides nothing. */
  mayHold(offset: number, byte: number): boolean {
    return !this.#isUnknown && this.#intruders === null && this.holds(offset, byte);
  }

  /** True unless it is known that the byte at `offset` is another one; decides nothing. */
  couldHold(offset: number, byte: number): boolean {
    return this.#isUnknown || this.#intruders !== null || this.holds(offset, byte);
  }

  /** A byte that would be right at `offset`. */
  expected(offset: number): number {
    return this.#candidates[0]?.[offset] ?? 0;
  }
}
