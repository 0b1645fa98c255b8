/** What the parent asks of the confined child, and what it answers. */
import type { Program, RunOptions } from '../../protocol/program.ts';
import type { Panic, Trace } from '../../protocol/trace.ts';
import type { CompiledModules } from '../compiled-module.ts';

export type ChildRequest =
  | { readonly do: 'load'; readonly modules: CompiledModules }
  | { readonly do: 'run'; readonly program: Program; readonly options: RunOptions };

/** A file that could not even be made a function: what needs it finds it missing. */
export interface UnloadableModule {
  readonly path: string;
  readonly panic: Panic;
}

export type ChildReply =
  | { readonly is: 'ready'; readonly unloadable: readonly UnloadableModule[] }
  | { readonly is: 'trace'; readonly trace: Trace }
  /** No answer, but where the code is: the last one tells where a process died (see {@link RunOptions.trail}). */
  | { readonly is: 'at'; readonly stack: string }
  /** No answer, but which operation begins (the number of operations: everything is released). See {@link RunOptions.progress}. */
  | { readonly is: 'begins'; readonly op: number }
  /** The driver itself failed. */
  | { readonly is: 'failed'; readonly message: string };
