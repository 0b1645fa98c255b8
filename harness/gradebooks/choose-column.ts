/** Which column gets the scores: the one that was named, or the only one that can. */
import { quote, quoteSome } from '../intake/quote.ts';
import { GradebookProblem } from './problem.ts';

/** A column that could be filled. */
export interface Candidate {
  readonly column: number;
  /** Its heading, as the export has it. */
  readonly title: string;
  /** What else it answers to: the title without the number, the number. */
  readonly aliases: readonly string[];
  /** Why it cannot be filled after all, as the end of a sentence; null if it can. */
  readonly obstacle: string | null;
}

/**
 * Chooses a column.
 *
 * @param wanted what `--column` says, or null
 * @throws GradebookProblem if there is none, if several come into question, or if the platform would not take the one that was named
 */
export function chooseColumn(candidates: readonly Candidate[], wanted: string | null): Candidate {
  const free = candidates.filter(({ obstacle }) => obstacle === null);
  if (wanted === null) {
    if (free.length === 1) return free[0]!;
    throw new GradebookProblem(
      free.length === 0
        ? `It has no column for scores.${obstacles(candidates)}`
        : `Several columns could get the scores. Say which: --column ${titles(free, ' or ')}.`,
    );
  }
  const [found, ...more] = named(candidates, wanted);
  if (found === undefined) {
    throw new GradebookProblem(
      `It has no column ${quote(wanted)} for scores; a platform would make a new one of it. ` +
        (free.length === 0 ? obstacles(candidates).trim() : `There is ${titles(free, ' and ')}.`),
    );
  }
  if (more.length > 0) {
    throw new GradebookProblem(
      `Several columns are called ${quote(wanted)}. Give the number, too: --column ${titles([found, ...more], ' or ')}.`,
    );
  }
  if (found.obstacle !== null) {
    throw new GradebookProblem(
      `The column ${quote(found.title)} cannot be filled: ${found.obstacle}.`,
    );
  }
  return found;
}

/** The whole heading before anything else that it may be called. */
function named(candidates: readonly Candidate[], wanted: string): readonly Candidate[] {
  const key = comparable(wanted);
  const exact = candidates.filter(({ title }) => comparable(title) === key);
  if (exact.length > 0) return exact;
  return candidates.filter(({ aliases }) => aliases.some((alias) => comparable(alias) === key));
}

function comparable(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

const MOST = 12;

function titles(candidates: readonly Candidate[], between: string): string {
  const shown = candidates.slice(0, MOST).map(({ title }) => quote(title));
  const more = candidates.length - shown.length;
  return shown.join(between) + (more > 0 ? ` (and ${more} more)` : '');
}

function obstacles(candidates: readonly Candidate[]): string {
  const [first] = candidates;
  if (first === undefined) return '';
  const names = quoteSome(candidates.map(({ title }) => title));
  return candidates.length === 1
    ? ` ${quote(first.title)} cannot be filled: ${first.obstacle ?? ''}.`
    : ` None of ${names} can be filled: ${first.obstacle ?? ''}.`;
}
