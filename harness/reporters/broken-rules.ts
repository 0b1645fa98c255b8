/**
 * Each broken rule once, with the failure that shows it best: that of the smallest check, which is the first in order.
 */
import type { CheckResult, Failure, RuleResult } from '../scoring/grade.ts';
import type { AssignmentView, GradeView } from './student-view.ts';

/** A broken rule and what is known about it. */
export interface BrokenRule {
  readonly assignment: AssignmentView;
  readonly rule: RuleResult;
  /** Null if the failure is told under another rule (`toldUnder`), or was only seen in passing. */
  readonly failure: Failure | null;
  /** The check that failed, if one did. */
  readonly check: CheckResult | null;
  /** The rule under which this failure is told, if its program breaks that one first. */
  readonly toldUnder: string | null;
}

/** The broken rules that this reader may see, in the order of assignments and rubric. A rule met in two assignments comes once. */
export function brokenRules(view: GradeView): readonly BrokenRule[] {
  const failed = view.assignments
    .flatMap((assignment) => assignment.checks)
    .filter((check) => check.failure !== null);
  const broken = new Map<string, BrokenRule>();
  const listed = new Set(
    view.assignments.flatMap(({ rules }) => rules.filter(isBroken).map((rule) => rule.id)),
  );
  for (const assignment of view.assignments) {
    for (const rule of assignment.rules.filter(isBroken)) {
      if (!broken.has(rule.id)) broken.set(rule.id, tell(assignment, rule, failed, listed));
    }
  }
  return [...broken.values()];
}

/** What to say of a broken rule that has no failure of its own. */
export function withoutFailure({ toldUnder }: Pick<BrokenRule, 'toldUnder'>): string {
  return toldUnder === null
    ? 'Seen broken while another rule was being checked.'
    : `Its check failed by breaking ${toldUnder}: see there.`;
}

function isBroken(rule: RuleResult): boolean {
  return rule.status === 'broken';
}

function tell(
  assignment: AssignmentView,
  rule: RuleResult,
  failed: readonly CheckResult[],
  listed: ReadonlySet<string>,
): BrokenRule {
  const naming = failed.find((check) => check.failure?.rule === rule.id);
  if (naming !== undefined) {
    return { assignment, rule, check: naming, failure: naming.failure, toldUnder: null };
  }
  const own = failed.find((check) => check.rule === rule.id) ?? null;
  const named = own?.failure?.rule ?? null;
  const toldUnder = named !== null && listed.has(named) ? named : null;
  return {
    assignment,
    rule,
    check: own,
    failure: toldUnder === null ? (own?.failure ?? null) : null,
    toldUnder,
  };
}
