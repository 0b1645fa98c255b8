/**
 * From checks to points. One cause is charged once: points belong to rules, not to the number of programs that failed.
 */
import type { AssignmentGrade, CheckResult, RuleResult } from './grade.ts';
import { percentOf, sumPoints } from './points.ts';

/** A rule as an assignment's rubric names it. */
export interface RubricRule {
  readonly id: string;
  readonly title: string;
  /** May cost more than 30 % of the assignment. A statement about the rubric: the score does not use it. */
  readonly fundamental?: boolean;
}

/** What an assignment's checks are worth. */
export interface AssignmentScore {
  readonly rules: readonly RuleResult[];
  readonly score: number;
  readonly maxScore: number;
}

/** A score and what it is out of. */
export interface TotalScore {
  readonly score: number;
  readonly maxScore: number;
  readonly percent: number;
}

/**
 * Scores one assignment.
 *
 * A rule's points are the sum of its checks' points and are earned together: only if all its checks passed and no other check saw
 * it broken. A check with status `error` is left out, on both sides: its points are not counted, and the rest of its rule is
 * decided without it. A check worth no points that was skipped is left out as well: it can break its rule, but what it builds on
 * has cost its points already.
 *
 * @param seenBroken rules that any check, of whatever rule, saw broken; rules of other assignments are ignored
 * @throws if a check names a rule that is not in the rubric, or the rubric names one twice: the suite is wrong, not the student
 */
export function scoreAssignment(
  rules: readonly RubricRule[],
  checks: readonly CheckResult[],
  seenBroken: ReadonlySet<string>,
): AssignmentScore {
  const checksOf = groupByRule(rules, checks);
  const results = rules.map((rule) =>
    judge(rule, checksOf.get(rule.id) ?? [], seenBroken.has(rule.id)),
  );
  return {
    rules: results,
    score: sumPoints(results.map((rule) => rule.earned)),
    maxScore: sumPoints(results.map((rule) => rule.points)),
  };
}

/**
 * Adds up a submission. Assignments that were not submitted, or that the grader failed on, count on neither side.
 */
export function scoreSubmission(
  assignments: readonly Pick<AssignmentGrade, 'outcome' | 'score' | 'maxScore'>[],
): TotalScore {
  const counted = assignments.filter(
    ({ outcome }) => outcome !== 'not submitted' && outcome !== 'error',
  );
  const score = sumPoints(counted.map((assignment) => assignment.score));
  const maxScore = sumPoints(counted.map((assignment) => assignment.maxScore));
  return { score, maxScore, percent: percentOf(score, maxScore) };
}

function judge(
  { id, title }: RubricRule,
  checks: readonly CheckResult[],
  seenBroken: boolean,
): RuleResult {
  const deciding = checks.filter((check) => check.status !== 'skipped' || check.points > 0);
  const counted = deciding.filter((check) => check.status !== 'error');
  const points = sumPoints(counted.map((check) => check.points));
  const status = statusOf(deciding, seenBroken);
  const earns = status !== 'broken' && counted.every((check) => check.status === 'passed');
  return { id, title, status, points, earned: earns ? points : 0 };
}

function statusOf(checks: readonly CheckResult[], seenBroken: boolean): RuleResult['status'] {
  if (seenBroken || checks.some((check) => check.status === 'failed')) return 'broken';
  return checks.length > 0 && checks.every((check) => check.status === 'passed')
    ? 'held'
    : 'not judged';
}

function groupByRule(
  rules: readonly RubricRule[],
  checks: readonly CheckResult[],
): ReadonlyMap<string, readonly CheckResult[]> {
  const groups = new Map<string, CheckResult[]>();
  for (const { id } of rules) {
    if (groups.has(id)) throw new Error(`the rubric names rule ${id} twice`);
    groups.set(id, []);
  }
  for (const check of checks) {
    const group = groups.get(check.rule);
    if (group === undefined) {
      throw new Error(`check ${check.id} guards rule ${check.rule}, which the rubric lacks`);
    }
    if (!(check.points >= 0 && check.points < Infinity)) {
      throw new Error(`check ${check.id} is worth ${check.points} points`);
    }
    group.push(check);
  }
  return groups;
}
