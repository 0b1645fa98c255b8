/** What grading a submission has come to so far, besides the grades: what one assignment leaves to the next, and what the diagnostics say. */
import type { AssignmentGrade, FirstFailure } from '../scoring/grade.ts';
import type { PlayedSession } from './play-again.ts';
import type { RulesBefore } from './session/session-rules.ts';
import { type Allowance, TimeLimit } from './session/time-limit.ts';

type PageTable = AssignmentGrade['pageTable'];

export interface Told {
  readonly notes: string[];
  readonly firstFailures: FirstFailure[];
  /** Rules that were found to hold so far, and those that were seen broken, by the page table that this was on. */
  readonly rules: Map<PageTable, RulesBefore>;
  readonly played: PlayedSession[];
  /** Modules of the submission in which their own assignment has found nothing wrong. */
  readonly sound: Set<string>;
  /** By the page table on which the code runs: with one it may be slow, and not with the other. Empty if the code has as long as it takes. */
  readonly timeLimits: ReadonlyMap<PageTable, TimeLimit>;
}

/** Before anything is played. The time begins. */
export function nothingTold(notes: readonly string[], allowance?: Allowance): Told {
  return {
    notes: [...notes],
    firstFailures: [],
    rules: new Map(),
    played: [],
    sound: new Set(),
    timeLimits: allowance === undefined ? new Map() : timeLimits(allowance),
  };
}

/** The same state, to be thrown away: what is told to it is told to nobody else, but for time that is up. */
export function asideOf({ rules, timeLimits }: Told): Told {
  return { ...nothingTold([]), rules: new Map(rules), timeLimits };
}

/** Whether slow code has used up its time. */
export function timeWasUp({ timeLimits }: Told): boolean {
  return [...timeLimits.values()].some(({ isOver }) => isOver);
}

function timeLimits(allowance: Allowance): Told['timeLimits'] {
  const own = new TimeLimit(allowance);
  const others = (['model', null] as const).map(
    (pageTable) => [pageTable, new TimeLimit(allowance, own.start)] as const,
  );
  return new Map<PageTable, TimeLimit>([['own', own], ...others]);
}
