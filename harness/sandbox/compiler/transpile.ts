/** TypeScript to JavaScript, refusing what a submission may not say. Nothing of the submission is run. */
import ts from 'typescript';
import type { CompiledModule } from '../compiled-module.ts';
import type { CompileProblem } from '../compile-problem.ts';
import { emitAll, type Emitted, parse } from './emit.ts';
import { inspectEmitted } from './emitted-code.ts';
import { forbiddenTexts } from './forbidden-text.ts';
import { importProblems } from './import-rules.ts';
import { cut, placeOf, problemOf, visible } from './problem-of.ts';

/** Most problems reported of one file. */
const MOST_PROBLEMS = 20;

export interface TranspiledFile {
  /** `null` if the file cannot be used; then there are problems. */
  readonly module: CompiledModule | null;
  readonly map: string;
  readonly problems: readonly CompileProblem[];
}

/** Compiles files, given by path; one that cannot be compiled does not keep the others from it. `exists` says which paths the submission has. */
export function transpile(
  files: ReadonlyMap<string, string>,
  exists: (path: string) => boolean,
): ReadonlyMap<string, TranspiledFile> {
  const results = new Map<string, TranspiledFile>();
  const sources = new Map<string, ts.SourceFile>();
  for (const [path, text] of files) {
    const source = orError(() => parse(path, text));
    if (source instanceof Error) results.set(path, givenUp(path, source));
    else sources.set(path, source);
  }
  const emitted = emitAll(sources);
  for (const [path, source] of sources) {
    const output = emitted.get(path)!;
    const result =
      output instanceof Error ? output : orError(() => examine(path, source, output, exists));
    results.set(path, result instanceof Error ? givenUp(path, result) : result);
  }
  return results;
}

function examine(
  path: string,
  source: ts.SourceFile,
  output: Emitted,
  exists: (path: string) => boolean,
): TranspiledFile {
  const problems = [
    ...output.syntaxErrors.map((diagnostic) => problemOf('syntax', path, diagnostic)),
    ...importProblems(path, source, exists),
    ...topLevelAwaits(path, source),
  ];
  if (problems.length > 0) return refused(problems);

  const { js, freeNames, hasImport } = inspectEmitted(path, output.js);
  problems.push(...forbiddenTexts(path, source, js));
  if (hasImport && problems.length === 0) {
    const message = 'this kind of import is not available';
    problems.push({ kind: 'import', message, location: placeOf(path, source, 0) });
  }
  return problems.length > 0
    ? refused(problems)
    : { module: { js, freeNames }, map: output.map, problems };
}

function refused(problems: readonly CompileProblem[]): TranspiledFile {
  return { module: null, map: '', problems: problems.slice(0, MOST_PROBLEMS) };
}

/** TypeScript goes as deep as the text it is given, sometimes without noticing that it did not get through, and does not expect all that can be written. */
function givenUp(path: string, error: Error): TranspiledFile {
  const message =
    error instanceof RangeError || error instanceof TypeError
      ? 'the file is nested too deeply to be compiled'
      : `the compiler gave up on this file: ${reasonOf(error)}`;
  return refused([{ kind: 'limit', message, location: { file: path, line: 1, column: 1 } }]);
}

/** What TypeScript says in one line, which may quote the file. */
function reasonOf({ message }: Error): string {
  const [line = ''] = message.replace(/^Debug Failure\. /u, '').split('\n', 1);
  return visible(cut(line, 200));
}

function orError<T>(body: () => T): T | Error {
  try {
    return body();
  } catch (error) {
    return error as Error;
  }
}

/** A module is the body of a function, where `await` outside an async function means nothing. */
function topLevelAwaits(path: string, source: ts.SourceFile): CompileProblem[] {
  const problems: CompileProblem[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    const isAwait =
      ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
    if (isAwait) {
      const location = placeOf(path, source, node.getStart(source));
      const message = `'await' is not available: a pager has no event loop`;
      problems.push({ kind: 'syntax', message, location });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}
