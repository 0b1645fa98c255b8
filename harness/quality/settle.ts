/** Holds the automatic mutants that survived against the list of those that no check can notice. */
import { type Equivalent, type Reason, REASONS } from './equivalent.ts';
import type { Kill } from './kill.ts';
import { percentile } from './statistics.ts';

/** What became of the automatic mutants of one assignment; lists hold their ids. */
export interface Settlement {
  readonly graded: number;
  readonly killed: readonly string[];
  /** Survivors that the list explains. */
  readonly equivalent: readonly Equivalent[];
  /** Survivors that it does not explain. */
  readonly survivors: readonly string[];
  /** Listed as equivalent, but noticed by a check. */
  readonly noticed: readonly string[];
  /** Listed as equivalent, but the model has no such mutant (any more). */
  readonly gone: readonly string[];
  /** Not graded, because the grader failed. */
  readonly trouble: readonly string[];
}

/** `kills`: of the mutants that were graded. `existing`: ids of all mutants of the assignment. `listed`: its equivalent ones. */
export function settle(
  kills: readonly Kill[],
  existing: ReadonlySet<string>,
  listed: readonly Equivalent[],
): Settlement {
  const graded = kills.filter(({ trouble }) => trouble === null);
  const surviving = new Set(graded.filter(survives).map(({ mutant }) => mutant));
  const killed = graded.filter((kill) => !survives(kill)).map(({ mutant }) => mutant);
  const explained = new Set(listed.map(({ mutant }) => mutant));
  return {
    graded: kills.length,
    killed,
    equivalent: listed.filter(({ mutant }) => surviving.has(mutant)),
    survivors: [...surviving].filter((id) => !explained.has(id)),
    noticed: killed.filter((id) => explained.has(id)),
    gone: listed.map(({ mutant }) => mutant).filter((id) => !existing.has(id)),
    trouble: kills.flatMap(({ mutant, trouble }) =>
      trouble === null ? [] : `${mutant}: ${trouble}`,
    ),
  };
}

/** Whether a student with this mistake would be told nothing, or lose nothing. */
export function survives({ broken, lost }: Kill): boolean {
  return broken.length === 0 || lost === 0;
}

/** What has to be done: a line each, none if all is settled. */
export function settlementComplaints(
  assignment: string,
  { survivors, noticed, gone, trouble }: Settlement,
): readonly string[] {
  const list = `suites/${assignment}/mutants/equivalent.yml`;
  return [
    ...trouble,
    ...survivors.map((id) => `${id}: survives, and ${list} does not say why`),
    ...noticed.map((id) => `${id}: ${list} calls it equivalent, but a check notices it`),
    ...gone.map((id) => `${id}: ${list} has it, but the model has no such mutant`),
  ].map((text) => `${assignment}: ${text}`);
}

/** One line: how many were killed, how many are equivalent and why, and how fast the killed ones were noticed. */
export function settlementSummary(settlement: Settlement, kills: readonly Kill[]): string {
  const { graded, killed, equivalent, survivors } = settlement;
  const count = (wanted: Reason): number =>
    equivalent.filter(({ reason }) => reason === wanted).length;
  const times = kills.flatMap(({ noticedMs }) => noticedMs ?? []);
  return [
    `killed ${killed.length} of ${graded}`,
    `equivalent ${equivalent.length} (${REASONS.map((reason) => `${reason} ${count(reason)}`).join(', ')})`,
    `not settled ${survivors.length}`,
    `noticed after, median / 95 %: ${percentile(times, 0.5) ?? '-'} / ${percentile(times, 0.95) ?? '-'} ms`,
  ].join('; ');
}
