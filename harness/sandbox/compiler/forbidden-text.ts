/**
 * SES refuses any text that looks like a dynamic import, a direct eval or an HTML comment, even inside a string. A log message may well hold
 * an arrow, and a class may have a method called `eval`, so such texts are respelled; what is left is refused here, with the student's line.
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

/** The text of a regular expression, spelled so that it matches the same. */
export function respellPattern(literal: string): string {
  return literal
    .replace(/(?<!\\)\bimport(?=\s*[(/])/g, '\\x69mport')
    .replace(/(?<!\\)\beval(?=\s*\()/g, '\\x65val')
    .replace(/<!--/g, '<!-\\x2d')
    .replace(/-->/g, '--\\x3e');
}

/** Names that end in `eval` or `import` behind a character that is none of a word for SES: `$eval`. */
export const NAME_TO_RESPELL = /\W(eval|import)$/;
/** Names of members, private or not, that do, or that are just `eval` or `import`. */
export const MEMBER_TO_RESPELL = /(^|\W)(eval|import)$/;

/** A name that ends in `eval` or `import` with a letter written as an escape: the same name. */
export function respellName(name: string): string {
  return name.replace(/eval$/, '\\u0065val').replace(/import$/, '\\u0069mport');
}

/** The refusals of the emitted text `js`; places are looked for in the source. */
export function forbiddenTexts(path: string, source: ts.SourceFile, js: string): CompileProblem[] {
  return PATTERNS.filter(([pattern]) => pattern.test(js)).map(([pattern, shown]) => {
    const at = Math.max(0, source.text.search(pattern));
    return {
      kind: 'import',
      message: `the text ${shown} cannot stand here: it would be taken for code that loads or runs other code`,
      location: placeOf(path, source, at),
    };
  });
}
