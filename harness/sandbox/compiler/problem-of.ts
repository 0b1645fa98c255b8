/** From TypeScript's diagnostics and nodes to problems a student can act on. */
import ts from 'typescript';
import type { CompileProblem, SourcePlace } from '../compile-problem.ts';

/** Longest message kept: types can be made to print endlessly. */
const MOST_CHARACTERS = 800;

/** The place of a position in a file. */
export function placeOf(path: string, file: ts.SourceFile, position: number): SourcePlace {
  const { line, character } = file.getLineAndCharacterOfPosition(position);
  return { file: path, line: line + 1, column: character + 1 };
}

/** A diagnostic about `path` as a problem. */
export function problemOf(
  kind: CompileProblem['kind'],
  path: string,
  diagnostic: ts.Diagnostic,
): CompileProblem {
  const { file, start, code, messageText } = diagnostic;
  // The advice to install types or to change a tsconfig.json does not apply here.
  const text = ts
    .flattenDiagnosticMessageText(messageText, '\n')
    .replace(/ (Do you need to|Try changing the) .*$/s, '');
  const message = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  const location =
    file === undefined ? { file: path, line: 1, column: 1 } : placeOf(path, file, start ?? 0);
  return { kind, message: `${message} (TS${String(code)})`, location };
}
