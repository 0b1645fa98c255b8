/**
 * The compiler process. Runs nothing of a submission, but what it reads was written by others and can make TypeScript run for minutes: it is
 * confined and killed like the child.
 */
import '../tier-up.ts';
import { readFileSync, writeSync } from 'node:fs';
import { receive, send } from '../blocking-pipe.ts';
import type { CompiledModule } from '../compiled-module.ts';
import type { CompileProblem } from '../compile-problem.ts';
import { MAKE_CODE } from '../make-code.ts';
import { typescriptCode } from './load-typescript.ts';
import type { CompilerFailed, CompileRequest, Transpiled, TypeChecked } from './messages.ts';
import { shortened } from './problem-of.ts';
import { withinLimits } from './submission-limits.ts';
import { transpile } from './transpile.ts';
import { Transpiler } from './transpile-again.ts';
import { typeProblems } from './type-check.ts';

const transpiler = new Transpiler();

/** Answers a request with two messages: code first, so that programs can start while types are checked. */
function answer(request: CompileRequest): void {
  const { accepted, problems: refused } = withinLimits(request.files);
  const modules: Record<string, CompiledModule> = {};
  const maps: Record<string, string> = {};
  const problems: CompileProblem[] = [...refused];
  const checked: string[] = [];
  const code = new Map([...accepted].filter(([path]) => !path.endsWith('.d.ts')));
  const results = transpiler.transpile(code, Object.keys(request.files));
  for (const [path, file] of results) {
    problems.push(...file.problems);
    if (file.module !== null) {
      modules[path] = file.module;
      maps[path] = file.map;
      checked.push(path);
    }
  }
  send({
    is: 'transpiled',
    modules,
    maps,
    problems: problems.map(shortened),
  } satisfies Transpiled);
  send({
    is: 'checked',
    problems: typeProblems(accepted, checked, request.declarations).map(shortened),
  } satisfies TypeChecked);
}

/** Compiles a sample, and writes the code that this has made of TypeScript. */
function makeCode(): void {
  const { files, declarations } = JSON.parse(readFileSync(0, 'utf8')) as CompileRequest;
  const accepted = new Map(Object.entries(files));
  transpile(accepted, (path) => accepted.has(path));
  typeProblems(accepted, [...accepted.keys()], declarations);
  const code = typescriptCode();
  for (let at = 0; at < code.length;) at += writeSync(1, code, at);
}

if (process.argv[2] === MAKE_CODE) {
  makeCode();
  process.exit(0);
}
for (;;) {
  const request = receive();
  if (request === undefined) process.exit(0);
  try {
    answer(request as CompileRequest);
  } catch (error) {
    send({
      is: 'failed',
      stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
    } satisfies CompilerFailed);
  }
}
