/** What makes a suite fair, measured on planted bugs: what one mistake costs, that two cost no less than either, that the seed does not matter. Pure. */
import { percentOf } from '../scoring/points.ts';

/** What one mistake may cost unless its rule is fundamental: a share of the assignment. */
const MOST_SHARE = 0.3;
/** Share of the mutants that must score the same on every seed, and how far any may move: a share of the assignment. */
const LEAST_STEADY = 0.95;
const MOST_MOVED = 0.05;

/** The score of one mutant. */
export interface Scored {
  readonly name: string;
  readonly score: number;
  readonly maxScore: number;
  /** It breaks a rule that may cost more than others. */
  readonly isFundamental: boolean;
}

/** Two mutants planted together, with the scores of each alone. */
export interface ScoredPair {
  readonly name: string;
  readonly together: number;
  readonly one: number;
  readonly other: number;
}

/** A mutant's scores, one for each seed. */
export interface ScoredSeeds {
  readonly name: string;
  readonly scores: readonly number[];
  readonly maxScore: number;
}

/** Mutants that are free, or cost more than one mistake may. */
export function unfairCosts(mutants: readonly Scored[]): readonly string[] {
  return mutants.flatMap(({ name, score, maxScore, isFundamental }) => {
    const lost = maxScore - score;
    const share = `${percentOf(lost, maxScore)} %`;
    if (lost <= 0) return [`${name} costs nothing`];
    // Points are counted in hundredths.
    const isTooMuch = lost > maxScore * MOST_SHARE + 0.005;
    return isTooMuch && !isFundamental
      ? [`${name} costs ${share}, and its rule is not fundamental`]
      : [];
  });
}

/** Pairs that score better than one of the two alone. */
export function unfairPairs(pairs: readonly ScoredPair[]): readonly string[] {
  return pairs
    .filter(({ together, one, other }) => together > Math.min(one, other))
    .map(
      ({ name, together, one, other }) =>
        `${name} scores ${together}; alone they score ${one} and ${other}`,
    );
}

/** Mutants whose score depends on the seed: each that moves too far, and a line more if too many move at all. */
export function unsteadyScores(mutants: readonly ScoredSeeds[]): readonly string[] {
  const moved = mutants.filter(({ scores }) => spread(scores) > 0);
  const far = moved
    .filter(({ scores, maxScore }) => spread(scores) > maxScore * MOST_MOVED)
    .map(
      ({ name, scores }) =>
        `${name} scores from ${Math.min(...scores)} to ${Math.max(...scores)}, depending on the seed`,
    );
  const steady = mutants.length - moved.length;
  if (steady >= mutants.length * LEAST_STEADY) return far;
  return [
    ...far,
    `only ${steady} of ${mutants.length} mutants score the same on every seed: not ${moved.map(({ name }) => name).join(', ')}`,
  ];
}

/** From the lowest to the highest score. */
export function spread(scores: readonly number[]): number {
  return scores.length === 0 ? 0 : Math.max(...scores) - Math.min(...scores);
}

/** `count` items of a list of `length`, by place, chosen by `seed`: the same for the same seed, none twice. */
export function chosen(length: number, count: number, seed: number): readonly number[] {
  const places = Array.from({ length }, (_, place) => place);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let left = length - 1; left > 0; left--) {
    // A linear congruential generator: nothing depends on how good it is.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (left + 1));
    [places[left], places[other]] = [places[other]!, places[left]!];
  }
  return places.slice(0, count);
}
