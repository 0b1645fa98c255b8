/**
 * The page frames: who owns how many references to each, which are free, and which comes next.
 *
 * A reference is held by a live handle (`Page`), by the kernel itself (a page-table root, the page cache), or by "the outside" (an address given
 * out by `intoRaw`, normally an entry of a page table).
 */
import type { FrameOwners, FrameSites } from '../contract/machine-facts.ts';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import { type Place, siteOf } from './place.ts';
import { Random } from './random.ts';

/**
 * Which free frame comes next. `first-fit`: the lowest, as KeOS. `quarantine`: a freed frame comes back only when no other is left, the one freed
 * longest ago first, so that what still refers to it meets poison. `random`: any free frame, used before or not, by seed.
 */
export type AllocationPolicy = 'first-fit' | 'quarantine' | 'random';

/** Lowest frame that is handed out unless a machine is told otherwise; the kernel's own tables lie below. */
export const FIRST_FRAME = 0x100;

/** What a freed frame is filled with, so that use after free is seen. */
export const POISON = 0xdb;

/** Under `random`, how many frames that were never used are candidates at a time: varied, and still next to one another in memory. */
const FRESH_WINDOW = 64;

/** One page frame that has been allocated at least once. */
export class Frame {
  /** Of the references, how many are held by live `Page` handles. */
  handles = 0;
  /** Goes up at every release, so that views of an earlier life are recognised. */
  generation = 0;
  /** Operation in which it was last allocated. */
  op = -1;
  /** Of its last allocation, and of the release after it. */
  allocated: Place = null;
  released: Place = null;

  readonly number: number;
  readonly #changed: Set<Frame>;
  #references = 0;
  #kernelOwner: 'root' | 'cache' | null = null;

  /** `changed`: takes the frame whenever its owners change. */
  constructor(number: number, changed: Set<Frame>) {
    this.number = number;
    this.#changed = changed;
  }

  /** References, whoever holds them. 0: free. */
  get references(): number {
    return this.#references;
  }

  set references(count: number) {
    this.#references = count;
    this.#changed.add(this);
  }

  /** What in the kernel holds one of the references. */
  get kernelOwner(): 'root' | 'cache' | null {
    return this.#kernelOwner;
  }

  set kernelOwner(owner: 'root' | 'cache' | null) {
    this.#kernelOwner = owner;
    this.#changed.add(this);
  }

  /** Physical address. */
  get pa(): number {
    return this.number * PAGE_SIZE;
  }

  /** References that nobody in the machine holds: somebody has the address, and owes the machine one release for each. */
  get outside(): number {
    return this.references - this.handles - (this.kernelOwner === null ? 0 : 1);
  }

  /** Where it was last allocated, and released since; both empty unless sites are recorded. */
  get sites(): FrameSites {
    return { allocated: siteOf(this.allocated), released: siteOf(this.released) };
  }

  /** Who holds the references, now. */
  get owners(): FrameOwners {
    return { pages: this.handles, outside: this.outside, kernel: this.kernelOwner };
  }
}

/** All page frames of a machine. */
export class Frames {
  /** Frames whose owners have changed since this was last cleared. */
  readonly changed = new Set<Frame>();
  /** By number from the first on; under `random` with gaps. */
  readonly #all: (Frame | undefined)[] = [];
  /** Free frames that were used before: descending for first-fit (the next is last), oldest first for quarantine. */
  readonly #freed: Frame[] = [];
  /** Numbers of frames never used that may be next. */
  readonly #fresh: number[] = [];
  readonly #memory: PhysicalMemory;
  readonly #capacity: number;
  readonly #policy: AllocationPolicy;
  readonly #random: Random;
  readonly #first: number;
  /** Frames that were never used and are not in {@link #fresh}: all from this number on. */
  #untouched: number;
  #live = 0;

  /** `capacity`: how many frames there are. `seed` is that of the `random` policy. `first`: number of the lowest frame. */
  constructor(
    memory: PhysicalMemory,
    capacity: number,
    policy: AllocationPolicy,
    seed: number,
    first = FIRST_FRAME,
  ) {
    this.#memory = memory;
    this.#capacity = capacity;
    this.#policy = policy;
    this.#random = new Random(seed);
    this.#first = first;
    this.#untouched = first;
  }

  /** Frames with at least one owner. */
  get live(): number {
    return this.#live;
  }

  /** The frame with this number if it was ever allocated. */
  get(number: number): Frame | undefined {
    return this.#all[number - this.#first];
  }

  /**
   * Every frame with an owner, in order of number. With `since`, only those allocated in that operation or a later one: what a cycle of operations that
   * ends where it began has added, if {@link live} has grown.
   */
  *owned(since = -Infinity): Iterable<Frame> {
    for (const frame of this.#all)
      if (frame !== undefined && frame.references > 0 && frame.op >= since) yield frame;
  }

  /** Every frame that was ever allocated, free ones too, in order of number. */
  *used(): Iterable<Frame> {
    for (const frame of this.#all) if (frame !== undefined) yield frame;
  }

  /** A zero-filled frame with one reference, or `null` when all are taken. */
  allocate(op: number): Frame | null {
    const reused = this.#takeFreed();
    const frame = reused ?? this.#takeFresh();
    if (frame === null) return null;
    if (reused !== null) this.#memory.frameBytes(frame.pa).fill(0);
    frame.references = 1;
    frame.handles = 0;
    frame.kernelOwner = null;
    frame.op = op;
    this.#live++;
    return frame;
  }

  /**
   * Takes away one reference; the last one frees and poisons the frame. Throws a `RangeError` if the frame is free: what asks for that has to be
   * stopped before, where it can be told who it was.
   */
  release(frame: Frame): void {
    if (frame.references === 0)
      throw new RangeError(`frame ${String(frame.number)} is free already`);
    frame.references--;
    if (frame.references > 0) return;
    frame.generation++;
    this.#live--;
    this.#memory.frameBytes(frame.pa).fill(POISON);
    this.#putFreed(frame);
  }

  /** A frame that was used before, if it is the turn of one. */
  #takeFreed(): Frame | null {
    switch (this.#policy) {
      case 'first-fit':
        return this.#freed.pop() ?? null;
      case 'quarantine':
        return this.#freshLeft ? null : (this.#freed.shift() ?? null);
      case 'random': {
        if (this.#freed.length === 0 || (this.#freshLeft && this.#random.below(2) === 0))
          return null;
        const [frame] = this.#freed.splice(this.#random.below(this.#freed.length), 1);
        return frame ?? null;
      }
    }
  }

  get #freshLeft(): boolean {
    return this.#fresh.length > 0 || this.#untouched < this.#first + this.#capacity;
  }

  /** A frame that was never used: the lowest, or under `random` one of the lowest. */
  #takeFresh(): Frame | null {
    const window = this.#policy === 'random' ? FRESH_WINDOW : 1;
    while (this.#fresh.length < window && this.#untouched < this.#first + this.#capacity)
      this.#fresh.push(this.#untouched++);
    const at = window === 1 ? 0 : this.#random.below(this.#fresh.length);
    const [number] = this.#fresh.splice(at, 1);
    if (number === undefined) return null;
    const frame = new Frame(number, this.changed);
    this.#all[number - this.#first] = frame;
    return frame;
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
}
