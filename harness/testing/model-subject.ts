/** The model pager, or one with changes, as something to grade that runs inside this process. For tests of checks that need real code. */
import type { Program, RunOptions } from '../protocol/program.ts';
import type { Trace } from '../protocol/trace.ts';
import type { Subject } from '../runner/session/subject.ts';
import { runProgram } from '../sandbox/child/executor.ts';
import type { Sandbox } from '../sandbox/child-process.ts';
import { StackMapper } from '../sandbox/stack-mapper.ts';
import { modelModules } from './model-modules.ts';

/** Modules in place of the model's, by name without `.ts`. */
export type Changes = Readonly<Record<string, string | undefined>>;

/** A subject, and what has been played on it. */
export interface ModelSubject extends Subject {
  readonly played: Program[];
}

/** The trace of a program on the model with `changes`. */
export function traceOf(
  program: Program,
  changes: Changes = {},
  options: RunOptions = { recordSites: false },
): Trace {
  return runProgram(modelModules(changes), program, options);
}

/** The model with `changes`. */
export function modelSubject(changes: Changes = {}): ModelSubject {
  const played: Program[] = [];
  const run: Sandbox['run'] = (program, options) => {
    played.push(program);
    return Promise.resolve({ kind: 'trace', trace: traceOf(program, changes, options) });
  };
  return { played, sandbox: { width: 1, run } as unknown as Sandbox, mapper: new StackMapper({}) };
}
