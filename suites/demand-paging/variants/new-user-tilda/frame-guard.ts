/**
 * A frame that is freed at the end of its block unless it was handed out. With it a call may fail anywhere, and loses no frame:
 *
 *     using frame = FrameGuard.take();   // may throw: nothing is owed
 *     …frame.bytes…                      // may throw: the frame is freed
 *     return frame.handOut();            // from here on it is the caller's
 */
import {
  FRAME_ALLOCATOR,
  FrameAllocatorError,
  KernelError,
  PAGE_SIZE,
  attempt,
  physToVirtAddr,
  type FrameNumber,
  type PageBytes,
} from 'veridian';

/** The bytes of a frame. */
export function bytesOf(frame: FrameNumber): PageBytes {
  return physToVirtAddr(frame * PAGE_SIZE);
}

export class FrameGuard {
  readonly #frame: FrameNumber;
  /** Whether this guard still has to free the frame. */
  #owed = true;

  private constructor(frame: FrameNumber) {
    this.#frame = frame;
  }

  /** Takes a frame. Throws `KernelError.OutOfMemory` if there is none: the error of the allocator is not one that callers are promised. */
  static take(): FrameGuard {
    const taken = attempt(() => FRAME_ALLOCATOR.allocateFrame());
    if (taken.ok) return new FrameGuard(taken.value);
    if (taken.error === FrameAllocatorError.OutOfMemory) {
      throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
    }
    throw taken.error;
  }

  get bytes(): PageBytes {
    return bytesOf(this.#frame);
  }

  /** The frame, which belongs to whoever called this from now on. */
  handOut(): FrameNumber {
    this.#owed = false;
    return this.#frame;
  }

  [Symbol.dispose](): void {
    if (!this.#owed) return;
    this.#owed = false;
    FRAME_ALLOCATOR.freeFrame(this.#frame);
  }
}
