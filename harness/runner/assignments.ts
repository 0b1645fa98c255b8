/** Finds the assignments under `suites/` and loads their checks, once a process. */
import { readdirSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type Mocha from 'mocha';
import type { Program } from '../protocol/program.ts';
import type { AssignmentInfo, CheckDeclaration } from './session/check-info.ts';
import { collectDeclarations } from './session/current-session.ts';

/** An assignment with its checks, ready to be run. */
export interface Assignment {
  readonly info: AssignmentInfo;
  readonly checks: readonly CheckDeclaration[];
  /** The programs of its scenarios. */
  readonly programs: readonly Program[];
  readonly mocha: Mocha;
}

const SUITES = resolve(__dirname, '../../suites');
const load = createRequire(__filename);
const loaded = new Map<string, Assignment>();

/** Every assignment there is, by its folder under `suites/`, in teaching order. */
export function assignmentInfos(): readonly AssignmentInfo[] {
  return readdirSync(SUITES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(SUITES, entry.name, 'assignment.ts')))
    .map(
      (entry) =>
        (load(join(SUITES, entry.name, 'assignment.ts')) as { assignment: AssignmentInfo })
          .assignment,
    )
    .sort((a, b) => ORDER.indexOf(a.id) - ORDER.indexOf(b.id));
}

/** Teaching order, with assignments that are not there yet; one that is not listed comes first. */
const ORDER = ['page-table', 'address-space', 'lazy-pager', 'fork', 'demand-paging'];

/** The assignment called `id` with its checks. Throws if a suite is malformed. */
export function loadAssignment(info: AssignmentInfo): Assignment {
  const known = loaded.get(info.id);
  if (known !== undefined) return known;
  const folder = join(SUITES, info.id);
  const files = readdirSync(folder).filter((name) => name.endsWith('.suite.ts'));
  // mocha is heavy, so it is loaded when there is something to run.
  const MochaRunner = load('mocha') as typeof Mocha;
  class SuiteRunner extends MochaRunner {
    loadSuites(): void {
      this.loadFiles();
    }
  }
  const mocha = new SuiteRunner({
    ui: 'bdd',
    timeout: 0,
    reporter: SilentReporter as never,
  });
  // The same suites run for one submission after another.
  mocha.cleanReferencesAfterRun(false);
  // They are loaded here, so mocha must not do it again at each run.
  (mocha as unknown as { lazyLoadFiles(lazy: boolean): void }).lazyLoadFiles(true);
  for (const name of files.sort()) mocha.addFile(join(folder, name));
  const { checks, programs } = collectDeclarations(() => {
    keepingGlobals(() => {
      mocha.loadSuites();
    });
  });
  const rules = new Set(info.rules.map(({ id }) => id));
  for (const check of checks)
    if (!rules.has(check.rule))
      throw new Error(`check ${check.id} guards ${check.rule}, which ${info.id} does not have`);
  const assignment = { info, checks, programs, mocha };
  loaded.set(info.id, assignment);
  return assignment;
}

/** Results are taken from the session, not from mocha. */
function SilentReporter(): void {
  // Says nothing.
}

/** Loading suites puts `describe` and `it` of this mocha into the globals; a mocha that runs us (our own tests) wants its own back. */
function keepingGlobals(body: () => void): void {
  const names = [
    'describe',
    'context',
    'it',
    'specify',
    'before',
    'after',
    'beforeEach',
    'afterEach',
    'xdescribe',
    'xcontext',
    'xit',
    'xspecify',
    'run',
  ];
  const before = names.map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  try {
    body();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}
