/**
 * One assignment of one submission being graded: plays programs on the student's code, judges them, and remembers what is known so far.
 */
import type { Program } from '../../protocol/program.ts';
import type { Trace } from '../../protocol/trace.ts';
import { judge } from '../../oracle/judge.ts';
import type { Verdict } from '../../oracle/verdict.ts';
import type { Sandbox } from '../../sandbox/child-process.ts';
import type { StackMapper } from '../../sandbox/stack-mapper.ts';
import type { CheckResult } from '../../scoring/grade.ts';
import type { Played } from './played.ts';

/** Wall limit of one program. Far above what any program needs (the model takes some 20 ms): only code that hangs meets it. */
const WALL_MS = 2_000;
/** A program that timed out is given this long, alone, before it counts. */
const SECOND_WALL_MS = 6_000;
/** Checks whose program may kill the process (by hanging, or by using up memory) before the rest of the assignment is left out. */
const MOST_DEATHS = 3;

/** Something that programs can be played on: a student's code, the model, a mutant. */
export interface Subject {
  readonly sandbox: Sandbox;
  /** Further places with the same code, for programs that may run side by side. */
  readonly more?: readonly Sandbox[];
  readonly mapper: StackMapper;
}

export interface SessionOptions {
  readonly seed: number;
  /** Programs that each property plays. */
  readonly runs: number;
  /** Checks to run (by id or rule), or `null` for all. Prerequisites are then not asked for. */
  readonly only: ((check: { readonly id: string; readonly rule: string }) => boolean) | null;
  /** Command that shows a check again. */
  readonly replayCommand: (checkId: string) => string;
  /** Told of each result as soon as it is known. */
  readonly onResult?: (result: CheckResult) => void;
}

export class Session {
  readonly subject: Subject;
  /** The model, which must agree before anybody loses a point; loaded on first need. */
  readonly model: () => Promise<Subject>;
  readonly options: SessionOptions;
  readonly results = new Map<string, CheckResult>();
  /** Rules that some program has broken. */
  readonly broken = new Set<string>();
  /** Programs played, for the diagnostics. */
  programs = 0;
  /** Rules without which nothing else can be judged. */
  readonly fundamental = new Set<string>();
  #deaths = 0;

  constructor(subject: Subject, model: () => Promise<Subject>, options: SessionOptions) {
    this.subject = subject;
    this.model = model;
    this.options = options;
  }

  /** Too many programs killed the process: nothing more is played. */
  get exhausted(): boolean {
    return this.#deaths >= MOST_DEATHS;
  }

  /** Checks whose program killed the process so far. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Plays a program on the student's code and judges it. A timeout is confirmed before it is believed, once a session. */
  async play(program: Program, sandbox: Sandbox = this.subject.sandbox): Promise<Played> {
    this.programs++;
    let run = await sandbox.run(program, { recordSites: false, wallMs: WALL_MS });
    if (run.kind === 'died' && run.why === 'timeout' && this.#deaths === 0) {
      run = await sandbox.run(program, { recordSites: false, wallMs: SECOND_WALL_MS });
    }
    return run.kind === 'died'
      ? { kind: 'died', why: run.why, detail: run.detail }
      : judged(program, run.trace);
  }

  /** A dead process is what a check came to. */
  countDeath(): void {
    this.#deaths++;
  }

  /**
   * Plays programs side by side, as many as there are places for, and hands over what came of them in order. Stops early when `take` says so; programs
   * that had been started by then do not count.
   */
  async playAll(
    programs: readonly Program[],
    take: (program: Program, played: Played) => boolean,
  ): Promise<void> {
    const lanes = [this.subject.sandbox, ...(this.subject.more ?? [])];
    const running = new Map<number, Promise<Played>>();
    let next = 0;
    const start = (lane: Sandbox): void => {
      const index = next++;
      const program = programs[index];
      if (program !== undefined) running.set(index, this.play(program, lane));
    };
    for (const lane of lanes) start(lane);
    try {
      for (const [index, program] of programs.entries()) {
        const played = await running.get(index);
        running.delete(index);
        // The lane that is free now works on while this program is judged.
        const goOn = played !== undefined && take(program, played);
        const lane = lanes[index % lanes.length];
        if (!goOn) break;
        if (lane !== undefined) start(lane);
      }
    } finally {
      this.programs -= running.size;
      // Also after an error of our own, which may strike several lanes at once.
      await Promise.allSettled(running.values());
    }
  }

  /** As {@link play}, with a given wall limit and no second try: to find out where a program hangs. */
  async playBriefly(program: Program, wallMs: number): Promise<Played> {
    const run = await this.subject.sandbox.run(program, { recordSites: false, wallMs });
    return run.kind === 'died'
      ? { kind: 'died', why: run.why, detail: run.detail }
      : judged(program, run.trace);
  }

  /** Keeps a result and tells whoever listens. */
  record(result: CheckResult): void {
    this.results.set(result.id, result);
    if (result.failure !== null) this.broken.add(result.failure.rule);
    this.options.onResult?.(result);
  }
}

function judged(program: Program, trace: Trace): Played {
  if (trace.loadError !== null) return { kind: 'unloadable', panic: trace.loadError };
  const verdict: Verdict = judge(program, trace);
  return { kind: 'judged', trace, verdict };
}
