/** What the grading of a planted bug says about the suite: was it noticed, by what, and was it called by its name. */
import type { AssignmentGrade, CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import type { CheckInfo } from '../runner/session/check-info.ts';
import { sumPoints } from '../scoring/points.ts';
import type { Planted } from './planted.ts';

/** One row of the kill matrix. */
export interface Kill {
  readonly assignment: string;
  /** Of the mutant, or of both. */
  readonly mutant: string;
  readonly isDouble: boolean;
  /** The first check that failed (of a mutant that a tool made, if none did: that could not be judged); `null`: the mutant survived. */
  readonly killedBy: string | null;
  /** Programs played until then, and milliseconds from the first one: until the failure was noticed, and until it was explained. */
  readonly programs: number | null;
  readonly noticedMs: number | null;
  readonly reportedMs: number | null;
  /** Rules reported as broken. */
  readonly broken: readonly string[];
  /** The named rule was reported (of two, either; of a mutant that a tool made, any). */
  readonly rightRule: boolean;
  /** The named check failed, for the named rule (of two, either; of a mutant that a tool made, any check). */
  readonly rightCheck: boolean;
  readonly lost: number;
  readonly maxScore: number;
  /** Points of rules that nobody saw broken, but that could not be judged. */
  readonly notJudged: number;
  /** In a program that re-creates a test of KeOS something is wrong: in KeOS’s favour, anything that is watched here counts. */
  readonly keosNotices: boolean;
  /** Why there is no row to speak of: the grader failed, or the mutant does not compile. */
  readonly trouble: string | null;
  readonly checks: readonly CheckResult[];
}

/** Reads the grade of `planted`. `checks`: those of its assignment. Errors of types are trouble only in mutants that were written by hand. */
export function killOf(
  planted: Planted,
  grade: SubmissionGrade,
  checks: readonly CheckInfo[],
): Kill {
  const graded = grade.assignments.find(({ assignment }) => assignment === planted.assignment);
  const isAutomatic = planted.mutants.length === 0;
  const trouble = troubleOf(grade, graded, isAutomatic);
  const found = graded?.checks ?? [];
  const failed = found.filter(({ status }) => status === 'failed');
  const unjudged = isAutomatic ? found.filter(({ status }) => status === 'skipped') : [];
  const first = grade.diagnostics.firstFailures?.find(
    ({ assignment }) => assignment === planted.assignment,
  );
  const rules = graded?.rules ?? [];
  const broken = rules.filter(({ status }) => status === 'broken').map(({ id }) => id);
  const maxScore = graded?.maxScore ?? 0;
  return {
    assignment: planted.assignment,
    mutant: planted.id,
    isDouble: planted.mutants.length > 1,
    killedBy: [...failed, ...unjudged][0]?.id ?? null,
    programs: first?.programs ?? null,
    noticedMs: first?.noticedMs ?? null,
    reportedMs: first?.reportedMs ?? null,
    broken,
    rightRule: isAutomatic || planted.mutants.some(({ rule }) => broken.includes(rule)),
    rightCheck:
      isAutomatic ||
      planted.mutants.some(({ check, rule }) =>
        failed.some(({ id, failure }) => id === check && failure?.rule === rule),
      ),
    lost: sumPoints([maxScore, -(graded?.score ?? 0)]),
    maxScore,
    notJudged: sumPoints(
      rules.filter(({ status }) => status === 'not judged').map(({ points }) => points),
    ),
    keosNotices: isNoticed(found, keosChecks(checks)),
    trouble,
    checks: found,
  };
}

/** Ids of the checks that re-create a test of KeOS. */
export function keosChecks(checks: readonly CheckInfo[]): readonly string[] {
  return checks.filter(({ recreates = [] }) => recreates.length > 0).map(({ id }) => id);
}

/** Whether a run of the re-created tests alone has to say what KeOS would notice: some of them were passed over because another check had failed. */
export function isKeosOpen({ keosNotices, checks: found }: Kill, keos: readonly string[]): boolean {
  return !keosNotices && found.some(({ id, status }) => keos.includes(id) && status === 'skipped');
}

/** The row, with what a run of the re-created tests alone has found. */
export function withKeos(kill: Kill, grade: SubmissionGrade, keos: readonly string[]): Kill {
  const graded = grade.assignments.find(({ assignment }) => assignment === kill.assignment);
  return { ...kill, keosNotices: isNoticed(graded?.checks ?? [], keos) };
}

/** Whether anything went wrong in the programs of these checks, be it a matter of another rule. */
function isNoticed(found: readonly CheckResult[], ids: readonly string[]): boolean {
  return found.some(({ id, failure }) => ids.includes(id) && failure !== null);
}

/** Whether the suite does what it should: notices the mutant and names its rule. */
export function isKilled({ killedBy, rightRule, rightCheck, isDouble, trouble }: Kill): boolean {
  return trouble === null && killedBy !== null && rightRule && (isDouble || rightCheck);
}

function troubleOf(
  grade: SubmissionGrade,
  graded: AssignmentGrade | undefined,
  mayLackTypes: boolean,
): string | null {
  if (grade.outcome !== 'graded') return grade.reason ?? 'it could not be graded';
  const problem = grade.problems.find(({ kind }) => kind !== 'type' || !mayLackTypes);
  if (problem !== undefined) {
    const { file = '', line = 0 } = problem.location ?? {};
    return `it does not compile: ${file}:${line}: ${problem.message}`;
  }
  if (graded?.outcome !== 'graded') return graded?.notes.join(' ') ?? 'there is no such assignment';
  const wrong = graded.checks.find(({ status }) => status === 'error');
  return wrong === undefined ? null : `the grader failed on ${wrong.id}: ${wrong.reason ?? ''}`;
}
