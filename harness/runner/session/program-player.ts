/** Plays a session's programs on the student's code, and believes what is seen: what kills a process, or is wrong while a spy looks on, is played once more. */
import { judge } from '../../oracle/judge.ts';
import { settled } from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import type { Death } from '../../sandbox/confined-process.ts';
import type { ModelRuns } from './model-runs.ts';
import { Pace } from './pace.ts';
import { PlayAhead, type PlayOptions } from './play-ahead.ts';
import type { Played, SampledRun } from './played.ts';
import { Sample } from './sample.ts';
import type { Subject } from './subject.ts';
import type { TimeLimit } from './time-limit.ts';
import { isDoubtful, isWatchedBefore, withNotes } from './unwatched.ts';

/** Wall limit of one program, in milliseconds: far above what any program needs (the model takes some 20), so only code that hangs meets it. */
const WALL_MS = 2_000;
/** The same once so many checks have met it that another one will hardly be chance. */
const SHORT_WALL_MS = 400;
const DEATHS_UNTIL_SHORT = 3;
/** A program that has timed out is played again, alone, for as long as the model takes times this, and for the limits above at least. */
export const MODEL_TIMES = 20;
/** Checks whose program kills the process and that are looked into. Those of others that do so are not judged. */
const MOST_DEATHS = 20;

/** Slow code has used up the time of its submission: what is left cannot be judged. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

export interface PlayerOptions {
  readonly seed: number;
  /** Of the submission. Default: none. */
  readonly timeLimit?: TimeLimit;
}

export class ProgramPlayer {
  /** Programs played, for the diagnostics. */
  programs = 0;
  /** What programs that killed the process used, for the diagnostics: it differs between two runs. */
  readonly notes: string[] = [];
  /** Some of the programs played, to be played once more when all is done. */
  readonly sample: Sample<SampledRun>;
  /** When the first program was sent. */
  #began: number | null = null;
  /** Id of the check that programs are played for. */
  #check = '';
  #deaths = 0;
  readonly #model: ModelRuns;
  readonly #options: PlayerOptions;
  readonly #broken: ReadonlySet<string>;
  readonly #remembered = new WeakMap<Program, Played>();
  readonly #pace: Pace;
  readonly #ahead: PlayAhead;

  /** @param broken rules that are known to be broken: what they explain is no news */
  constructor(
    { sandbox }: Subject,
    model: ModelRuns,
    options: PlayerOptions,
    broken: ReadonlySet<string>,
  ) {
    this.#model = model;
    this.#options = options;
    this.#broken = broken;
    this.sample = new Sample(options.seed);
    this.#pace = new Pace(options.seed);
    this.#ahead = new PlayAhead(
      sandbox,
      () => ({ recordSites: false, wallMs: this.wallMs }),
      (program, ms, run) => {
        this.#pace.note(program, ms, run.kind === 'died' && run.why === 'timeout');
      },
    );
  }

  /** What will be played: for each check its programs, or `null` if it turns out to play none. They are begun ahead, until something is found. */
  plan(checks: readonly (() => readonly Program[] | null)[]): void {
    this.#ahead.plan(checks);
  }

  /** The check at `position` of the plan begins; `null`: one that is not in it. */
  reach(check: string, position: number | null): void {
    this.#check = check;
    if (position !== null) this.#ahead.reach(position);
  }

  /** Begins nothing ahead any more: what comes next is not certain. */
  stopPlayingAhead(): void {
    this.#ahead.stop();
  }

  /** Waits until nothing is played any more. */
  finish(): Promise<void> {
    return this.#ahead.finish();
  }

  /** Milliseconds since the first program was sent. */
  get elapsedMs(): number {
    return Math.round(performance.now() - (this.#began ?? performance.now()));
  }

  /** Checks whose program killed the process so far. */
  get deaths(): number {
    return this.#deaths;
  }

  /** A dead process is what a check came to. */
  countDeath(): void {
    this.#deaths++;
  }

  /** Whether so many checks had a program that killed the process that another one is not looked into. */
  get isTiredOfDeaths(): boolean {
    return this.#deaths >= MOST_DEATHS;
  }

  /** Wall limit of one program, before it is given a second chance. */
  get wallMs(): number {
    return this.#deaths < DEATHS_UNTIL_SHORT ? WALL_MS : SHORT_WALL_MS;
  }

  /** Whether the submission has used up its time, because its code is slow: then nothing more is played. */
  async isOutOfTime(): Promise<boolean> {
    const { timeLimit } = this.#options;
    if (timeLimit === undefined) return false;
    return timeLimit.isUp(() =>
      this.#pace.isSlow(MODEL_TIMES, {
        modelMs: (program) => this.#model.timeOf(program),
        // By the wall, not by a clock here: that would count the start of a new process, too, if the one before did not live on.
        takesLonger: async (program, ms) => {
          const options = { recordSites: false, wallMs: Math.ceil(ms) };
          const run = await this.#ahead.runAlone(program, options);
          return run.kind === 'died' && run.why === 'timeout';
        },
      }),
    );
  }

  /** Plays a program on the student's code and judges it. That it kills the process is believed only when it does so again, alone. */
  async play(program: Program): Promise<Played> {
    const result = await this.#judged(program);
    this.#remembered.set(program, result);
    return result;
  }

  /** What {@link play} came to for this very program, if it was played before. */
  remembered(program: Program): Played | undefined {
    const result = this.#remembered.get(program);
    if (result?.kind !== 'judged') return result;
    return { ...result, verdict: settled(result.verdict, this.#broken) };
  }

  /**
   * Plays programs one after the other and hands over what came of each, until `take` says that it is enough. The student's code is already at the next
   * ones while one is judged. Throws {@link OutOfTime} when the submission has used up its time.
   */
  async playAll(
    programs: readonly Program[],
    take: (program: Program, played: Played) => boolean,
  ): Promise<void> {
    this.#ahead.expect(programs);
    try {
      for (const program of programs) {
        if (await this.isOutOfTime()) throw new OutOfTime();
        if (!take(program, await this.#judged(program))) return;
      }
    } finally {
      this.#ahead.expect(null);
    }
  }

  /** As {@link play}, but nothing is confirmed: what kills the process here says nothing but that another program is to be tried. */
  async playOnce(program: Program): Promise<Played> {
    this.programs++;
    const run = await this.run(program, { recordSites: false, wallMs: this.wallMs });
    const played = await this.#withoutSpy(program, this.#played(program, run));
    this.#remembered.set(program, played);
    return played;
  }

  /** Plays a program in some other way than {@link play}, as soon as a process is free. */
  run(program: Program, options: PlayOptions): Promise<RunResult> {
    return this.#ahead.run(program, options);
  }

  /** Plays a program that kills its process once more, and says where the code was seen last: a raw stack, or the empty string. */
  async lastSeen(program: Program, wallMs: number): Promise<string> {
    const options = { recordSites: false, trail: 'last', wallMs } as const;
    const run = await this.run(program, options);
    return run.kind === 'died' ? (run.lastSeen ?? '') : '';
  }

  async #judged(program: Program): Promise<Played> {
    return this.#withoutSpy(program, this.#played(program, await this.#run(program)));
  }

  /** What a program came to, if it came to that with nobody watching, too: a spy must not be what code fails of. */
  async #withoutSpy(program: Program, played: Played): Promise<Played> {
    if (played.kind !== 'judged' || !isDoubtful(program, played.verdict)) return played;
    const options = { recordSites: false, unwatched: true, wallMs: this.wallMs };
    const run = await this.run(program, options);
    // That it kills the process is no better.
    if (run.kind === 'died') return played;
    const trace = withNotes(run.trace, played.trace);
    if (trace === null) return played;
    const other = this.#played(program, { kind: 'trace', trace });
    return other.kind === 'judged' ? { ...other, unwatched: true } : other;
  }

  async #run(program: Program): Promise<RunResult> {
    this.programs++;
    this.#began ??= performance.now();
    const run = await this.#ahead.play(program);
    if (run.kind === 'died') {
      this.stopPlayingAhead();
      return this.isTiredOfDeaths ? run : this.#confirmed(program, run);
    }
    this.sample.offer({ program, trace: run.trace, check: this.#check });
    return run;
  }

  /** What becomes of a program that killed the process when it is played once more, alone, and with time enough on a machine as slow as this one. */
  async #confirmed(program: Program, { why, detail }: Death): Promise<RunResult> {
    const modelMs = await this.#model.timeOf(program);
    const wallMs = Math.max(this.wallMs, Math.ceil(MODEL_TIMES * modelMs));
    const again = await this.#ahead.runAlone(program, {
      recordSites: false,
      progress: true,
      wallMs,
    });
    const then =
      again.kind === 'died' ? `${again.why}, ${inBrief(again.detail)}` : 'it came to an end';
    this.notes.push(
      `${this.#check}: ${why}, ${inBrief(detail)}; again, alone, with ${String(wallMs)} ms (the model takes ${modelMs.toFixed(1)}): ${then}`,
    );
    if (again.kind !== 'died' || !isWatchedBefore(program, again.lastOp ?? program.ops.length))
      return again;
    // It may be the spy that code gets lost in.
    const unwatched = await this.#ahead.runAlone(program, {
      recordSites: false,
      unwatched: true,
      wallMs,
    });
    return unwatched.kind === 'died' ? again : unwatched;
  }

  /** What a run means: the verdict on its trace, or how it failed to give one. */
  #played(program: Program, run: RunResult): Played {
    if (run.kind === 'died') {
      const { kind, why, detail, lastOp } = run;
      return { kind, why, detail, ...(lastOp === undefined ? {} : { lastOp }) };
    }
    const { trace } = run;
    if (trace.loadError !== null) return { kind: 'unloadable', panic: trace.loadError };
    return { kind: 'judged', trace, verdict: settled(judge(program, trace), this.#broken) };
  }
}

/** The first line of what the engine says, which may be pages. */
function inBrief(detail: string): string {
  return (detail.split('\n')[0] ?? '').slice(0, 120);
}
