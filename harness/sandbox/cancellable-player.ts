/** Playing programs for somebody who may lose interest: then nothing more is played. */
import type { Program, RunOptions } from '../protocol/program.ts';
import type { LoadResult, RunResult } from './child-process.ts';
import type { CompiledModules } from './compiled-module.ts';
import type { Layer } from './confinement.ts';
import type { Player } from './twin-sandbox.ts';

/** `player` until `signal` is aborted; itself if there is none. */
export function cancellable(player: Player, signal: AbortSignal | undefined): Player {
  return signal === undefined ? player : new CancellablePlayer(player, signal);
}

/** Once the signal is aborted, everything that is asked of it rejects with the signal's reason. The player stays usable for others. */
class CancellablePlayer implements Player {
  readonly #player: Player;
  readonly #signal: AbortSignal;

  constructor(player: Player, signal: AbortSignal) {
    this.#player = player;
    this.#signal = signal;
  }

  get width(): number {
    return this.#player.width;
  }

  get layers(): readonly Layer[] {
    return this.#player.layers;
  }

  async load(modules: CompiledModules): Promise<LoadResult> {
    this.#signal.throwIfAborted();
    return this.#player.load(modules);
  }

  async run(
    program: Program,
    options: RunOptions & { readonly wallMs: number },
  ): Promise<RunResult> {
    this.#signal.throwIfAborted();
    const result = await this.#player.run(program, options);
    // Whoever aborts may have interrupted it, too, and that says nothing of the program.
    this.#signal.throwIfAborted();
    return result;
  }

  close(): Promise<void> {
    return this.#player.close();
  }
}
