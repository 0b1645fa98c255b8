/** What the oracle says of one trace. */
import type { FrameSites } from '../../reference/contract/machine-facts.ts';
import type { Hex } from '../protocol/program.ts';
import type { Panic } from '../protocol/trace.ts';

/** One way in which a trace departs from what a correct pager does, and the rule that forbids it. */
export interface Divergence {
  readonly rule: string;
  /** Rules whose breach would have this as a consequence, too: if one of them is known to be broken, this is no news. */
  readonly perhaps?: readonly string[];
  /** Those of `perhaps` that explain it to the full if they are broken: then it says nothing against its own rule. */
  readonly surely?: readonly string[];
  /** Rules of an earlier assignment: if the program breaks one of them without its forks, too, that is the cause. */
  readonly unforked?: readonly string[];
  /** The frames, if it is that they are never released. */
  readonly lost?: readonly LostFrame[];
  /** Index of the operation that showed it; the number of operations stands for the release of everything after the last one. */
  readonly step: number;
  /** One line. */
  readonly summary: string;
  readonly expected: string;
  readonly observed: string;
  /** Address whose page walk tells more, and the address space it is in. */
  readonly focus: { readonly space: string; readonly va: Hex } | null;
  readonly panic: Panic | null;
  /** Where in the student's code the frame that it is about was allocated and released, if it is about one and sites were recorded. */
  readonly sites: FrameSites | null;
}

/** A frame that is never released. */
export interface LostFrame {
  /** Index of the operation that allocated it. */
  readonly op: number;
  /** Index of the one in which the last entry that led to it went; -1: while everything was released. Left out: no entry ever did. */
  readonly lost?: number;
}

/**
 * The first divergence that disturbed the world ends the comparison. Facts that disturb nothing (a leak, a stale translation that no access met,
 * needless work) are noted, and the comparison goes on.
 */
export interface Verdict {
  readonly broken: Divergence | null;
  readonly noted: readonly Divergence[];
  /** Rules that could not be judged to the end because of `broken`; left out: all of them. */
  readonly unjudged?: readonly string[];
  /** What was seen to be wrong and is charged to another rule, or left out by {@link settled}, because that may be the cause. */
  readonly excused?: readonly Excused[];
  /** Of `noted`, each rule once: refusals of what had to work. What would have come of it nobody has seen. */
  readonly refused?: readonly Divergence[];
}

/** Something that another broken rule would have as a consequence: who breaks that one is not charged for this, too. */
export interface Excused {
  readonly rule: string;
  /** The other rule. */
  readonly cause: string;
  /** Nothing was wrong: what the rule is about has not come about, because of the other one. What builds on it can be judged all the same. */
  readonly isUnseen?: true;
}

/** What `cause` is the reason of among `rules`: all but itself, each once. */
export function excusedBy(cause: string, rules: Iterable<string>): readonly Excused[] {
  return [...new Set(rules)].flatMap((rule) => (rule === cause ? [] : [{ rule, cause }]));
}

/** A verdict. */
export function verdictOf(
  broken: Divergence | null,
  noted: readonly Divergence[],
  excused: readonly Excused[],
  refused: readonly Divergence[] = [],
): Verdict {
  return {
    broken,
    noted,
    ...(excused.length === 0 ? {} : { excused }),
    ...(refused.length === 0 ? {} : { refused }),
  };
}

/** Whether the comparison ended before all that `rule` is about had been seen. */
export function isCutShort({ broken, unjudged }: Verdict, rule: string): boolean {
  return broken !== null && (unjudged?.includes(rule) ?? true);
}

/** All divergences of a verdict in the order in which they appeared. */
export function divergences(verdict: Verdict): readonly Divergence[] {
  const all = verdict.broken === null ? [...verdict.noted] : [...verdict.noted, verdict.broken];
  return all.sort((a, b) => a.step - b.step);
}

/** The divergence from `rule`, if the verdict has one. */
export function divergenceFrom(verdict: Verdict, rule: string): Divergence | null {
  return divergences(verdict).find((divergence) => divergence.rule === rule) ?? null;
}

/**
 * The verdict, once it is known which rules are broken: what they explain is left out, or goes to their account if it ended the comparison. What breaks a rule
 * earlier in the same trace explains as much, unless it may be a consequence itself.
 */
export function settled(verdict: Verdict, known: ReadonlySet<string>): Verdict {
  const { broken, noted } = verdict;
  const all = divergences(verdict);
  const whereSeen = (rule: string, { rule: own, step }: Divergence): Divergence | undefined =>
    rule === own
      ? undefined
      : all.find(
          (other) =>
            other.rule === rule && other.step <= step && other.perhaps?.includes(own) !== true,
        );
  const knownCause = ({ rule: own, perhaps }: Divergence): string | undefined =>
    known.has(own) ? own : perhaps?.find((rule) => known.has(rule));
  const cause = (divergence: Divergence): string | undefined => {
    const { rule: own, perhaps } = divergence;
    if (known.has(own)) return undefined;
    const sure = knownCause(divergence);
    if (sure !== undefined) return sure;
    const seen = perhaps?.map((rule) => whereSeen(rule, divergence)).find((each) => each);
    // What was seen may have a cause itself.
    return seen === undefined ? undefined : (knownCause(seen) ?? seen.rule);
  };
  const rule = broken === null ? undefined : cause(broken);
  const excused = [
    ...(verdict.excused ?? []),
    ...noted.flatMap((divergence) => {
      const explanation = cause(divergence);
      const isDoubtful = explanation !== undefined && !divergence.surely?.includes(explanation);
      return isDoubtful ? [{ rule: divergence.rule, cause: explanation }] : [];
    }),
  ];
  const refused = verdict.refused?.map((each) => ({ ...each, rule: cause(each) ?? each.rule }));
  return {
    ...verdict,
    broken: broken === null || rule === undefined ? broken : { ...broken, rule },
    noted: noted.filter((divergence) => cause(divergence) === undefined),
    ...(excused.length === 0 ? {} : { excused }),
    ...(refused === undefined ? {} : { refused }),
  };
}
