/** Frame numbers, the frame allocator, and the window onto physical memory. */
import type * as veridian from '../../contract/veridian.ts';
import { hex } from '../../x86/address.ts';
import { PAGE_SIZE } from '../../x86/page-table-entry.ts';
import { type Frame, POISON } from '../frames.ts';
import { machine, panic, raise } from '../keos/active-machine.ts';
import { show } from '../keos/checks.ts';
import { PageBytesView } from '../keos/page-bytes.ts';
import { FrameAllocatorError } from './errors.ts';

/** Frame numbers of 52-bit physical addresses are below this. */
const FRAME_NUMBER_END = 1n << 40n;

/** The allocated frame with number `number`, or a panic. */
function allocated(call: string, number: bigint): Frame {
  const frame = machine().frames.get(Number(number));
  if (frame === undefined) panic(`${call}: there is no page frame ${hex(number)}`, 'frames');
  if (frame.references === 0)
    panic(`${call}: the frame ${hex(number)} is free (freed before)`, 'frames', frame);
  return frame;
}

function checkedNumber(call: string, value: unknown): bigint {
  if (typeof value !== 'bigint' || value < 0n || value >= FRAME_NUMBER_END)
    panic(`${call}: ${show(value)} is not a frame number`);
  return value;
}

export const FrameNumber: typeof veridian.FrameNumber = {
  new(n) {
    machine().enter();
    const number = checkedNumber('FrameNumber.new', n);
    machine().leave();
    return number as veridian.FrameNumber;
  },
};

export const FRAME_ALLOCATOR: typeof veridian.FRAME_ALLOCATOR = {
  allocateFrame() {
    machine().enter();
    const frame = machine().allocate(true);
    if (frame === null) raise(FrameAllocatorError.OutOfMemory);
    machine().memory.frameBytes(frame.pa).fill(POISON);
    machine().leave();
    return BigInt(frame.number) as veridian.FrameNumber;
  },
  freeFrame(number) {
    const call = 'FRAME_ALLOCATOR.freeFrame';
    machine().enter();
    const frame = allocated(call, checkedNumber(call, number));
    if (frame.outside <= 0)
      panic(`${call}: the frame ${hex(number)} did not come from this allocator`, 'frames', frame);
    machine().release(frame);
    machine().leave();
  },
};

/** See `physToVirtAddr` in the contract. */
export function physToVirtAddr(physAddr: bigint): veridian.PageBytes {
  machine().enter();
  if (typeof physAddr !== 'bigint' || physAddr < 0n || physAddr >= 1n << 52n)
    panic(`physToVirtAddr: ${show(physAddr)} is not a physical address`);
  if (physAddr % BigInt(PAGE_SIZE) !== 0n)
    panic(`physToVirtAddr: ${hex(physAddr)} is not the start of a frame`);
  const frame = allocated('physToVirtAddr', physAddr / BigInt(PAGE_SIZE));
  machine().leave();
  return new PageBytesView(frame);
}
