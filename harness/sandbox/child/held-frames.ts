/** The page frames that the driver holds in a program of managers, by label: those it took, and those that student code has given it. */
import type { Frame } from '../../../reference/emulator/frames.ts';
import type { Machine } from '../../../reference/emulator/machine.ts';
import type { FreedFrame } from '../../protocol/trace.ts';

interface Held {
  readonly frame: Frame;
  /** Of the life of the frame that is held. */
  readonly generation: number;
}

export class HeldFrames {
  readonly #machine: Machine;
  readonly #held = new Map<string, Held>();
  #freed: FreedFrame[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Whether a frame is or was held under this label. */
  has(label: string): boolean {
    return this.#held.has(label);
  }

  /** The frame held under this label, or `undefined` if there is none, or it is free by now. */
  get(label: string): Frame | undefined {
    const held = this.#held.get(label);
    return held !== undefined && isLive(held) ? held.frame : undefined;
  }

  /** From now on the driver holds the frame, which is allocated, under a label of its own. */
  keep(label: string, frame: Frame): void {
    this.#held.set(label, { frame, generation: frame.generation });
  }

  /** Frees the frame held under this label, if it is still allocated. */
  free(label: string): void {
    const frame = this.get(label);
    if (frame !== undefined) this.#machine.release(frame);
  }

  /** Frees all that is held. */
  freeAll(): void {
    for (const label of this.#held.keys()) this.free(label);
  }

  /** The frames that are held now; to be looked at again by {@link noteFreed}. */
  live(): ReadonlySet<Frame> {
    return new Set([...this.#held.values()].filter(isLive).map(({ frame }) => frame));
  }

  /** Notes which of the frames that were `live` are not held any more: what student code has freed in between. */
  noteFreed(live: ReadonlySet<Frame>): void {
    const now = this.live();
    for (const frame of live) {
      if (!now.has(frame)) this.#freed.push({ frame: frame.number, site: frame.sites.released });
    }
  }

  /** What {@link noteFreed} found since the last call. */
  takeFreed(): readonly FreedFrame[] {
    const freed = this.#freed;
    this.#freed = [];
    return freed;
  }
}

function isLive({ frame, generation }: Held): boolean {
  return frame.references > 0 && frame.generation === generation;
}
