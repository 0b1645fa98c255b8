/** The model pager playing programs. What it comes to is kept: submissions of a class make the same mistakes, which come down to the same shortest programs. */
import { createHash } from 'node:crypto';
import type { Program } from '../../protocol/program.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import type { Subject } from './subject.ts';

/** Milliseconds for one program. */
const WALL_MS = 30_000;
/** Runs kept; what was not asked for longest goes first. The trace of a reduced program has some kilobytes. */
const MOST_KEPT = 1_000;

export class ModelRuns {
  readonly #model: () => Promise<Subject>;
  readonly #kept = new Map<string, Promise<RunResult>>();

  /** @param model loaded on first need */
  constructor(model: () => Promise<Subject>) {
    this.#model = model;
  }

  /** What playing the program comes to. Played once. */
  of(program: Program): Promise<RunResult> {
    const name = createHash('sha256').update(JSON.stringify(program)).digest('base64');
    const run = this.#kept.get(name) ?? this.#first(program, name);
    this.#kept.delete(name);
    this.#kept.set(name, run);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return run;
  }

  /** Milliseconds that the program takes on this machine, now. */
  async timeOf(program: Program): Promise<number> {
    const { sandbox } = await this.#model();
    const start = performance.now();
    await sandbox.run(program, { recordSites: false, wallMs: WALL_MS });
    return performance.now() - start;
  }

  async #first(program: Program, name: string): Promise<RunResult> {
    try {
      const { sandbox } = await this.#model();
      const run = await sandbox.run(program, { recordSites: false, wallMs: WALL_MS });
      // That a process died says nothing of the next time.
      if (run.kind === 'died') this.#kept.delete(name);
      return run;
    } catch (error) {
      this.#kept.delete(name);
      throw error;
    }
  }
}
