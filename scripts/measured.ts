/** The numbers that the README shows, and how they follow from what the commands print. Pure. */
import type { CommandTime } from '../harness/cli/command-times.ts';
import type { Kill } from '../harness/quality/kill.ts';
import { percentile } from '../harness/quality/statistics.ts';

/** `docs/measured.json`. Times are in milliseconds. */
export interface Measured {
  readonly node: string;
  readonly cores: number;
  readonly commands: readonly CommandTime[];
  readonly kills: readonly KillNumbers[];
  readonly variants: VariantNumbers;
  readonly fairness: FairnessNumbers;
  readonly lengths: LengthNumbers;
  readonly stages: StageNumbers;
  readonly batch: readonly BatchNumbers[];
}

/** A class as one command. */
export interface BatchNumbers {
  readonly submissions: number;
  readonly seconds: number;
  /** MiB that were resident at most: of all processes together, and of the command's own. */
  readonly peakMb: number;
  readonly ownPeakMb: number;
}

/** A default run of one submission with full marks in one process, without confinement, when the engine is warm. */
export interface StageNumbers {
  /** Milliseconds by stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly programs: number;
  readonly operations: number;
  /** Distinct operations that changed what is mapped or took frames. */
  readonly changes: number;
}

/** The kill matrix of one assignment. */
export interface KillNumbers {
  readonly assignment: string;
  readonly mutants: number;
  readonly doubles: number;
  readonly killed: number;
  /** Their rule was the one reported. */
  readonly rightRule: number;
  /** Single mutants that were charged under their rule alone. */
  readonly oneRule: number;
  readonly noticed: readonly [median: number, most95: number];
  readonly reported: readonly [median: number, most95: number];
  /** Noticed by the re-created KeOS tests alone. Absent: not measured yet. */
  readonly keosAlone?: number;
}

export interface VariantNumbers {
  readonly variants: number;
  readonly seeds: number;
  readonly programs: number;
  readonly alarms: number;
  readonly minutes: number;
}

/** How long reduced counterexamples are, beside the shortest that was ever found for the same mistake. */
export interface LengthNumbers {
  readonly mistakes: number;
  readonly programs: number;
  /** Operations of the generated programs that failed, and of what was left of them. */
  readonly before: number;
  readonly after: number;
  /** Programs that came out as short as the shortest of the same mistake, and the most operations that any was longer. */
  readonly shortest: number;
  readonly longest: number;
}

export interface FairnessNumbers {
  readonly mutants: number;
  /** The most that a mutant costs whose rule is not fundamental: per cent of its assignment. */
  readonly dearest: number;
  readonly free: number;
  readonly pairs: number;
  /** Pairs that score better than one of the two alone. */
  readonly betterPairs: number;
  readonly reseeded: number;
  readonly seeds: number;
  /** Mutants among the reseeded that score the same on all seeds, and the furthest that any moves: per cent of its assignment. */
  readonly steady: number;
  readonly furthest: number;
}

/** One entry an assignment, in the order of the matrix. */
export function killNumbers(kills: readonly Kill[]): readonly KillNumbers[] {
  const ids = [...new Set(kills.map(({ assignment }) => assignment))];
  return ids.map((assignment) => {
    const own = kills.filter((kill) => kill.assignment === assignment);
    const count = (test: (kill: Kill) => boolean): number => own.filter(test).length;
    return {
      assignment,
      mutants: count(({ isDouble }) => !isDouble),
      doubles: count(({ isDouble }) => isDouble),
      killed: count(({ killedBy }) => killedBy !== null),
      rightRule: count(({ rightRule }) => rightRule),
      oneRule: count(({ broken, isDouble }) => !isDouble && broken.length === 1),
      noticed: spreadOf(own.flatMap(({ noticedMs }) => noticedMs ?? [])),
      reported: spreadOf(own.flatMap(({ reportedMs }) => reportedMs ?? [])),
      keosAlone: count(({ keosNotices }) => keosNotices),
    };
  });
}

function spreadOf(values: readonly number[]): readonly [number, number] {
  return [percentile(values, 0.5) ?? 0, percentile(values, 0.95) ?? 0];
}

/** `minutes`: what the run took. */
export function variantNumbers(
  runs: readonly {
    readonly seeds: number;
    readonly programs: number;
    readonly alarms: readonly unknown[];
  }[],
  minutes: number,
): VariantNumbers {
  return {
    variants: runs.length,
    seeds: Math.min(...runs.map(({ seeds }) => seeds)),
    programs: runs.reduce((sum, { programs }) => sum + programs, 0),
    alarms: runs.reduce((sum, { alarms }) => sum + alarms.length, 0),
    minutes,
  };
}

/** For each mistake the operations of each failing program, before and after it was reduced. */
export type FoundLengths = readonly (readonly {
  readonly before: number;
  readonly after: number;
}[])[];

/** How far reduction gets, and how often it ends where the shortest program of the same mistake does. */
export function lengthNumbers(found: FoundLengths): LengthNumbers {
  const excess = found.flatMap((lengths) => {
    const least = Math.min(...lengths.map(({ after }) => after));
    return lengths.map(({ after }) => after - least);
  });
  const all = found.flat();
  return {
    mistakes: found.length,
    programs: all.length,
    before:
      percentile(
        all.map(({ before }) => before),
        0.5,
      ) ?? 0,
    after:
      percentile(
        all.map(({ after }) => after),
        0.5,
      ) ?? 0,
    shortest: excess.filter((more) => more === 0).length,
    longest: Math.max(...excess),
  };
}
