/** How often programs of processes try what. */
import type { PagerKind } from '../protocol/program.ts';
import type { Lane } from './lanes.ts';

/** How often each kind of operation is tried, relative to the others. */
export interface ProcessWeights {
  readonly mmap: number;
  readonly badMmap: number;
  readonly munmap: number;
  readonly badMunmap: number;
  readonly access: number;
  readonly outside: number;
  readonly crossing: number;
  /** One page is used on every processor. */
  readonly warm: number;
  readonly getUserPage: number;
  readonly accessOk: number;
  readonly spurious: number;
  readonly file: number;
  readonly fork: number;
  readonly exit: number;
  /** `MmStruct`'s system calls, and its `accessOk`. */
  readonly sysMmap: number;
  readonly badSysMmap: number;
  readonly sysMunmap: number;
  readonly accessRange: number;
}

const MIXED: ProcessWeights = {
  mmap: 16,
  badMmap: 5,
  munmap: 8,
  badMunmap: 3,
  access: 36,
  outside: 5,
  crossing: 6,
  warm: 0,
  getUserPage: 7,
  accessOk: 7,
  spurious: 3,
  file: 2,
  fork: 0,
  exit: 0,
  sysMmap: 0,
  badSysMmap: 0,
  sysMunmap: 0,
  accessRange: 0,
};

/** An eager pager has no fault handler, and stands behind system calls. */
const EAGER: Partial<ProcessWeights> = {
  access: 28,
  getUserPage: 5,
  spurious: 0,
  sysMmap: 9,
  badSysMmap: 3,
  sysMunmap: 4,
  accessRange: 9,
};

const OF_LANE: Readonly<Record<Lane, Partial<ProcessWeights>>> = {
  mixed: {},
  swarm: { warm: 4 },
  boundary: { crossing: 14, outside: 12, access: 30, accessOk: 10 },
  shootdown: { warm: 24, munmap: 14, outside: 12, access: 14, badMmap: 1, badMunmap: 1, file: 0 },
  fork: {
    fork: 10,
    exit: 4,
    access: 44,
    warm: 5,
    mmap: 14,
    badMmap: 1,
    badMunmap: 1,
    accessOk: 2,
    outside: 2,
  },
};

/** The weights of a lane; `own` are those of the check. */
export function weightsOf(
  pager: PagerKind,
  lane: Lane,
  own: Partial<ProcessWeights> = {},
): ProcessWeights {
  return { ...MIXED, ...(pager === 'eager' ? EAGER : {}), ...OF_LANE[lane], ...own };
}
