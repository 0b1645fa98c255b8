/**
 * JUnit XML in the subset that GitLab, Jenkins, CodeGrade and the GitHub actions all read: everything worth reading stands in the text of
 * `failure`, `error` and `skipped`, names are unique within a class. Hidden checks are left out.
 *
 * A limit reached in the student's code is a failure like any other; `error` is kept for trouble in the grader.
 */
import { create } from 'xmlbuilder2';
import type { CheckResult, SubmissionGrade } from '../scoring/grade.ts';
import { differenceText, NOT_DETERMINISTIC } from './difference-text.ts';
import { truncate, xmlText } from './escaping.ts';
import { failureText } from './failure-text.ts';
import { viewOf, type AssignmentView, type GradeView } from './student-view.ts';
import * as wording from './wording.ts';

interface Case {
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly outcome: Outcome | null;
  /** What was printed or found, of a case that passed. */
  readonly output: string;
}

/** How a case ended that did not pass. */
interface Outcome {
  readonly kind: 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

interface Suite {
  readonly id: string;
  readonly name: string;
  readonly cases: readonly Case[];
}

const MAX_TEXT = 30_000;
/** The suite of what concerns the submission as a whole. */
const SUBMISSION = 'submission';
/** The case that is there only if it fails. */
const SAME_AGAIN = 'comes to the same when it is played again';

/**
 * The text of a JUnit XML file.
 *
 * @param folder where the submission's code lies in the repository, with slashes; empty for its root
 */
export function junitXml(grade: SubmissionGrade, folder = ''): string {
  const view = viewOf(grade, 'student');
  const suites = [
    submissionSuite(view),
    ...view.assignments.map((assignment) => assignmentSuite(assignment, folder)),
  ].filter((suite) => suite.cases.length > 0);
  const seconds = (grade.diagnostics.durationMs / 1000).toFixed(3);
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: xmlText(`faultline ${view.submission}`),
    ...totals(suites.flatMap((suite) => suite.cases)),
    time: seconds,
  });
  for (const suite of suites) {
    const element = root.ele('testsuite', {
      name: xmlText(suite.name),
      ...totals(suite.cases),
      time: '0',
    });
    for (const testcase of uniquelyNamed(suite.cases)) addCase(element, suite.id, testcase);
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

function addCase(suite: ReturnType<typeof create>, classname: string, testcase: Case): void {
  const { name, file, line, outcome, output } = testcase;
  const element = suite.ele('testcase', {
    classname: xmlText(classname),
    name: xmlText(name),
    ...(file === null ? {} : { file: xmlText(file) }),
    ...(line === null ? {} : { line }),
    time: '0',
  });
  if (outcome !== null) {
    const { kind, type, message, text } = outcome;
    element
      .ele(kind, {
        ...(kind === 'skipped' ? {} : { type: xmlText(type) }),
        message: xmlText(message),
      })
      .txt(xmlText(truncate(text, MAX_TEXT)));
  }
  if (output !== '') element.ele('system-out').txt(xmlText(truncate(output, MAX_TEXT)));
}

function totals(cases: readonly Case[]): Record<string, number> {
  const count = (kind: Outcome['kind']): number =>
    cases.filter(({ outcome }) => outcome?.kind === kind).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

/** Readers keep only the first of two cases with the same name. */
function uniquelyNamed(cases: readonly Case[]): readonly Case[] {
  const taken = new Set<string>();
  return cases.map((testcase) => {
    let name = testcase.name;
    for (let copy = 2; taken.has(name); copy += 1) name = `${testcase.name} (${copy})`;
    taken.add(name);
    return { ...testcase, name };
  });
}

function submissionSuite(view: GradeView): Suite {
  const why = wording.noGrade(view);
  const cases: Case[] = [];
  if (why !== null) {
    const kind = view.outcome === 'error' ? 'error' : 'failure';
    const type = view.outcome === 'error' ? 'GraderError' : 'Rejected';
    cases.push(caseOf('can be graded', { kind, type, message: why, text: why }));
  }
  if (view.problems.length > 0) {
    const text = view.problems.map(wording.problemText).join('\n');
    const stopping = view.problems.filter((problem) => problem.kind !== 'type');
    const message = wording.counted(stopping.length, 'problem');
    cases.push(
      stopping.length > 0
        ? caseOf('files load', { kind: 'failure', type: 'Problem', message, text })
        : { ...caseOf('files load', null), output: text },
    );
  }
  return { id: SUBMISSION, name: SUBMISSION, cases };
}

function assignmentSuite(assignment: AssignmentView, folder: string): Suite {
  const { assignment: id, title, outcome, checks, notes } = assignment;
  const suite = (cases: readonly Case[]): Suite => ({ id, name: title, cases });
  if (outcome === 'not submitted') return suite([]);
  const told = checks.map((check) => checkCase(check, folder));
  if (outcome === 'graded') return suite([...told, ...differenceCase(assignment)]);
  const message = wording.remark(assignment);
  const text = [message, ...notes].join('\n');
  const kind = outcome === 'error' ? 'error' : 'failure';
  const type = outcome === 'error' ? 'GraderError' : 'Problem';
  return suite([caseOf('can be graded', { kind, type, message, text }), ...told]);
}

function differenceCase({ difference }: AssignmentView): readonly Case[] {
  if (difference === null) return [];
  const text = differenceText(difference);
  const message = NOT_DETERMINISTIC;
  return [caseOf(SAME_AGAIN, { kind: 'failure', type: 'NotDeterministic', message, text })];
}

function checkCase(check: CheckResult, folder: string): Case {
  const place = check.failure?.stack[0];
  return {
    ...caseOf(wording.checkName(check), outcomeOf(check)),
    file: place === undefined ? null : wording.inFolder(folder, place.file),
    line: place?.line ?? null,
  };
}

function caseOf(name: string, outcome: Outcome | null): Case {
  return { name, file: null, line: null, outcome, output: '' };
}

function outcomeOf({ status, failure, reason }: CheckResult): Outcome | null {
  const text = reason ?? 'no reason given';
  switch (status) {
    case 'passed':
      return null;
    case 'failed':
      return {
        kind: 'failure',
        type: failure?.rule ?? 'failed',
        message: failure?.summary ?? '',
        text: failure === null ? '' : failureText(failure),
      };
    case 'skipped':
      return { kind: 'skipped', type: 'Skipped', message: text, text };
    case 'error':
      return { kind: 'error', type: 'GraderError', message: text, text };
  }
}
