/**
 * What of a grade a reader may see. Student-facing reporters start from `viewOf(grade, 'student')` and never touch the grade
 * itself, so that no name or failure of a hidden check, nor a rule that only hidden checks found broken, can slip into one of them.
 */
import type {
  AssignmentGrade,
  CheckResult,
  Problem,
  RuleResult,
  SubmissionGrade,
} from '../scoring/grade.ts';
import { sumPoints } from '../scoring/points.ts';
import { cleanDeep } from './escaping.ts';

/** `student`: without what is hidden. `staff`: everything. */
export type Audience = 'student' | 'staff';

/** All that a student learns of an assignment's hidden checks. */
export interface HiddenChecks {
  readonly count: number;
  readonly earned: number;
  readonly points: number;
}

/** One assignment, as its reader may see it. */
export interface AssignmentView extends Omit<AssignmentGrade, 'rules'> {
  /** Rules whose state the visible checks tell (all, for staff). */
  readonly rules: readonly RuleResult[];
  /** Null if there are none, or none is kept from this reader. */
  readonly hidden: HiddenChecks | null;
}

/** A cleaned grade, as its reader may see it. */
export interface GradeView extends Omit<SubmissionGrade, 'assignments' | 'diagnostics'> {
  /** Type errors first. */
  readonly problems: readonly Problem[];
  readonly assignments: readonly AssignmentView[];
}

const VAGUE = 'something it builds on does not work yet';

/** The part of a grade that `audience` may see. All text is clean (see `escaping.ts`), not yet escaped for any format. */
export function viewOf(grade: SubmissionGrade, audience: Audience): GradeView {
  const { diagnostics: _, ...clean } = cleanDeep(grade);
  const problems = [
    ...clean.problems.filter((problem) => problem.kind === 'type'),
    ...clean.problems.filter((problem) => problem.kind !== 'type'),
  ];
  if (audience === 'staff') {
    const assignments = clean.assignments.map((assignment) => ({ ...assignment, hidden: null }));
    return { ...clean, problems, assignments };
  }
  const anyHidden = clean.assignments.some(({ checks }) => checks.some(isHidden));
  const views = clean.assignments.map((assignment) => withoutHidden(assignment, anyHidden));
  const secrets = namesOnlyIn(clean.assignments, views);
  const reason = clean.reason !== null && mentionsAny(clean.reason, secrets) ? null : clean.reason;
  const assignments = views.map((view) => withoutNames(view, secrets));
  return { ...clean, reason, problems, assignments };
}

function isHidden(check: CheckResult): boolean {
  return check.visibility === 'hidden';
}

function withoutHidden(assignment: AssignmentGrade, anyHidden: boolean): AssignmentView {
  const checks = assignment.checks.filter((check) => !isHidden(check));
  const rules = assignment.rules.filter((rule) => !anyHidden || isKnown(rule, checks));
  // The program of a hidden check is hidden, too.
  const difference = checks.some(({ id }) => id === assignment.difference?.check)
    ? assignment.difference
    : null;
  return { ...assignment, checks, rules, difference, hidden: hiddenChecks(assignment) };
}

/** Whether visible checks alone tell the state of a rule. */
function isKnown(rule: RuleResult, visible: readonly CheckResult[]): boolean {
  const own = visible.filter((check) => check.rule === rule.id);
  if (own.length === 0 && !visible.some((check) => check.failure?.rule === rule.id)) return false;
  if (rule.status === 'held') return true;
  if (rule.status === 'not judged') {
    return own.some((check) => check.status === 'skipped' || check.status === 'error');
  }
  return visible.some(
    (check) =>
      check.status === 'failed' && (check.rule === rule.id || check.failure?.rule === rule.id),
  );
}

function hiddenChecks({ checks, rules }: AssignmentGrade): HiddenChecks | null {
  const counted = checks.filter((check) => isHidden(check) && check.status !== 'error');
  if (counted.length === 0) return null;
  const earning = new Set(rules.filter((rule) => rule.earned > 0).map((rule) => rule.id));
  return {
    count: counted.length,
    points: sumPoints(counted.map((check) => check.points)),
    earned: sumPoints(
      counted.filter((check) => earning.has(check.rule)).map((check) => check.points),
    ),
  };
}

/** Ids and titles that occur in the full grade and not in what the student sees. */
function namesOnlyIn(
  all: readonly AssignmentGrade[],
  views: readonly AssignmentView[],
): readonly string[] {
  const names = (assignments: readonly Pick<AssignmentGrade, 'checks' | 'rules'>[]): string[] =>
    assignments.flatMap(({ checks, rules }) =>
      [...checks, ...rules].flatMap((x) => [x.id, x.title]),
    );
  const shown = new Set(names(views));
  return [...new Set(names(all))].filter((name) => name !== '' && !shown.has(name));
}

function withoutNames(view: AssignmentView, secrets: readonly string[]): AssignmentView {
  return {
    ...view,
    notes: view.notes.filter((note) => !mentionsAny(note, secrets)),
    checks: view.checks.map((check) =>
      check.reason !== null && mentionsAny(check.reason, secrets)
        ? { ...check, reason: VAGUE }
        : check,
    ),
  };
}

function mentionsAny(text: string, names: readonly string[]): boolean {
  return names.some((name) => {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      if (!isWordPart(text[at - 1]) && !isWordPart(text[at + name.length])) return true;
    }
    return false;
  });
}

function isWordPart(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
