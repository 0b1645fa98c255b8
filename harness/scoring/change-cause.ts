/** Why two results of one submission differ, as far as the records tell. */
import type { SubmissionGrade } from './grade.ts';
import type { InputKey } from './input-key.ts';
import { checksInTrouble } from './trouble.ts';

/** A result, and what is recorded of what went into it. */
export interface Recorded {
  readonly grade: SubmissionGrade;
  /** Null if there is no `key.json`. */
  readonly key: InputKey | null;
}

/**
 * `submission`: other bytes were handed in. `files`: the same code, other files with it. `grader`: the grader, the suites or the model. `version`, `seed`, `runs`, `assignments`: as named.
 * `options`: others of the run; `names` lists them. `failed before`, `fails now`: the grader, on all of it, an assignment or a check; `names`
 * says which. `not deterministic`: the submission came to different things within one grading. `unrecorded`: `names` says what of all that
 * is not known. `unexplained`: everything is known and the same, so that the result had to be: a mistake of ours.
 */
export interface Cause {
  readonly kind:
    | 'submission'
    | 'files'
    | 'version'
    | 'grader'
    | 'seed'
    | 'runs'
    | 'assignments'
    | 'options'
    | 'failed before'
    | 'fails now'
    | 'not deterministic'
    | 'unrecorded'
    | 'unexplained';
  readonly before: string | null;
  readonly after: string | null;
  readonly names: readonly string[];
}

/** All that can have caused a difference between two results. Never empty. */
export function causesOf(before: Recorded, after: Recorded): readonly Cause[] {
  const causes = [
    ...changed('submission', before.key?.submission ?? null, after.key?.submission ?? null),
    ...filesChange(before.key, after.key),
    ...graderChange(before, after),
    ...changed('seed', before.grade.seed, after.grade.seed),
    ...changed('runs', before.grade.runs, after.grade.runs),
    ...changed('assignments', selected(before.grade), selected(after.grade)),
    ...optionsChange(before.key?.options ?? null, after.key?.options ?? null),
    ...named('failed before', failures(before.grade)),
    ...named('fails now', failures(after.grade)),
    ...named('not deterministic', unsteady(before.grade, after.grade)),
    ...named('unrecorded', unrecorded(before.key, after.key)),
  ];
  return causes.length > 0 ? causes : [cause('unexplained')];
}

function cause(kind: Cause['kind'], more: Partial<Cause> = {}): Cause {
  return { kind, before: null, after: null, names: [], ...more };
}

type Value = string | number | null;

/** Nothing if one of the two is not known. */
function changed(kind: Cause['kind'], before: Value, after: Value): readonly Cause[] {
  if (before === null || after === null || before === after) return [];
  return [cause(kind, { before: String(before), after: String(after) })];
}

function named(kind: Cause['kind'], names: readonly string[]): readonly Cause[] {
  return names.length === 0 ? [] : [cause(kind, { names })];
}

function filesChange(before: InputKey | null, after: InputKey | null): readonly Cause[] {
  if (before?.submission !== after?.submission) return [];
  const isSame = JSON.stringify(before?.notes ?? []) === JSON.stringify(after?.notes ?? []);
  return isSame ? [] : [cause('files')];
}

/** Another version is another grader: said once. */
function graderChange(before: Recorded, after: Recorded): readonly Cause[] {
  const version = changed('version', before.grade.version, after.grade.version);
  return version.length > 0
    ? version
    : changed('grader', before.key?.grader ?? null, after.key?.grader ?? null);
}

function selected({ assignments }: SubmissionGrade): string | null {
  const names = assignments.filter((one) => one.selected).map((one) => one.assignment);
  // A submission that could not be graded says nothing of the options.
  return assignments.length === 0 ? null : names.join(', ');
}

/** What the results say themselves is told from there. */
const TOLD_ELSEWHERE = ['seed', 'runs', 'assignments'];

function optionsChange(before: InputKey['options'], after: InputKey['options']): readonly Cause[] {
  if (before === null || after === null) return [];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) =>
      !TOLD_ELSEWHERE.includes(name) &&
      JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return named('options', names.sort());
}

function failures({ outcome, reason, assignments }: SubmissionGrade): readonly string[] {
  if (outcome === 'error') return [reason ?? 'no reason'];
  return assignments.flatMap((one) =>
    one.outcome === 'error' ? [one.assignment] : checksInTrouble(one),
  );
}

function unsteady(...grades: readonly SubmissionGrade[]): readonly string[] {
  const names = grades.flatMap(({ assignments }) =>
    assignments.filter(({ difference }) => difference !== null).map((one) => one.assignment),
  );
  return [...new Set(names)];
}

function unrecorded(before: InputKey | null, after: InputKey | null): readonly string[] {
  const fields = ['submission', 'grader', 'options'] as const;
  return fields.filter(
    (field) => (before?.[field] ?? null) === null || (after?.[field] ?? null) === null,
  );
}
