/** From TypeScript's diagnostics and nodes to problems a student can act on. */
import type ts from 'typescript';
import type { CompileProblem, SourcePlace } from '../compile-problem.ts';

/** Longest message kept: types can be made to print endlessly. */
const MOST_CHARACTERS = 800;

const MOST_QUOTED = 60;

/** A text of a submission, short enough for a sentence. */
export function cut(text: string, most = MOST_QUOTED): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A text of a submission in quotes, short and on one line. */
export function quoted(text: string): string {
  return `'${visible(cut(text))}'`;
}

/** What ends a line, moves a cursor or cannot be seen, as it would be written in a string. */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => {
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[char];
    return short ?? `\\u{${char.codePointAt(0)!.toString(16)}}`;
  });
}

/** A problem that is no longer than anybody reads, whatever of the submission its message quotes. */
export function shortened(problem: CompileProblem): CompileProblem {
  return { ...problem, message: cut(problem.message, MOST_CHARACTERS + 20) };
}

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
  const text = textOf(messageText).replace(/ (Do you need to|Try changing the) .*$/s, '');
  const message = cut(text, MOST_CHARACTERS);
  const location =
    file === undefined ? { file: path, line: 1, column: 1 } : placeOf(path, file, start ?? 0);
  return { kind, message: `${message} (TS${String(code)})`, location };
}

/** A message and what explains it, line by line and further in each time; no line begins within a text of the submission. */
function textOf(message: string | ts.DiagnosticMessageChain, indent = '\n'): string {
  if (typeof message === 'string') return visible(cut(message, MOST_CHARACTERS));
  const inner = `${indent}  `;
  const next = (message.next ?? []).map((one) => inner + textOf(one, inner));
  return [textOf(message.messageText), ...next].join('');
}
