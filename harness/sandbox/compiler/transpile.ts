/** TypeScript to JavaScript, file by file, refusing what a submission may not say. Nothing of the submission is run. */
import ts from 'typescript';
import type { CompiledModule } from '../compiled-module.ts';
import type { CompileProblem } from '../compile-problem.ts';
import { inspectEmitted } from './emitted-code.ts';
import { forbiddenTexts } from './forbidden-text.ts';
import { importProblems } from './import-rules.ts';
import { placeOf, problemOf } from './problem-of.ts';

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  isolatedModules: true,
  esModuleInterop: true,
  useDefineForClassFields: true,
  removeComments: true,
  sourceMap: true,
};

/** Most problems reported of one file. */
const MOST_PROBLEMS = 20;

export interface TranspiledFile {
  /** `null` if the file cannot be used. */
  readonly module: CompiledModule | null;
  readonly map: string;
  readonly problems: readonly CompileProblem[];
}

/** Compiles one file. `exists` says which paths the submission has. */
export function transpileFile(path: string, text: string, exists: (path: string) => boolean): TranspiledFile {
  try {
    const result = transpile(path, text, exists);
    return result.problems.length === 0 ? result : { module: null, map: '', problems: result.problems.slice(0, MOST_PROBLEMS) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'the file is nested too deeply to be compiled';
    return { module: null, map: '', problems: [{ kind: 'limit', message, location: { file: path, line: 1, column: 1 } }] };
  }
}

function transpile(path: string, text: string, exists: (path: string) => boolean): TranspiledFile {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
  const problems = [...importProblems(path, source, exists), ...topLevelAwaits(path, source)];
  const output = ts.transpileModule(text, { fileName: path, reportDiagnostics: true, compilerOptions: OPTIONS });
  problems.unshift(...(output.diagnostics ?? []).map((diagnostic) => problemOf('syntax', path, diagnostic)));
  if (problems.length > 0) return { module: null, map: '', problems };

  const code = inspectEmitted(path, output.outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, ''));
  problems.push(...forbiddenTexts(path, source, code.js));
  if (code.hasImport && problems.length === 0) {
    problems.push({ kind: 'import', message: 'this kind of import is not available', location: placeOf(path, source, 0) });
  }
  return { module: { js: code.js, freeNames: code.freeNames }, map: output.sourceMapText ?? '', problems };
}

/** A module is the body of a function, where `await` outside an async function means nothing. */
function topLevelAwaits(path: string, source: ts.SourceFile): CompileProblem[] {
  const problems: CompileProblem[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    const isAwait = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
    if (isAwait) {
      const location = placeOf(path, source, node.getStart(source));
      problems.push({ kind: 'syntax', message: `'await' is not available: a pager has no event loop`, location });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}
