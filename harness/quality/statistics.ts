/** The few numbers that tables are summed up with. */

/**
 * The value below or at which the share `q` (0..1) of the values lies: the nearest rank, always one of the values. `null` if there are none.
 */
export function percentile(values: readonly number[], q: number): number | null {
  const inOrder = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(q * inOrder.length));
  return inOrder[rank - 1] ?? null;
}
