/**
 * Gradescope's `results.json`. Students see the top-level output and the visible tests before publication, so these are made from
 * the student's view of the grade; hidden checks are tests of their own that Gradescope keeps back.
 */
import type {
  AssignmentGrade,
  CheckResult,
  RuleResult,
  SubmissionGrade,
} from '../scoring/grade.ts';
import { hasTrouble } from '../scoring/trouble.ts';
import { differenceText, differing, NOT_DETERMINISTIC } from './difference-text.ts';
import { cleanDeep, defuseCommands, oneLine, truncate } from './escaping.ts';
import { failureText, studentReplay } from './failure-text.ts';
import { visibleJson } from './results-json.ts';
import { viewOf, type AssignmentView, type GradeView } from './student-view.ts';
import * as wording from './wording.ts';

/** What an instructor may choose. */
export interface GradescopeOptions {
  /** When students see hidden checks: once grades are published (default), or never. */
  readonly hiddenVisibility?: 'after_published' | 'hidden';
}

interface Test {
  readonly score?: number;
  readonly max_score?: number;
  readonly status?: 'passed' | 'failed';
  readonly name: string;
  readonly number: string;
  readonly output: string;
  readonly visibility: 'visible' | 'after_published' | 'hidden';
}

/** Below the 1 MB that similar platforms accept; Gradescope publishes no limit. */
const MAX_BYTES = 1_000_000;
/** Lengths tried for each test's output, until the file is small enough. */
const OUTPUT_LENGTHS = [8_000, 4_000, 2_000, 1_000, 400, 100, 0];
const MAX_NAME = 200;

const FIXED = {
  output_format: 'text',
  test_output_format: 'text',
  test_name_format: 'text',
  visibility: 'visible',
  stdout_visibility: 'hidden',
};

/**
 * The text of `/autograder/results/results.json`. Without a score if the grader failed: Gradescope then asks for another run and
 * records no zero.
 */
export function gradescopeJson(grade: SubmissionGrade, options: GradescopeOptions = {}): string {
  const results = resultsOf(grade, options.hiddenVisibility ?? 'after_published');
  for (const length of OUTPUT_LENGTHS) {
    const text = `${visibleJson(shortened(results, length))}\n`;
    if (length === 0 || new TextEncoder().encode(text).length < MAX_BYTES) return text;
  }
  throw new Error('unreachable: the last length is 0');
}

interface Results {
  readonly output: string;
  readonly tests: readonly Test[];
  readonly [field: string]: unknown;
}

function shortened<T extends Results>(results: T, maxLength: number): T {
  const tests = results.tests.map((one) => ({ ...one, output: truncate(one.output, maxLength) }));
  return { ...results, output: truncate(results.output, Math.max(400, 2 * maxLength)), tests };
}

function resultsOf(grade: SubmissionGrade, whenHidden: 'after_published' | 'hidden'): Results {
  const view = viewOf(grade, 'student');
  const failed =
    grade.outcome === 'error' || grade.assignments.some(({ outcome }) => outcome === 'error');
  // What is left of the points would be made the score of the whole.
  const hasNoScore = hasTrouble(grade);
  const full = cleanDeep(grade).assignments;
  const tests = view.assignments.flatMap((assignment, index) =>
    testsOf(assignment, full[index]!, whenHidden, index + 1),
  );
  return {
    ...(hasNoScore ? {} : { score: grade.score }),
    output: overview(view, failed),
    ...FIXED,
    tests: failed ? [] : hasNoScore ? tests.map(withoutScore) : tests,
    extra_data: {
      schema: grade.schema,
      version: oneLine(grade.version),
      seed: grade.seed,
      runs: grade.runs,
    },
  };
}

function withoutScore({ score: _score, max_score: _most, ...rest }: Test): Test {
  return rest;
}

/** Shown at once and to everyone: neither the total nor anything of hidden checks. */
function overview(view: GradeView, failed: boolean): string {
  const why = wording.noGrade(view) ?? wording.nothingGraded(view);
  if (failed) {
    const sentence =
      why ?? 'The grader failed, through no fault of the submission; there is no score';
    return defuseCommands(`${sentence}.\nPlease ask the course staff to run the autograder again.`);
  }
  const checks = view.assignments.flatMap((assignment) => assignment.checks);
  const sections = [
    why,
    wording.trouble(checks),
    view.problems.length === 0
      ? null
      : ['Problems in the files:', ...view.problems.map(wording.problemText)].join('\n'),
    view.assignments
      .flatMap(({ title, notes }) => notes.map((note) => `${title}: ${note}`))
      .join('\n'),
    view.assignments
      .filter(({ outcome }) => outcome !== 'graded')
      .map((assignment) => `${assignment.title}: ${wording.remark(assignment)}`)
      .join('\n'),
    ...differing(view).map(
      ({ title, difference }) => `${title}: ${NOT_DETERMINISTIC}. ${differenceText(difference)}`,
    ),
    `Graded by Faultline ${view.version} with seed ${view.seed}.`,
  ];
  return defuseCommands(
    sections.filter((section) => section !== null && section !== '').join('\n\n'),
  );
}

function testsOf(
  view: AssignmentView,
  { rules, checks }: Pick<AssignmentGrade, 'rules' | 'checks'>,
  whenHidden: 'after_published' | 'hidden',
  number: number,
): readonly Test[] {
  if (!wording.counts(view)) return [];
  const numbered = (tests: readonly Omit<Test, 'number'>[]): readonly Test[] =>
    tests.map((test, index) => ({ number: `${number}.${index + 1}`, ...test }));
  if (checks.length === 0) {
    const name = `${view.title}: ${wording.remark(view)}`;
    const output = view.notes.join('\n');
    const { score, maxScore } = view;
    const status = score < maxScore ? 'failed' : 'passed';
    return numbered([{ score, max_score: maxScore, status, name, output, visibility: 'visible' }]);
  }
  // Hidden ones last: a gap in the numbers would tell where they are.
  const hidden = checks.filter((check) => check.visibility === 'hidden');
  return numbered([
    ...view.checks.map((check) => test(check, ruleOf(check, view.rules), 'visible')),
    ...hidden.map((check) => test(check, ruleOf(check, rules), whenHidden)),
  ]);
}

function ruleOf(check: CheckResult, rules: readonly RuleResult[]): RuleResult | null {
  return rules.find((rule) => rule.id === check.rule) ?? null;
}

/** `rule` is null if only hidden checks know its state: this test then shows the points it would bring by itself. */
function test(
  check: CheckResult,
  rule: RuleResult | null,
  visibility: Test['visibility'],
): Omit<Test, 'number'> {
  const passed = check.status === 'passed';
  const lost = rule !== null && rule.status !== 'held' && rule.earned === 0;
  return {
    // A check that the grader failed on is only information: it counts on neither side.
    ...(check.status === 'error'
      ? {}
      : {
          score: passed && !lost ? check.points : 0,
          max_score: check.points,
          status: passed ? 'passed' : 'failed',
        }),
    name: wording.checkName(check).slice(0, MAX_NAME),
    output: outputOf(check, lost ? rule : null),
    visibility,
  };
}

function outputOf(check: CheckResult, lost: RuleResult | null): string {
  switch (check.status) {
    case 'passed':
      return lost === null
        ? ''
        : `Passed. The points of rule ${lost.id} are earned together, and another check of it did not pass or saw it broken.`;
    case 'failed':
      return check.failure === null
        ? ''
        : failureText({ ...check.failure, replay: studentReplay(check.failure) });
    case 'skipped':
      return `Not judged, which counts as not passed: ${check.reason ?? 'no reason given'}`;
    case 'error':
      return `The grader failed on this check; it is left out of the score: ${check.reason ?? 'no reason given'}`;
  }
}
