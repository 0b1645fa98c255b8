/** Of many generated programs: those with something new in them, the dearest first. */
import { divergences, settled, type Verdict } from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { Played } from './played.ts';
import type { Session } from './session.ts';

/** A program that breaks a rule nobody has seen broken yet, or has no verdict. */
export interface Culprit {
  readonly program: Program;
  readonly played: Played;
}

/** All culprits up to the first that has no verdict: those after it might kill the process, too. `passed` is told of other programs. */
export async function culpritsAmong(
  running: Session,
  programs: readonly Program[],
  passed: (program: Program, verdict: Verdict) => void,
): Promise<Culprit[]> {
  const culprits: Culprit[] = [];
  await running.player.playAll(programs, (program, played) => {
    const isJudged = played.kind === 'judged';
    if (isJudged && unknownRules(running, played.verdict).length === 0)
      passed(program, played.verdict);
    else culprits.push({ program, played });
    return isJudged;
  });
  return culprits;
}

/**
 * Takes out the culprit that breaks the rule with the most points: by chance it might be a cheap one, which who breaks it on purpose would rather lose. `passed`
 * is told of those that are none any more, as more rules are known to be broken now.
 */
export function takeDearest(
  running: Session,
  culprits: Culprit[],
  passed: (program: Program, verdict: Verdict) => void,
): Culprit | undefined {
  let dearest: { readonly culprit: Culprit; readonly worth: number } | undefined;
  const open = culprits.flatMap(({ program, played }) => {
    if (played.kind !== 'judged') return { program, played };
    const verdict = settled(played.verdict, running.rules.broken);
    if (unknownRules(running, verdict).length > 0)
      return { program, played: { ...played, verdict } };
    passed(program, verdict);
    return [];
  });
  for (const culprit of open) {
    const worth = worthOf(running, culprit);
    if (dearest === undefined || worth > dearest.worth) dearest = { culprit, worth };
  }
  const rest = open.filter((culprit) => culprit !== dearest?.culprit);
  culprits.splice(0, culprits.length, ...rest);
  return dearest?.culprit;
}

/** Points of the dearest rule that a culprit breaks; less than any if it has no verdict. */
function worthOf(running: Session, { played }: Culprit): number {
  if (played.kind !== 'judged') return -1;
  const rules = unknownRules(running, played.verdict);
  return Math.max(...rules.map((rule) => running.excuses.worthOf(rule)));
}

/** Rules that a program breaks and nobody has seen broken yet. */
export function unknownRules({ rules: { broken } }: Session, verdict: Verdict): readonly string[] {
  return divergences(verdict).flatMap(({ rule }) => (broken.has(rule) ? [] : [rule]));
}
