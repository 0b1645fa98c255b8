/** Two confined processes for one submission. Programs leave nothing behind, so two can be played at the same time where there are processors for it. */
import type { Program, RunOptions } from '../protocol/program.ts';
import { type LoadResult, type RunResult, Sandbox, type SandboxOptions } from './child-process.ts';
import type { CompiledModules } from './compiled-module.ts';
import type { Layer } from './confinement.ts';

/** What plays programs of a submission, `width` of them at a time. */
export interface Player {
  readonly width: number;
  readonly layers: readonly Layer[];
  load(modules: CompiledModules): Promise<LoadResult>;
  run(program: Program, options: RunOptions & { readonly wallMs: number }): Promise<RunResult>;
  close(): Promise<void>;
}

/** A player whose program can be given up: see {@link Sandbox.interrupt}. */
export interface InterruptiblePlayer extends Player {
  interrupt(): void;
}

/** A {@link Sandbox}, and a second one that is started when both are needed for the first time. */
export class TwinSandbox implements InterruptiblePlayer {
  readonly width = 2;
  readonly #options: SandboxOptions;
  readonly #first: Sandbox;
  #second: Sandbox | null = null;
  #modules: CompiledModules | null = null;
  #isFirstBusy = false;

  /** Starts the first process at once, as {@link Sandbox} does. */
  constructor(options: SandboxOptions = {}) {
    this.#options = options;
    this.#first = new Sandbox(options);
  }

  /** The walls that are up. */
  get layers(): readonly Layer[] {
    return this.#first.layers;
  }

  /** As {@link Sandbox.load}. The second process is told when it is needed. */
  load(modules: CompiledModules): Promise<LoadResult> {
    this.#modules = modules;
    return this.#first.load(modules);
  }

  /** As {@link Sandbox.run}, for two programs at a time at most. */
  async run(
    program: Program,
    options: RunOptions & { readonly wallMs: number },
  ): Promise<RunResult> {
    if (this.#isFirstBusy) return this.#runOnSecond(program, options);
    this.#isFirstBusy = true;
    try {
      return await this.#first.run(program, options);
    } finally {
      this.#isFirstBusy = false;
    }
  }

  /** As {@link Sandbox.interrupt}, for both. */
  interrupt(): void {
    this.#first.interrupt();
    this.#second?.interrupt();
  }

  /** Ends all processes and waits until they are gone. */
  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second?.close()]);
  }

  async #runOnSecond(
    program: Program,
    options: RunOptions & { readonly wallMs: number },
  ): Promise<RunResult> {
    this.#second ??= new Sandbox(this.#options);
    if (this.#modules !== null) {
      const loaded = await this.#second.load(this.#modules);
      if (loaded.kind === 'died') return loaded;
    }
    return this.#second.run(program, options);
  }
}
