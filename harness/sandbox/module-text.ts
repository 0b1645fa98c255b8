/**
 * How the text of a compiled module is wrapped for evaluation and named in stacks: written by the child, read back by the stack
 * mapper.
 */

import { FUEL } from './fuel-name.ts';

/** On the first line of the module, so that only its columns are shifted. No `module`: emitted code does not use it. */
const BEFORE = `(function (exports, require, ${FUEL}) {`;

/** Columns by which the first line of a module is shifted. */
export const FIRST_LINE_SHIFT = BEFORE.length;

const OPEN = 'submission/';
const SEALED = 'given/';

/** A submission's file as stacks name it: no white space (the engine would ignore the name), no colon, no parenthesis. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/[()!'*~]/g, escapeCharacter))
    .join('/');
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** An expression whose value is the module as a function of `exports`, `require` and what burns fuel. */
export function moduleText(path: string, js: string, sealed: boolean): string {
  return `${BEFORE}${js}\n})\n//# sourceURL=${sealed ? SEALED : OPEN}${encodePath(path)}`;
}

/** Whether the source of a frame, as the engine names it, is a file of the submission. */
export function isSubmissionCode(source: string | null | undefined): boolean {
  return typeof source === 'string' && source.startsWith(OPEN);
}

/** The innermost lines of a raw stack that belong to a submission. */
export function submissionFrames(stack: string): string {
  const lines = stack.split('\n').filter((line) => line.includes(OPEN));
  return lines.slice(0, 8).join('\n');
}

/**
 * A position in a stack line that belongs to a file of the submission, or `null`. Line and column as the engine counts, from 1. Who throws may have written the
 * stack: what the engine would not write is no position.
 */
export function framePosition(line: string): { path: string; line: number; column: number } | null {
  const found = /(?:^|[\s(])submission\/([^\s():]+):([1-9]\d{0,8}):([1-9]\d{0,8})\)?\s*$/.exec(
    line,
  );
  if (found === null) return null;
  try {
    return {
      path: decodeURIComponent(found[1]!),
      line: Number(found[2]),
      column: Number(found[3]),
    };
  } catch {
    return null;
  }
}
