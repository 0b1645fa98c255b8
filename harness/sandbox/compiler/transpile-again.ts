/** Transpiling text that is almost the text of the time before: somebody has saved one file. */
import ts from 'typescript';
import { parse } from './emit.ts';
import { transpile, type TranspiledFile } from './transpile.ts';

interface Known {
  readonly text: string;
  readonly result: TranspiledFile;
}

export class Transpiler {
  /** Files of the call before, if each of them stands alone. */
  #before: ReadonlyMap<string, Known> = new Map();
  /** All paths of that call. */
  #paths = '';

  /**
   * As {@link transpile}, with the same results. A file that is the same as in the call before, among files of the same names, is taken from there.
   *
   * @param all the paths that the submission has, compiled or not
   */
  transpile(
    files: ReadonlyMap<string, string>,
    all: readonly string[],
  ): ReadonlyMap<string, TranspiledFile> {
    const paths = JSON.stringify([...all].sort());
    // What an import may name depends on all of them.
    const before = paths === this.#paths ? this.#before : new Map<string, Known>();
    const changed = new Map([...files].filter(([path, text]) => before.get(path)?.text !== text));
    const areAlone = [...changed].every(([path, text]) => standsAlone(path, text));
    const present = new Set(all);
    const fresh = transpile(areAlone ? changed : files, (path) => present.has(path));
    const known = new Map(before);
    for (const [path, result] of fresh) known.set(path, { text: files.get(path)!, result });
    this.#paths = paths;
    this.#before = areAlone ? known : new Map();
    return new Map([...files.keys()].map((path) => [path, known.get(path)!.result]));
  }
}

/** Whether a file neither says anything of others nor hears of it: a module that adds nothing to what is global. */
function standsAlone(path: string, text: string): boolean {
  try {
    const source = parse(path, text);
    return ts.isExternalModule(source) && !source.statements.some(isAugmentation);
  } catch (error) {
    // Nested too deeply: `transpile` says so.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** `declare global { … }`, `declare module '…' { … }`. */
function isAugmentation(statement: ts.Statement): boolean {
  return (
    ts.isModuleDeclaration(statement) &&
    (ts.isStringLiteral(statement.name) ||
      (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0)
  );
}
