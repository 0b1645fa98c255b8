/**
 * Points that are lost although no rule was seen broken: some check of the rule could not be judged, because of something else. Told
 * apart from broken rules everywhere, so that a score can be followed to its last point.
 */
import type { CheckResult, RuleResult } from '../scoring/grade.ts';
import { formatPoints, sumPoints } from '../scoring/points.ts';
import type { AssignmentView } from './student-view.ts';

/** What is said before the list of them. */
export const NOT_JUDGED =
  'These rules were not seen broken, but checks of them could not be judged. Their points count as not earned until those checks can ' +
  'be judged and pass: first mend what is given as the reason.';

/** Above checks that cost nothing more. */
export const OTHER_CHECKS = 'Other checks (no further points)';

/** Skipped checks of one rule that was not judged; `rule` is null for those of all rules that are broken anyway, or kept from this reader. */
export interface NotJudged {
  readonly rule: RuleResult | null;
  readonly checks: readonly CheckResult[];
}

/** Rules that lose points without being broken, in the order of the rubric; then all other checks that were skipped. */
export function notJudged(assignments: readonly AssignmentView[]): readonly NotJudged[] {
  const groups = assignments.flatMap(({ rules, checks }) => {
    const skipped = checks.filter((check) => check.status === 'skipped');
    const losing = rules.filter((rule) => rule.status === 'not judged' && lostBy(rule) > 0);
    const ids = new Set(losing.map(({ id }) => id));
    return [
      ...losing.map((rule) => ({ rule, checks: skipped.filter((one) => one.rule === rule.id) })),
      { rule: null, checks: skipped.filter((one) => !ids.has(one.rule)) },
    ];
  });
  const rest = groups.flatMap(({ rule, checks }) => (rule === null ? checks : []));
  return [
    ...groups.filter(({ rule }) => rule !== null),
    ...(rest.length === 0 ? [] : [{ rule: null, checks: rest }]),
  ];
}

/** `lost to broken rules 4.5, to rules not judged 8.5`; empty if nothing is lost, or nothing was graded. */
export function lostText({ outcome, score, maxScore, rules }: AssignmentView): string {
  if (outcome !== 'graded') return '';
  const lost = (status: RuleResult['status']): number =>
    sumPoints(rules.filter((rule) => rule.status === status).map(lostBy));
  const broken = lost('broken');
  const unjudged = lost('not judged');
  const parts: readonly (readonly [string, number])[] = [
    ['broken rules', broken],
    ['rules not judged', unjudged],
    // What is left belongs to rules that this reader is told of only as a sum.
    ['rules with hidden checks', sumPoints([maxScore, -score, -broken, -unjudged])],
  ];
  const told = parts.filter(([, points]) => points > 0);
  if (told.length === 0) return '';
  return `lost ${told.map(([what, points]) => `to ${what} ${formatPoints(points)}`).join(', ')}`;
}

function lostBy({ points, earned }: RuleResult): number {
  return sumPoints([points, -earned]);
}
