/**
 * Lanes: ways of generating programs that find different mistakes. No single one finds all of them fast, so a check takes its programs from several
 * (`docs/generators.md` has the measurements).
 */
import type { Draw } from './raw-choices.ts';

/**
 * - `mixed`: everything, in hand-made proportions.
 * - `swarm`: every program leaves out some kinds of operations and has much of others.
 * - `boundary`: addresses around the boundaries at which a table of some level ends, page 1, and the last page of user space.
 * - `shootdown`: several processors run one page table and use its pages, then one of them changes it.
 * - `fork`: processes fork, write what they share, and exit.
 */
export type Lane = 'mixed' | 'swarm' | 'boundary' | 'shootdown' | 'fork';

/** How many programs come from each lane, relative to one another. */
export type LaneShares = Partial<Readonly<Record<Lane, number>>>;

/** The lane of a program: drawn by its share. */
export function drawLane(draw: Draw, lanes: Lane | LaneShares = 'mixed'): Lane {
  return typeof lanes === 'string' ? lanes : draw.weighted<Lane>({ ...NO_LANES, ...lanes });
}

const NO_LANES: Readonly<Record<Lane, number>> = {
  mixed: 0,
  swarm: 0,
  boundary: 0,
  shootdown: 0,
  fork: 0,
};

/** Processors by lane, each number with its weight. */
const CPUS = {
  mixed: { 1: 5, 2: 5, 3: 1, 4: 1 },
  swarm: { 1: 4, 2: 4, 3: 2, 4: 2 },
  boundary: { 1: 3, 2: 1, 3: 0, 4: 0 },
  shootdown: { 1: 0, 2: 4, 3: 2, 4: 2 },
  fork: { 1: 3, 2: 3, 3: 1, 4: 1 },
} as const;

/** How many processors a program of the lane has: 1 to 4. */
export function drawCpus(draw: Draw, lane: Lane): number {
  return Number(draw.weighted<string>(CPUS[lane]));
}

/** In the lane `swarm`: weights of which about half are gone, and some are multiplied. Those of `kept` stay. Other lanes: as they are. */
export function swarmed<K extends string>(
  draw: Draw,
  lane: Lane,
  weights: Readonly<Record<K, number>>,
  kept: readonly NoInfer<K>[],
): Readonly<Record<K, number>> {
  if (lane !== 'swarm') return weights;
  const entries = Object.entries(weights) as [K, number][];
  const changed = entries.map(([key, weight]): [K, number] => {
    const factor = draw.of([0, 0, 0, 1, 1, 4]);
    return [key, kept.includes(key) ? weight : weight * factor];
  });
  return Object.fromEntries(changed) as Record<K, number>;
}
