/** What the compiler makes of a submission and the sandbox loads: plain data that crosses process boundaries. */

/** One compiled file. */
export interface CompiledModule {
  /** CommonJS, ES2022, without comments. */
  readonly js: string;
  /** Names the file uses and declares nowhere: reading one that is no global is a `ReferenceError`. */
  readonly freeNames: readonly string[];
  /**
   * Set for a module of the grader's own that stands in for a file of the student: its exports are frozen and its lines are never
   * shown.
   */
  readonly sealed?: boolean;
}

/** Compiled files by path (`page-table.ts`, `lib/bits.ts`). */
export type CompiledModules = Readonly<Record<string, CompiledModule>>;

/** Source maps (JSON text) by the path of the file they belong to. */
export type SourceMaps = Readonly<Record<string, string>>;
