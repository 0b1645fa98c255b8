/**
 * The session that running checks belong to. Suites are loaded once and run many times, one mocha run at a time, so the session cannot be an
 * argument of a check.
 */
import type { Program } from '../../protocol/program.ts';
import type { AssignmentInfo, CheckDeclaration } from './check-info.ts';
import type { Session } from './session.ts';

let current: Session | null = null;

/** The session that is running. Throws outside of a grading run. */
export function session(): Session {
  if (current === null) throw new Error('checks run only while a submission is being graded');
  return current;
}

/** Makes `next` the session that checks belong to. */
export function enterSession(next: Session | null): void {
  current = next;
}

/** What a suite declared while it was loaded, in order. */
export interface Declared {
  assignment: AssignmentInfo | null;
  readonly checks: CheckDeclaration[];
  /** Programs of the scenarios. */
  readonly programs: Program[];
}

let declaring: Declared = { assignment: null, checks: [], programs: [] };

/** Collects what the suites loaded by `load` declare. */
export function collectDeclarations(load: () => void): Declared {
  declaring = { assignment: null, checks: [], programs: [] };
  load();
  return declaring;
}

/** Notes a check of the suite being loaded. Throws if its id is taken, or if it builds on one that does not come before it. */
export function declareCheck(check: CheckDeclaration): void {
  const isDeclared = (id: string): boolean => declaring.checks.some((other) => other.id === id);
  if (isDeclared(check.id)) throw new Error(`two checks are called ${check.id}`);
  const later = check.requires?.find((id) => !isDeclared(id));
  if (later !== undefined)
    throw new Error(`${check.id} builds on ${later}, which does not come before it`);
  declaring.checks.push(check);
}

/** Notes the program of a scenario of the suite being loaded. */
export function declareProgram(program: Program): void {
  declaring.programs.push(program);
}

/** The programs of all scenarios of the suite being loaded: also of those that are still to come. */
export function declaredPrograms(): readonly Program[] {
  return declaring.programs;
}
