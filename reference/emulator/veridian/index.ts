/** The `veridian` module as student code receives it, checked against the contract. */
import type * as contract from '../../contract/veridian.ts';
import { todo } from '../keos/errors.ts';
import { contains } from '../keos/flags.ts';
import { attempt, FrameAllocatorError, KernelError } from './errors.ts';
import { readInode } from './files.ts';
import { FRAME_ALLOCATOR, FrameNumber, physToVirtAddr } from './frames.ts';
import { PageFlags } from './page-flags.ts';

export const veridian: typeof contract = {
  PAGE_SIZE: 0x1000n,
  FrameNumber,
  PageFlags,
  contains,
  KernelError,
  FrameAllocatorError,
  attempt,
  todo,
  FRAME_ALLOCATOR,
  physToVirtAddr,
  readInode,
};
