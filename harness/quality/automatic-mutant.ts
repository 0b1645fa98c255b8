/** Mutants of the model that a tool made: one passage written differently each. They have names that outlive edits elsewhere. */
import ts from 'typescript';
import type { Files } from './plant.ts';

/** A passage of a file, and what a tool would put in its place. */
export interface Change {
  /** File of the model: `page-table.ts`. */
  readonly file: string;
  /** Offsets into its text; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** What the tool calls this kind of change: `EqualityOperator`. */
  readonly mutator: string;
  /** An expression in place of an expression, a block in place of a block. */
  readonly replacement: string;
}

/** The model with one change made. */
export interface AutomaticMutant {
  /**
   * Unique: the file, the function, the passage and its replacement, on one line; of a block the first characters. If a function has the same
   * passage several times, `#2` and so on from the second one on.
   */
  readonly id: string;
  readonly file: string;
  /** Where the passage begins, from 1. */
  readonly line: number;
  readonly mutator: string;
  readonly files: Files;
}

const MOST_OF_A_BLOCK = 40;

/**
 * `changes`, each made in the model, in the order of their places. Changes that make the same text are one mutant, called after the first of them;
 * what changes nothing or breaks the syntax is left out.
 */
export function automaticMutants(
  model: Files,
  changes: readonly Change[],
): readonly AutomaticMutant[] {
  const texts = new Set(Object.values(model));
  const named = new Map<string, number>();
  const mutants: AutomaticMutant[] = [];
  for (const change of [...changes].sort(byPlace)) {
    const { file, start, end, mutator } = change;
    const original = model[file];
    if (original === undefined) throw new Error(`the model has no ${file}`);
    const text = original.slice(0, start) + inPlace(change) + original.slice(end);
    if (texts.has(text) || !parses(text)) continue;
    texts.add(text);
    const name = nameOf(change, original);
    const occurrence = (named.get(name) ?? 0) + 1;
    named.set(name, occurrence);
    mutants.push({
      id: occurrence === 1 ? name : `${name} #${occurrence}`,
      file,
      line: original.slice(0, start).split('\n').length,
      mutator,
      files: { ...model, [file]: text },
    });
  }
  return mutants;
}

function byPlace(a: Change, b: Change): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.start - b.start || b.end - a.end;
}

function parses(text: string): boolean {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  return diagnostics.length === 0;
}

/** An expression is put into parentheses: its operators may bind less than those around it. */
function inPlace({ replacement }: Change): string {
  return isBlock(replacement) ? replacement : `(${replacement})`;
}

function isBlock(code: string): boolean {
  return code.startsWith('{');
}

function nameOf({ file, start, end, replacement }: Change, text: string): string {
  const place = [file, functionAt(file, text, start, end)].filter(Boolean).join(' ');
  return `${place}: ${shown(text.slice(start, end))} → ${shown(replacement)}`;
}

function shown(code: string): string {
  const line = code.replace(/\s+/gu, ' ').trim();
  return isBlock(line) && line.length > MOST_OF_A_BLOCK
    ? `${line.slice(0, MOST_OF_A_BLOCK).trimEnd()}…`
    : line;
}

/** The function that the passage is in, with its class: `PageTable.map`; empty outside of all. */
function functionAt(file: string, text: string, start: number, end: number): string {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (start < node.getFullStart() || end > node.getEnd()) return;
    if (ts.isClassLike(node) || ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node))
      names.push(node.name?.getText() ?? '');
    else if (ts.isConstructorDeclaration(node)) names.push('constructor');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  return names.join('.');
}
