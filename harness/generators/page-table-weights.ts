/** How often programs on page tables try what. */
import type { Lane } from './lanes.ts';

/** How often each kind of operation is tried, relative to the others. */
export interface PageTableWeights {
  readonly map: number;
  readonly remap: number;
  readonly unmap: number;
  readonly absent: number;
  readonly walk: number;
  readonly walkMut: number;
  readonly probe: number;
  /** One page is used on every processor. */
  readonly warm: number;
  readonly refuse: number;
  readonly clear: number;
}

const MIXED: PageTableWeights = {
  map: 34,
  remap: 6,
  unmap: 14,
  absent: 6,
  walk: 8,
  walkMut: 6,
  probe: 20,
  warm: 0,
  refuse: 6,
  clear: 1,
};

const OF_LANE: Readonly<Record<Lane, Partial<PageTableWeights>>> = {
  mixed: {},
  swarm: { warm: 4, clear: 2 },
  boundary: { unmap: 18, absent: 14, refuse: 2 },
  shootdown: { map: 24, unmap: 16, walkMut: 14, warm: 26, remap: 2, refuse: 1 },
  // Page tables do not fork.
  fork: {},
};

/** The weights of a lane; `own` are those of the check. */
export function tableWeightsOf(lane: Lane, own: Partial<PageTableWeights> = {}): PageTableWeights {
  return { ...MIXED, ...OF_LANE[lane], ...own };
}
