import { FRAME_ALLOCATOR, KernelError, PAGE_SIZE, attempt, physToVirtAddr, type FrameNumber, type PageBytes } from 'veridian';

export function roundDown(vaddr: bigint): bigint {
  return vaddr & ~(PAGE_SIZE - 1n);
}

export function newFrame(): FrameNumber {
  const result = attempt(() => FRAME_ALLOCATOR.allocateFrame());
  if (result.ok) return result.value;
  throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
}

export function bytesOf(frame: FrameNumber): PageBytes {
  return physToVirtAddr(frame * PAGE_SIZE);
}
