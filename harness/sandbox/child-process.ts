/**
 * A place to run programs on a student's code: a confined process, replaced without fuss whenever a program kills it.
 */
import type { Program, RunOptions } from '../protocol/program.ts';
import type { Trace } from '../protocol/trace.ts';
import { bundlePath } from './bundle.ts';
import type { ChildRequest, UnloadableModule } from './child/messages.ts';
import type { CompiledModules } from './compiled-module.ts';
import { ConfinedProcess, type Death } from './confined-process.ts';
import {
  givesUpWall,
  type Launch,
  launchCommand,
  type Layer,
  type ProcessLimits,
} from './confinement.ts';
import { isReady, isTraceReply, failureMessage } from './reply-shape.ts';

export interface SandboxOptions extends Partial<ProcessLimits> {
  /** Keep a second process started ahead, so that replacing one costs a few milliseconds. Default: true. */
  readonly spare?: boolean;
  /** Milliseconds in which a process must have started and loaded a submission. Default: 10,000. */
  readonly loadMs?: number;
}

/** `unloadable`: files the evaluator refused; what imports them finds them missing. */
export type LoadResult =
  { readonly kind: 'ready'; readonly unloadable: readonly UnloadableModule[] } | Death;

export type RunResult = { readonly kind: 'trace'; readonly trace: Trace } | Death;

/** The sandbox itself could not do its work: never the student's fault. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}

/** Limits of a process, where a sandbox is told no others. */
export const DEFAULTS = {
  heapMb: 128,
  youngMb: 16,
  dataMb: 384,
  cpuSeconds: 600,
  residentMb: 700,
  spare: true,
  loadMs: 10_000,
} as const;

export class Sandbox {
  /** Programs that it plays at a time. */
  readonly width = 1;
  readonly #options: Required<SandboxOptions>;
  readonly #bundle: string;
  #launch: Launch;
  /** Holds the current submission. */
  #current: ConfinedProcess | null = null;
  /** Started, and has seen no student code. */
  #spare: ConfinedProcess | null;
  #modules: CompiledModules | null = null;
  #ready: LoadResult | null = null;
  /** Milliseconds the current process has been waited for: at least the processor time it has used. */
  #usedMs = 0;
  #busy = false;
  /** The process that is playing a program. */
  #playing: ConfinedProcess | null = null;
  #closed = false;
  readonly #leaving = new Set<Promise<void>>();

  /** Starts the first process at once, so that it is ready when there is something to load. Throws if the child's program cannot be built. */
  constructor(options: SandboxOptions = {}) {
    this.#options = { ...DEFAULTS, ...options };
    this.#bundle = bundlePath('child');
    this.#launch = this.#command();
    this.#spare = this.#start();
  }

  /** The walls that are up. Certain after the first {@link load}. */
  get layers(): readonly Layer[] {
    return [...this.#launch.layers, 'ses'];
  }

  /**
   * Loads a submission into a process that has seen no other; what is loaded already stays. A submission can make that fail (`died`) only by its text:
   * none of its code runs yet. Throws {@link SandboxError} if no process can be started.
   */
  load(modules: CompiledModules): Promise<LoadResult> {
    return this.#exclusively(async () => {
      const isLoaded = this.#modules !== null && isSame(this.#modules, modules);
      if (isLoaded && this.#current?.alive === true && this.#ready !== null) return this.#ready;
      this.#modules = modules;
      return this.#loadAfresh(modules);
    });
  }

  /**
   * Runs one program on the submission loaded last. If a program before it killed the process, a new one is loaded first (outside
   * `wallMs`). Throws {@link SandboxError} if nothing was loaded or no process can be started.
   */
  run(program: Program, options: RunOptions & { readonly wallMs: number }): Promise<RunResult> {
    return this.#exclusively(async () => {
      if (this.#modules === null) throw new SandboxError('run: no submission is loaded');
      // Replaced long before its limit of processor time could end a program that is not to blame.
      const isWornOut = this.#usedMs > this.#options.cpuSeconds * 500;
      if (this.#current?.alive !== true || isWornOut) {
        const loaded = await this.#loadAfresh(this.#modules);
        if (loaded.kind === 'died') return loaded;
      }
      const { wallMs, ...rest } = options;
      return this.#ask({ do: 'run', program, options: rest }, wallMs);
    });
  }

  /** Gives up the program that is being played, if there is one: it is `died`. The next one meets a fresh process. */
  interrupt(): void {
    this.#playing?.kill();
  }

  /** Ends all processes and waits until they are gone. The sandbox cannot be used after that. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#discard(this.#current);
    this.#discard(this.#spare);
    this.#current = null;
    this.#spare = null;
    await Promise.all(this.#leaving);
  }

  async #ask(request: ChildRequest, wallMs: number): Promise<RunResult> {
    const child = this.#current!;
    const start = performance.now();
    this.#playing = child;
    const answer = await child.ask(request, wallMs);
    this.#playing = null;
    this.#usedMs += performance.now() - start;
    if (answer.kind === 'died') return answer;
    if (isTraceReply(answer.reply)) return { kind: 'trace', trace: answer.reply.trace };
    const failure = failureMessage(answer.reply);
    // A driver that failed, or a child that makes things up, is not asked again.
    const death: Death =
      failure === null
        ? { kind: 'died', why: 'protocol', detail: 'the answer is no trace' }
        : { kind: 'died', why: 'crash', detail: failure };
    child.kill(death);
    return death;
  }

  async #loadAfresh(modules: CompiledModules): Promise<LoadResult> {
    for (let retried = false; ;) {
      this.#discard(this.#current);
      this.#usedMs = 0;
      this.#current = this.#spare ?? this.#start();
      this.#spare = null;
      const answer = await this.#current.ask(
        { do: 'load', modules } satisfies ChildRequest,
        this.#options.loadMs,
      );
      if (answer.kind === 'reply') {
        if (!isReady(answer.reply))
          throw this.#broken(failureMessage(answer.reply) ?? 'it made no sense');
        if (this.#options.spare) setImmediate(() => this.#startSpare());
        this.#ready = { kind: 'ready', unloadable: answer.reply.unloadable };
        return this.#ready;
      }
      if (this.#closed) throw new SandboxError('the sandbox was closed');
      if (this.#withoutWall(answer)) continue;
      // No code of the student runs here, so the process is more likely to blame than the submission.
      if (retried && answer.why !== 'crash' && answer.why !== 'protocol') return answer;
      if (retried) throw this.#broken(answer.detail);
      retried = true;
    }
  }

  /** Where the system does not let us put up a wall we go on without it, and say so in {@link layers}. */
  #withoutWall({ detail }: Death): boolean {
    const launch = this.#launch;
    const gaveUp = givesUpWall(detail);
    this.#launch = this.#command();
    // Another process may have found out before.
    if (!gaveUp && this.#launch.layers.length === launch.layers.length) return false;
    this.#discard(this.#spare);
    this.#spare = null;
    return true;
  }

  #command(): Launch {
    return launchCommand(this.#bundle, [], this.#options);
  }

  #start(): ConfinedProcess {
    return new ConfinedProcess(this.#launch.command, this.#options.residentMb);
  }

  /** Not while somebody waits: starting a process takes longer than loading a submission into one. */
  #startSpare(): void {
    if (!this.#closed) this.#spare ??= this.#start();
  }

  #discard(child: ConfinedProcess | null): void {
    if (child === null) return;
    const gone = child.end().then(() => void this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #broken(detail: string): SandboxError {
    this.#discard(this.#current);
    this.#current = null;
    return new SandboxError(`no process got ready: ${detail}`);
  }

  async #exclusively<T>(body: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new SandboxError('the sandbox is closed');
    if (this.#busy) throw new SandboxError('the sandbox does one thing at a time');
    this.#busy = true;
    try {
      return await body();
    } finally {
      this.#busy = false;
    }
  }
}

function isSame(some: CompiledModules, others: CompiledModules): boolean {
  const paths = Object.keys(some);
  return (
    paths.length === Object.keys(others).length &&
    paths.every((path) => some[path] === others[path])
  );
}
