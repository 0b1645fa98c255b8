/** "Did you mean …?" */
import { closestMatch } from 'leven';

/** A question to append to a message, naming what `word` is most like; empty if it is like nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : ` Did you mean ${near}?`;
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
  const byLowerCase = new Map(candidates.map((name) => [name.toLowerCase(), name]));
  const names = [...byLowerCase.keys()];
  const begun = lower.length < 3 ? undefined : names.find((name) => name.startsWith(lower));
  // A slip or two, more in a long word; letters that are swapped are two.
  const near = begun ?? closestMatch(lower, names, { maxDistance: Math.ceil(word.length / 3) });
  return near === undefined ? undefined : byLowerCase.get(near);
}
