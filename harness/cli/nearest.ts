/** "Did you mean …?" */
import { oneLine } from '../reporters/escaping.ts';

/** A question to append to a message, naming what `word` is most like; empty if it is like nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : ` Did you mean ${oneLine(near)}?`;
}

/** As {@link didYouMean}, or else {@link thereAre}. */
export function didYouMeanOneOf(word: string, names: readonly string[]): string {
  return didYouMean(word, names) || thereAre(names);
}

/** A sentence to append to a message, naming two or more. */
export function thereAre(names: readonly string[]): string {
  return ` There are ${new Intl.ListFormat('en-GB').format(names)}.`;
}

/** Ids such as `LP-11`. */
const NUMBERED = /^[a-z]+-?(\d+)$/iu;

function nearest(word: string, all: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  // Another number is another rule, not a slip.
  const number = NUMBERED.exec(word)?.[1];
  const candidates =
    number === undefined
      ? [...all]
      : [...all].filter((name) => NUMBERED.exec(name)?.[1] === number);
  const begun =
    lower.length < 3 ? undefined : candidates.find((name) => name.toLowerCase().startsWith(lower));
  if (begun !== undefined) return begun;
  let best: string | undefined;
  // A slip or two, more in a long word.
  let limit = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const steps = distance(lower, candidate.toLowerCase());
    if (steps < limit) [best, limit] = [candidate, steps];
  }
  return best;
}

/**
 * Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). Ours, because the libraries that are kept up count a swap as two
 * steps, and so take TP-9 for LP-9.
 */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let steps = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        steps = Math.min(steps, before[j - 2]! + 1);
      }
      row.push(steps);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
