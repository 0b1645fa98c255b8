/** Two results of one submission: what has changed, from the total down to a check, and why. */
import { type Cause, causesOf, type Recorded } from './change-cause.ts';
import type {
  AssignmentGrade,
  CheckStatus,
  RuleResult,
  SubmissionGrade,
  SubmissionOutcome,
  Visibility,
} from './grade.ts';

/** A total. The score is null if the grader failed. */
export interface TotalSide {
  readonly outcome: SubmissionOutcome;
  readonly score: number | null;
  readonly maxScore: number;
}

/** An assignment on one side; null where there is none. */
export type AssignmentSide = Pick<AssignmentGrade, 'outcome' | 'selected' | 'score' | 'maxScore'>;

export interface AssignmentChange {
  readonly assignment: string;
  readonly before: AssignmentSide | null;
  readonly after: AssignmentSide | null;
}

/** A check with another status; null where it was not run at all. */
export interface CheckChange {
  readonly assignment: string;
  readonly check: string;
  readonly rule: string;
  readonly title: string;
  readonly visibility: Visibility;
  readonly before: CheckStatus | null;
  readonly after: CheckStatus | null;
}

export interface RuleChange {
  readonly assignment: string;
  readonly rule: string;
  readonly before: RuleResult['status'] | null;
  readonly after: RuleResult['status'] | null;
}

export interface GradeChange {
  readonly submission: string;
  readonly before: TotalSide;
  readonly after: TotalSide;
  /** `none`: one side has no score to compare. */
  readonly score: 'up' | 'down' | 'same' | 'none';
  readonly assignments: readonly AssignmentChange[];
  readonly checks: readonly CheckChange[];
  readonly rules: readonly RuleChange[];
  /** Scores, checks and rules are the same; only what is said about them differs (a program, a sentence, a note). */
  readonly isWordsOnly: boolean;
  readonly causes: readonly Cause[];
}

/** Compares two results; null if they say the same. Times and the like (`diagnostics`) are not looked at. */
export function compareGrades(before: Recorded, after: Recorded): GradeChange | null {
  const [old, now] = [before.grade, after.grade];
  if (judged(old) === judged(now)) return null;
  const [was, is] = [total(old), total(now)];
  const assignments = pairs(old.assignments, now.assignments, (one) => one.assignment);
  const change = {
    submission: now.submission,
    before: was,
    after: is,
    score: direction(was.score, is.score),
    assignments: assignments.flatMap(([id, a, b]) => assignmentChange(id, a, b)),
    checks: assignments.flatMap(([id, a, b]) => checkChanges(id, a, b)),
    rules: assignments.flatMap(([id, a, b]) => ruleChanges(id, a, b)),
  };
  const isWordsOnly =
    JSON.stringify(was) === JSON.stringify(is) &&
    change.assignments.length + change.checks.length + change.rules.length === 0;
  return { ...change, isWordsOnly, causes: causesOf(before, after) };
}

/** All that a grading has found, without what was asked of it. */
function judged({
  outcome,
  reason,
  score,
  maxScore,
  problems,
  assignments,
}: SubmissionGrade): string {
  return JSON.stringify([outcome, reason, score, maxScore, problems, assignments]);
}

function total({ outcome, score, maxScore }: SubmissionGrade): TotalSide {
  return { outcome, score: outcome === 'error' ? null : score, maxScore };
}

function direction(before: number | null, after: number | null): GradeChange['score'] {
  if (before === null || after === null) return 'none';
  return after > before ? 'up' : after < before ? 'down' : 'same';
}

function assignmentChange(
  assignment: string,
  a: AssignmentGrade | null,
  b: AssignmentGrade | null,
): readonly AssignmentChange[] {
  const [before, after] = [assignmentSide(a), assignmentSide(b)];
  const isSame = JSON.stringify(before) === JSON.stringify(after);
  return isSame ? [] : [{ assignment, before, after }];
}

function assignmentSide(grade: AssignmentGrade | null): AssignmentSide | null {
  if (grade === null) return null;
  const { outcome, selected, score, maxScore } = grade;
  return { outcome, selected, score, maxScore };
}

function checkChanges(
  assignment: string,
  a: AssignmentGrade | null,
  b: AssignmentGrade | null,
): readonly CheckChange[] {
  return pairs(a?.checks ?? [], b?.checks ?? [], (one) => one.id).flatMap(([check, was, is]) => {
    const { rule, title, visibility } = (is ?? was)!;
    const [before, after] = [was?.status ?? null, is?.status ?? null];
    return before === after ? [] : [{ assignment, check, rule, title, visibility, before, after }];
  });
}

function ruleChanges(
  assignment: string,
  a: AssignmentGrade | null,
  b: AssignmentGrade | null,
): readonly RuleChange[] {
  return pairs(a?.rules ?? [], b?.rules ?? [], (one) => one.id).flatMap(([rule, was, is]) => {
    const [before, after] = [was?.status ?? null, is?.status ?? null];
    return before === after ? [] : [{ assignment, rule, before, after }];
  });
}

/** What has the same name on both sides, in the order of the new side; then what only the old one has. */
function pairs<T>(
  before: readonly T[],
  after: readonly T[],
  name: (one: T) => string,
): readonly (readonly [string, T | null, T | null])[] {
  const old = new Map(before.map((one) => [name(one), one]));
  const now = new Map(after.map((one) => [name(one), one]));
  return [...new Set([...now.keys(), ...old.keys()])].map((key) => [
    key,
    old.get(key) ?? null,
    now.get(key) ?? null,
  ]);
}
