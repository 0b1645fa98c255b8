/**
 * `results.json`: the whole record, hidden checks included, for staff and for programs. Keys in a fixed order whatever the order in
 * the object, two spaces, diagnostics last: two runs with the same seed differ in that last section only.
 */
import type {
  AssignmentGrade,
  CheckResult,
  Diagnostics,
  Failure,
  Injections,
  Problem,
  RuleResult,
  RunDifference,
  SourceLocation,
  SubmissionGrade,
} from '../scoring/grade.ts';

/** The text of `results.json`. */
export function resultsJson(grade: SubmissionGrade): string {
  return `${visibleJson(arrange(SUBMISSION, grade))}\n`;
}

/**
 * JSON with two spaces. Characters that a terminal obeys or that reorder text, and that JSON leaves alone, are escaped too: no
 * information is lost, and the file can be shown as it is.
 */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Every field of a record, in the order of the file. The compiler sees to it that none is forgotten. */
type Shape<T> = { readonly [K in keyof T]-?: (value: T[K]) => unknown };

function arrange<T extends object>(shape: Shape<T>, record: T): unknown {
  return Object.fromEntries(
    (Object.keys(shape) as (keyof T)[]).map((key) => [key, shape[key](record[key])]),
  );
}

const same = (value: unknown): unknown => value;
const record =
  <T extends object>(shape: Shape<T>) =>
  (value: T | null): unknown =>
    value === null ? null : arrange(shape, value);
const list =
  <T extends object>(shape: Shape<T>) =>
  (values: readonly T[]): unknown =>
    values.map((value) => arrange(shape, value));

const LOCATION: Shape<SourceLocation> = { file: same, line: same, column: same };

const FAILURE: Shape<Failure> = {
  rule: same,
  summary: same,
  steps: same,
  failingStep: same,
  expected: same,
  observed: same,
  walk: same,
  hint: same,
  stack: list(LOCATION),
  log: same,
  replay: same,
};

const INJECTIONS: Shape<Injections> = { failed: same, calls: same };

const CHECK: Shape<CheckResult> = {
  id: same,
  title: same,
  rule: same,
  kind: same,
  points: same,
  visibility: same,
  status: same,
  failure: record(FAILURE),
  reason: same,
  injections: record(INJECTIONS),
};

const RULE: Shape<RuleResult> = { id: same, title: same, status: same, points: same, earned: same };

const DIFFERENCE: Shape<RunDifference> = {
  check: same,
  steps: same,
  differingStep: same,
  first: same,
  again: same,
};

const ASSIGNMENT: Shape<AssignmentGrade> = {
  assignment: same,
  title: same,
  outcome: same,
  selected: same,
  score: same,
  maxScore: same,
  pageTable: same,
  notes: same,
  rules: list(RULE),
  checks: list(CHECK),
  difference: record(DIFFERENCE),
};

const PROBLEM: Shape<Problem> = { kind: same, message: same, location: record(LOCATION) };

const DIAGNOSTICS: Shape<Diagnostics> = {
  durationMs: same,
  node: same,
  layers: same,
  notes: same,
  firstFailures: same,
  timeWasUp: same,
};

const SUBMISSION: Shape<SubmissionGrade> = {
  schema: same,
  submission: same,
  outcome: same,
  reason: same,
  score: same,
  maxScore: same,
  percent: same,
  seed: same,
  runs: same,
  version: same,
  problems: list(PROBLEM),
  assignments: list(ASSIGNMENT),
  diagnostics: record(DIAGNOSTICS),
};
