/**
 * The page frames: who owns how many references to each, which are free, and which comes next.
 *
 * A reference is held either by a live handle (`Page`) or by "the outside" (an address given out by `intoRaw`, normally an
 * entry of a page table).
 */
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import type { PhysicalMemory } from './physical-memory.ts';

/** `first-fit`: the lowest free frame, as KeOS. `quarantine`: a freed frame comes back only when no other is left. `random`: any free frame, by seed. */
export type AllocationPolicy = 'first-fit' | 'quarantine' | 'random';

/** Lowest frame that is ever handed out; the kernel's own tables lie below. */
export const FIRST_FRAME = 0x100;

/** What a freed frame is filled with, so that use after free is seen. */
export const POISON = 0xdb;

/** One page frame that has been allocated at least once. */
export class Frame {
  /** References, handles and outside together. 0: free. */
  references = 0;
  /** Of these, how many are held by live handles. */
  handles = 0;
  /** Goes up at every release, so that views of an earlier life are recognised. */
  generation = 0;
  /** Operation in which it was last allocated. */
  op = -1;
  allocatedAt = '';
  releasedAt = '';

  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }

  get pa(): number {
    return this.number * PAGE_SIZE;
  }
}

export class Frames {
  readonly #all: Frame[] = [];
  /** Free frames that were used before: descending for first-fit (the next is last), oldest first for quarantine. */
  readonly #freed: Frame[] = [];
  readonly #memory: PhysicalMemory;
  readonly #capacity: number;
  readonly #policy: AllocationPolicy;
  #random: number;
  #live = 0;

  constructor(memory: PhysicalMemory, capacity: number, policy: AllocationPolicy, seed: number) {
    this.#memory = memory;
    this.#capacity = capacity;
    this.#policy = policy;
    this.#random = seed >>> 0 || 1;
  }

  /** Frames with at least one owner. */
  get live(): number {
    return this.#live;
  }

  /** The frame with this number if it was ever allocated. */
  get(number: number): Frame | undefined {
    return this.#all[number - FIRST_FRAME];
  }

  /** Every frame with an owner, in order of number. */
  *owned(): Iterable<Frame> {
    for (const frame of this.#all) if (frame.references > 0) yield frame;
  }

  /** A zero-filled frame with one reference, or `null` when all are taken. */
  allocate(op: number): Frame | null {
    const fresh = this.#all.length < this.#capacity;
    const reused = this.#takeFreed(fresh);
    if (reused === undefined && !fresh) return null;
    const frame = reused ?? new Frame(FIRST_FRAME + this.#all.length);
    if (reused === undefined) this.#all.push(frame);
    else this.#memory.frameBytes(frame.pa).fill(0);
    frame.references = 1;
    frame.handles = 0;
    frame.op = op;
    this.#live++;
    return frame;
  }

  /** Takes away one reference; the last one frees and poisons the frame. */
  release(frame: Frame): void {
    frame.references--;
    if (frame.references > 0) return;
    frame.generation++;
    this.#live--;
    this.#memory.frameBytes(frame.pa).fill(POISON);
    this.#putFreed(frame);
  }

  #takeFreed(freshLeft: boolean): Frame | undefined {
    switch (this.#policy) {
      case 'first-fit':
        return this.#freed.pop();
      case 'quarantine':
        return freshLeft ? undefined : this.#freed.shift();
      case 'random': {
        if (this.#freed.length === 0 || (freshLeft && this.#next() % 2 === 0)) return undefined;
        const [frame] = this.#freed.splice(this.#next() % this.#freed.length, 1);
        return frame;
      }
    }
  }

  #putFreed(frame: Frame): void {
    if (this.#policy !== 'first-fit') {
      this.#freed.push(frame);
      return;
    }
    let at = this.#freed.length;
    while (at > 0 && (this.#freed[at - 1]?.number ?? 0) < frame.number) at--;
    this.#freed.splice(at, 0, frame);
  }

  /** xorshift32: allocation order only has to be varied and repeatable. */
  #next(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x >>> 0;
    return this.#random;
  }
}
