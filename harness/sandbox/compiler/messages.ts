/** What the parent asks of the compiler process, and the two messages it answers with. */
import type { CompiledModules, SourceMaps } from '../compiled-module.ts';
import type { CompileProblem } from '../compile-problem.ts';

export interface CompileRequest {
  /** Texts of the submission by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Declarations of the modules that exist in the sandbox, by name (`keos`, `veridian`). */
  readonly declarations: Readonly<Record<string, string>>;
}

/** The first answer: programs can start. */
export interface Transpiled {
  readonly is: 'transpiled';
  readonly modules: CompiledModules;
  readonly maps: SourceMaps;
  readonly problems: readonly CompileProblem[];
}

/** The second answer. */
export interface TypeChecked {
  readonly is: 'checked';
  readonly problems: readonly CompileProblem[];
}

/** The compiler itself failed. */
export interface CompilerFailed {
  readonly is: 'failed';
  /** What it threw and where: for diagnostics, not for students. */
  readonly stack: string;
}
