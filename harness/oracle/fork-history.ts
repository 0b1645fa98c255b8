/** What forks have had a hand in, in one trace: frames and operations. A frame that leaks says nothing of it by itself. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import type { ProcessOp } from '../protocol/program.ts';
import type { AddressSpaceModel } from './address-space-model.ts';

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

export class ForkHistory {
  readonly #frames = new Set<number>();
  readonly #survivors = new Set<number>();
  readonly #ops = new Set<number>();

  /**
   * Follows operation `index`.
   *
   * @param copies whether it may copy a shared page
   * @param before leaves of all address spaces before it, `now` after it
   */
  follow(
    index: number,
    op: ProcessOp,
    copies: boolean,
    model: AddressSpaceModel,
    before: Leaves,
    now: Leaves,
  ): void {
    if (op.op === 'fork' || copies) this.#ops.add(index);
    if (!model.forked) return;
    const known = new Set<number>();
    for (const leaves of before.values()) for (const { frame } of leaves) known.add(frame);
    for (const [label, leaves] of now) {
      if (leaves === before.get(label)) continue;
      const pages = model.processes.get(label)?.pages;
      for (const { va, frame } of leaves) {
        if (pages?.get(va)?.forked === true) this.#frames.add(frame);
        // Free in between: it has begun another life.
        else if (!known.has(frame)) this.#frames.delete(frame);
      }
    }
  }

  /** A fork has failed: `leaves` are those of the process that goes on alone. */
  fail(leaves: readonly Leaf[]): void {
    for (const { frame } of leaves) this.#survivors.add(frame);
  }

  /** Whether the frame was mapped by a process whose fork failed. */
  hasSurvivor(frame: number): boolean {
    return this.#survivors.has(frame);
  }

  /** Whether the frame was shared by a fork, or is the copy of one that was. */
  hasFrame(frame: number): boolean {
    return this.#frames.has(frame);
  }

  /** Whether operation `index` was a fork, or may have copied a shared page. */
  hasOperation(index: number): boolean {
    return this.#ops.has(index);
  }
}
