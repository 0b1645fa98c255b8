/**
 * SES refuses any text that looks like a dynamic import, a direct eval or an HTML comment, even inside a string. A log message may well hold
 * an arrow, so strings are respelled; what is left is refused here, with the student's line.
 */
import type ts from 'typescript';
import type { CompileProblem } from '../compile-problem.ts';
import { placeOf } from './problem-of.ts';

/** The patterns of `ses/src/transforms.js`, and how a student would write what they match. */
const PATTERNS: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/(^|[^.]|\.\.\.)\bimport(\s*(?:\(|\/[/*]))/, 'import('],
  [/(^|[^.])\beval(\s*\()/, 'eval('],
  [/<!--|-->/, 'of an HTML comment'],
];

/** True if SES would refuse the text. */
export function hasForbiddenText(text: string): boolean {
  return PATTERNS.some(([pattern]) => pattern.test(text));
}

/** The text of a string or template literal, spelled so that its value is the same and nothing in it can be taken for code. */
export function respell(literal: string): string {
  return literal
    .replace(
      /\b(import|eval)(\s*)([(/])/g,
      (_, word: string, space: string, next: string) =>
        `${word}${space}${next === '(' ? '\\x28' : '\\x2f'}`,
    )
    .replace(/<!--/g, '<!\\x2d-')
    .replace(/-->/g, '--\\x3e');
}

/** The refusals of the emitted text `js`; places are looked for in the source. */
export function forbiddenTexts(path: string, source: ts.SourceFile, js: string): CompileProblem[] {
  return PATTERNS.filter(([pattern]) => pattern.test(js)).map(([pattern, shown]) => {
    const at = Math.max(0, source.text.search(pattern));
    return {
      kind: 'import',
      message: `the text ${shown} is not available here`,
      location: placeOf(path, source, at),
    };
  });
}
