/** Compiling submissions in a process that can be killed: TypeScript can be made to run for minutes by a few lines of types. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { bundlePath } from './bundle.ts';
import type { CompiledModules, SourceMaps } from './compiled-module.ts';
import type { CompileProblem } from './compile-problem.ts';
import type {
  CompilerFailed,
  CompileRequest,
  Transpiled,
  TypeChecked,
} from './compiler/messages.ts';
import { type Answer, ConfinedProcess, type Death } from './confined-process.ts';
import { givesUpWall, launchCommand } from './confinement.ts';
import { PROVIDED_MODULES } from './resolve-import.ts';
import { typescriptCode } from './typescript-code.ts';

export interface Compilation {
  /** The files that can be used. */
  readonly modules: CompiledModules;
  readonly maps: SourceMaps;
  /** Everything but type errors. */
  readonly problems: readonly CompileProblem[];
  /** Type errors, still being looked for. Never rejects. */
  readonly typeCheck: Promise<readonly CompileProblem[]>;
}

export interface CompilerOptions {
  /** Milliseconds to make code; the start of the process counts. Default: 10,000. */
  readonly transpileMs?: number;
  /** Milliseconds to check types. Default: 20,000. */
  readonly typeCheckMs?: number;
}

const LIMITS = {
  heapMb: 768,
  youngMb: 32,
  dataMb: 1_200,
  cpuSeconds: 3_600,
  residentMb: 1_500,
} as const;
const TEMPLATE = resolve(__dirname, '../../student-template');
const CONTRACTS = resolve(__dirname, '../../reference/contract');

export class SubmissionCompiler {
  readonly #transpileMs: number;
  readonly #typeCheckMs: number;
  readonly #declarations = Object.fromEntries(
    PROVIDED_MODULES.map((name) => [name, readFileSync(join(CONTRACTS, `${name}.ts`), 'utf8')]),
  );
  #process: ConfinedProcess | null = null;
  #closed = false;
  /** One submission at a time: done with the one before. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #leaving = new Set<Promise<void>>();

  /** Starts the process at once. Throws if its program cannot be built. */
  constructor({ transpileMs = 10_000, typeCheckMs = 20_000 }: CompilerOptions = {}) {
    this.#transpileMs = transpileMs;
    this.#typeCheckMs = typeCheckMs;
    this.#process = this.#start();
  }

  /** Compiles the texts of a submission, given by path. Rejects only if the compiler itself is broken or closed. */
  async compileSubmission(files: Readonly<Record<string, string>>): Promise<Compilation> {
    const before = this.#turn;
    let done = (): void => undefined;
    this.#turn = new Promise<void>((resolve) => {
      done = resolve;
    });
    await before;
    try {
      const compilation = await this.#compile(files);
      void compilation.typeCheck.then(done);
      return compilation;
    } catch (error) {
      done();
      throw error;
    }
  }

  /** Ends the process and waits until it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#discard();
    await Promise.all(this.#leaving);
  }

  async #compile(files: Readonly<Record<string, string>>): Promise<Compilation> {
    if (this.#closed) throw new Error('the compiler is closed');
    if (this.#process?.alive !== true) {
      this.#discard();
      this.#process = this.#start();
    }
    const process = this.#process;
    const request: CompileRequest = { files, declarations: this.#declarations };
    const first = await process.ask(request, this.#transpileMs, 2);
    if (first.kind === 'died') {
      // Where the system does not let us put up a wall we go on without it.
      if (givesUpWall(first.detail)) return this.#compile(files);
      if (first.why === 'crash' || first.why === 'protocol') throw compilerFailure(first.detail);
      return {
        modules: {},
        maps: {},
        problems: [limitProblem('be compiled', first)],
        typeCheck: Promise.resolve([]),
      };
    }
    const reply = first.reply as Transpiled | CompilerFailed;
    if (reply.is === 'failed') {
      process.kill();
      throw compilerFailure(reply.stack);
    }
    const { modules, maps, problems } = reply;
    return { modules, maps, problems, typeCheck: this.#types(process) };
  }

  async #types(process: ConfinedProcess): Promise<readonly CompileProblem[]> {
    const second: Answer = await process.next(this.#typeCheckMs);
    if (second.kind === 'died')
      return this.#closed ? [] : [limitProblem('be type-checked', second)];
    const reply = second.reply as TypeChecked | CompilerFailed;
    if (reply.is === 'checked') return reply.problems;
    process.kill();
    return [limitProblem('be type-checked', { kind: 'died', why: 'crash', detail: reply.stack })];
  }

  #start(): ConfinedProcess {
    const typescript = dirname(dirname(createRequire(__filename).resolve('typescript')));
    const bundle = bundlePath('compiler');
    const readable = [join(typescript, '*')];
    const code = typescriptCode(launchCommand(bundle, readable, LIMITS, true).command, bundle, {
      files: sampleFiles(),
      declarations: this.#declarations,
    });
    const { command } = launchCommand(
      bundle,
      [...readable, ...(code === null ? [] : [code])],
      LIMITS,
    );
    return new ConfinedProcess(code === null ? command : [...command, code], LIMITS.residentMb);
  }

  #discard(): void {
    const process = this.#process;
    if (process === null) return;
    this.#process = null;
    const gone = process.end().then(() => void this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }
}

/** Code as students write it. */
function sampleFiles(): Record<string, string> {
  const names = readdirSync(TEMPLATE).filter((name) => /(?<!\.d)\.ts$/.test(name));
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(TEMPLATE, name), 'utf8')]),
  );
}

/** Where it failed is in the stack alone: it tells paths of this machine. */
function compilerFailure(detail: string): Error {
  const error = new Error('the compiler failed, see the diagnostics');
  error.stack = `the compiler failed: ${detail}`;
  return error;
}

function limitProblem(what: string, { why }: Death): CompileProblem {
  const reason =
    why === 'timeout'
      ? 'it takes too long'
      : why === 'memory'
        ? 'it needs too much memory'
        : 'the compiler gave up on it';
  return { kind: 'limit', message: `the submission could not ${what}: ${reason}`, location: null };
}
