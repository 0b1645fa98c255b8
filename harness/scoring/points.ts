/**
 * Arithmetic of points. Counted in whole hundredths, so that a sum never reads 7.499999999999999.
 */

/** Adds points, exact to two decimals. */
export function sumPoints(points: Iterable<number>): number {
  let hundredths = 0;
  for (const value of points) hundredths += Math.round(value * 100);
  return hundredths / 100;
}

/** `score / maxScore * 100` with two decimals; 0 when there was nothing to earn. */
export function percentOf(score: number, maxScore: number): number {
  if (maxScore === 0) return 0;
  return Math.round((score / maxScore) * 10_000) / 100;
}

/** Points as people write them: `30`, `7.5`. */
export function formatPoints(points: number): string {
  return String(sumPoints([points]));
}
