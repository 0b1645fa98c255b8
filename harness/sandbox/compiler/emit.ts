/** Emits parsed files as JavaScript, all in one go: one program for all of them costs half of one for each. */
import ts from 'typescript';
import { burnFuel } from './burn-fuel.ts';
import { passExhaustion } from './pass-exhaustion.ts';
import { refuseAsync } from './refuse-async.ts';
import { spellTemplates } from './spell-templates.ts';

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  isolatedModules: true,
  esModuleInterop: true,
  useDefineForClassFields: true,
  removeComments: true,
  sourceMap: true,
  // Each file by itself, without looking at any other or at types.
  noResolve: true,
  noLib: true,
  noCheck: true,
  types: [],
  suppressOutputPathCheck: true,
};

const ROOT = '/';

export interface Emitted {
  /** Empty if there are syntax errors. */
  readonly js: string;
  readonly map: string;
  readonly syntaxErrors: readonly ts.DiagnosticWithLocation[];
}

/** How a file of a submission is parsed for {@link emitAll}. Throws whatever TypeScript does: a `RangeError` if it is nested too deeply. */
export function parse(path: string, text: string): ts.SourceFile {
  const readable = emittable(text);
  const source = createSource(path, readable);
  const declared = constEnumsDeclared(source);
  return declared.length === 0 ? source : createSource(path, blanked(readable, declared));
}

function createSource(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(
    ROOT + path,
    text,
    { languageVersion: ts.ScriptTarget.ES2022 },
    true,
    ts.ScriptKind.TS,
  );
}

/** The text, every character in its place, without what would be emitted although it is a comment: a line for the shell, and comments that are to be kept. */
function emittable(text: string): string {
  const plain = text.replace(/^#!/, '//');
  const kept = (ts.getLeadingCommentRanges(plain, 0) ?? []).filter(({ pos }) =>
    plain.startsWith('/*!', pos),
  );
  return blanked(
    plain,
    kept.map(({ pos }) => [pos + 2, pos + 3]),
  );
}

/** Where `declare` stands before a `const enum`: its values are known all the same, and nobody but this file can have it. */
function constEnumsDeclared(source: ts.SourceFile): [from: number, to: number][] {
  return source.statements.flatMap((statement) => {
    if (!ts.isEnumDeclaration(statement)) return [];
    const { modifiers = [] } = statement;
    const isConst = modifiers.some(({ kind }) => kind === ts.SyntaxKind.ConstKeyword);
    const declare = modifiers.find(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
    return isConst && declare !== undefined ? [[declare.getStart(source), declare.end]] : [];
  });
}

function blanked(text: string, ranges: readonly (readonly [from: number, to: number])[]): string {
  return ranges.reduce(
    (left, [from, to]) => left.slice(0, from) + ' '.repeat(to - from) + left.slice(to),
    text,
  );
}

/** Emits files made by {@link parse}, by path; for one that TypeScript cannot emit, what it throws. */
export function emitAll(
  sources: ReadonlyMap<string, ts.SourceFile>,
): ReadonlyMap<string, Emitted | Error> {
  try {
    return emit(sources);
  } catch {
    return new Map([...sources].map(([path, source]) => [path, emitAlone(path, source)]));
  }
}

function emitAlone(path: string, source: ts.SourceFile): Emitted | Error {
  try {
    return emit(new Map([[path, source]])).get(path)!;
  } catch (error) {
    return error as Error;
  }
}

function emit(sources: ReadonlyMap<string, ts.SourceFile>): ReadonlyMap<string, Emitted> {
  const outputs = new Map<string, string>();
  const program = programOf(sources, outputs);
  const errors = new Map(
    [...sources].map(([path, source]) => [path, program.getSyntacticDiagnostics(source)]),
  );
  // The tree of a file with errors is not always one that can be emitted.
  const sound = new Map([...sources].filter(([path]) => errors.get(path)!.length === 0));
  const emitting = sound.size === sources.size ? program : programOf(sound, outputs);
  emitting.emit(undefined, undefined, undefined, false, {
    after: [refuseAsync, burnFuel, passExhaustion, spellTemplates],
  });
  const output = (path: string, ending: string) =>
    outputs.get(rooted(path).replace(/\.ts$/, ending)) ?? '';
  return new Map(
    [...errors].map(([path, syntaxErrors]) => [
      path,
      {
        js: output(path, '.js').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, ''),
        map: output(path, '.js.map'),
        syntaxErrors,
      },
    ]),
  );
}

function programOf(
  sources: ReadonlyMap<string, ts.SourceFile>,
  outputs: Map<string, string>,
): ts.Program {
  return ts.createProgram([...sources.keys()].map(rooted), OPTIONS, new EmitHost(sources, outputs));
}

function rooted(path: string): string {
  return ROOT + path;
}

/** Serves the parsed files and keeps what is written. */
class EmitHost implements ts.CompilerHost {
  readonly #sources: ReadonlyMap<string, ts.SourceFile>;
  readonly #outputs: Map<string, string>;

  constructor(sources: ReadonlyMap<string, ts.SourceFile>, outputs: Map<string, string>) {
    this.#sources = sources;
    this.#outputs = outputs;
  }

  getSourceFile(name: string): ts.SourceFile | undefined {
    return this.#sources.get(name.slice(ROOT.length));
  }
  fileExists(name: string): boolean {
    return this.#sources.has(name.slice(ROOT.length));
  }
  writeFile(name: string, text: string): void {
    this.#outputs.set(name, text);
  }
  readFile(): undefined {
    return undefined;
  }
  getDefaultLibFileName(): string {
    return `${ROOT}lib.d.ts`;
  }
  getCurrentDirectory(): string {
    return ROOT;
  }
  getCanonicalFileName(name: string): string {
    return name;
  }
  useCaseSensitiveFileNames(): boolean {
    return true;
  }
  getNewLine(): string {
    return '\n';
  }
}
