/**
 * How many processes share a frame: one book for all processes that descend from each other by forks.
 *
 * A frame that is not in the book has one owner at most. So an entry never outlives its frame: it exists only as long as two
 * leaves own the frame.
 */
export class ShareBook {
  readonly #sharers = new Map<bigint, number>();

  /** A fork has given the frame one owner more. */
  share(pa: bigint): void {
    this.#sharers.set(pa, (this.#sharers.get(pa) ?? 1) + 1);
  }

  /** One owner has gone. */
  leave(pa: bigint): void {
    const count = this.#sharers.get(pa);
    if (count === undefined) return;
    if (count > 2) this.#sharers.set(pa, count - 1);
    else this.#sharers.delete(pa);
  }

  isShared(pa: bigint): boolean {
    return this.#sharers.has(pa);
  }
}
