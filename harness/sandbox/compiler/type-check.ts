/**
 * Type errors of a submission. The host serves the submission, the library of the language and the modules of the sandbox, and nothing
 * else: a message can quote what it reads, so it may read nothing that is not the student's.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { CompileProblem } from '../compile-problem.ts';
import { declarationOf, PROVIDED_MODULES, resolveImport, STAND_INS } from '../resolve-import.ts';
import { AMBIENT_DECLARATIONS } from './ambient-declarations.ts';
import { typescriptFile } from './load-typescript.ts';
import { problemOf } from './problem-of.ts';

/** Most type errors reported. */
const MOST_PROBLEMS = 50;

/** The grader's own settings, whatever `tsconfig.json` the student has. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  forceConsistentCasingInFileNames: true,
};

// Folders of the host's world. No two can hold the same path.
const OWN = '/submission/';
const LIB = '/lib/';
const PROVIDED = '/provided/';
const AMBIENT = '/ambient.d.ts';

/** "Cannot find module": not an error for a file that the sandbox supplies. */
const CANNOT_FIND_MODULE = 2307;

const libFolder = dirname(typescriptFile);
/** Parsed files that are the same for every submission. */
const shared = new Map<string, ts.SourceFile | undefined>();

/**
 * Type-checks `files`; only those in `checked` are reported. `declarations`: texts of the modules of the sandbox by name.
 */
export function typeProblems(
  files: ReadonlyMap<string, string>,
  checked: readonly string[],
  declarations: Readonly<Record<string, string>>,
): CompileProblem[] {
  const program = ts.createProgram({
    rootNames: [AMBIENT, ...[...files.keys()].map((path) => OWN + path)],
    options: OPTIONS,
    host: new SubmissionHost(files, declarations),
  });
  const problems: CompileProblem[] = [];
  for (const path of checked) {
    for (const diagnostic of program.getSemanticDiagnostics(program.getSourceFile(OWN + path))) {
      if (diagnostic.code === CANNOT_FIND_MODULE && isSupplied(path, diagnostic)) continue;
      problems.push(problemOf('type', path, diagnostic));
      if (problems.length >= MOST_PROBLEMS) return problems;
    }
  }
  return problems;
}

function isSupplied(path: string, { file, start = 0, length = 0 }: ts.Diagnostic): boolean {
  const specifier = file?.text.slice(start + 1, start + length - 1) ?? '';
  return STAND_INS.includes(resolveImport(path, specifier, () => true) ?? '');
}

class SubmissionHost implements ts.CompilerHost {
  /** Comments say nothing about types in TypeScript. */
  readonly jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
  readonly #files: ReadonlyMap<string, string>;
  readonly #declarations: Readonly<Record<string, string>>;

  constructor(files: ReadonlyMap<string, string>, declarations: Readonly<Record<string, string>>) {
    this.#files = files;
    this.#declarations = declarations;
  }

  readFile(name: string): string | undefined {
    if (name.startsWith(OWN)) return this.#files.get(name.slice(OWN.length));
    if (name === AMBIENT) return AMBIENT_DECLARATIONS;
    if (name.startsWith(PROVIDED)) {
      return Object.entries(this.#declarations).find(
        ([module]) => providedFile(module) === name,
      )?.[1];
    }
    return /^\/lib\/lib\.[\w.]+\.d\.ts$/.test(name) ? libText(name.slice(LIB.length)) : undefined;
  }

  fileExists(name: string): boolean {
    return this.readFile(name) !== undefined;
  }

  getSourceFile(
    name: string,
    options: ts.ScriptTarget | ts.CreateSourceFileOptions,
  ): ts.SourceFile | undefined {
    if (!name.startsWith(OWN) && shared.has(name)) return shared.get(name);
    const text = this.readFile(name);
    const file = text === undefined ? undefined : ts.createSourceFile(name, text, options, true);
    if (!name.startsWith(OWN)) shared.set(name, file);
    return file;
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    from: string,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map(({ text }) => {
      const resolvedFileName = this.#resolve(text, from);
      if (resolvedFileName === undefined) return { resolvedModule: undefined };
      const extension = resolvedFileName.endsWith('.d.ts') ? ts.Extension.Dts : ts.Extension.Ts;
      return { resolvedModule: { resolvedFileName, extension, isExternalLibraryImport: false } };
    });
  }

  #resolve(specifier: string, from: string): string | undefined {
    if (PROVIDED_MODULES.includes(specifier)) return providedFile(specifier);
    if (!from.startsWith(OWN)) return undefined;
    const path = resolveImport(from.slice(OWN.length), specifier, (candidate) =>
      this.#files.has(candidate),
    );
    if (path === null) return undefined;
    const found = [path, declarationOf(path)].find((each) => this.#files.has(each));
    return found === undefined ? undefined : OWN + found;
  }

  getDefaultLibFileName(): string {
    return `${LIB}lib.d.ts`;
  }
  getDefaultLibLocation(): string {
    return LIB;
  }
  getCurrentDirectory(): string {
    return '/';
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
  writeFile(): void {
    // Nothing is emitted.
  }
}

function providedFile(module: string): string {
  return `${PROVIDED}${module}.d.ts`;
}

function libText(name: string): string | undefined {
  try {
    return readFileSync(join(libFolder, name), 'utf8');
  } catch {
    return undefined;
  }
}
