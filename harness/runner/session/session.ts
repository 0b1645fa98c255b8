/**
 * One assignment of one submission being graded: plays programs on the student's code, judges them, and remembers what is known so far.
 */
import type { Program } from '../../protocol/program.ts';
import { judge } from '../../oracle/judge.ts';
import { settled } from '../../oracle/verdict.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import type { StackMapper } from '../../sandbox/stack-mapper.ts';
import type { Player } from '../../sandbox/twin-sandbox.ts';
import type { CheckResult, FirstFailure } from '../../scoring/grade.ts';
import type { AssignmentInfo } from './check-info.ts';
import type { Played } from './played.ts';

/** Wall limit of one program. Far above what any program needs (the model takes some 20 ms): only code that hangs meets it. */
const WALL_MS = 2_000;
/** A program that timed out is given this long, alone, before it counts. */
const SECOND_WALL_MS = 6_000;
/** Checks whose program may kill the process (by hanging, or by using up memory) before the rest of the assignment is left out. */
const MOST_DEATHS = 3;

/** Something that programs can be played on: a student's code, the model, a mutant. */
export interface Subject {
  readonly sandbox: Player;
  readonly mapper: StackMapper;
}

export interface SessionOptions {
  readonly seed: number;
  /** Programs that each property plays. */
  readonly runs: number;
  /** Checks to run (by id or rule), or `null` for all. Prerequisites are then not asked for. */
  readonly only: ((check: { readonly id: string; readonly rule: string }) => boolean) | null;
  /** Command that shows a check again, with another seed than that of the session if one is given. */
  readonly replayCommand: (checkId: string, seed?: number) => string;
  /** Consecutive seeds, `seed` the first, from each of which a property plays `runs` programs. Default: 1. */
  readonly seeds?: number;
  /** Told of each result as soon as it is known. */
  readonly onResult?: (result: CheckResult) => void;
}

/** The first failure of a session, which does not know what it belongs to. */
type SessionFailure = Omit<FirstFailure, 'assignment' | 'pageTable'>;

export class Session {
  readonly subject: Subject;
  /** The model, which must agree before anybody loses a point; loaded on first need. */
  readonly model: () => Promise<Subject>;
  readonly options: SessionOptions;
  readonly results = new Map<string, CheckResult>();
  /** Rules that some program has broken, and those of other assignments that need not be looked into again. */
  readonly broken = new Set<string>();
  /** Programs played, for the diagnostics. */
  programs = 0;
  /** Rules without which nothing else can be judged. */
  readonly fundamental = new Set<string>();
  #together: string | null = null;
  /** Rules of the assignment, if its programs meet those of others. */
  readonly #own = new Set<string>();
  /** Rules of other assignments for which {@link together} was charged. */
  readonly #chargedTogether = new Set<string>();
  /** By the id of a rule: what to look at when it is broken, whatever check shows it. */
  readonly ruleHints = new Map<string, string>();
  /** The rule of this assignment about answers to injected failures, if it has one. */
  failureRule: string | null = null;
  readonly #remembered = new WeakMap<Program, Played>();
  #deaths = 0;
  /** When the first program was sent. */
  #began: number | null = null;
  #firstFailure: SessionFailure | null = null;

  constructor(subject: Subject, model: () => Promise<Subject>, options: SessionOptions) {
    this.subject = subject;
    this.model = model;
    this.options = options;
  }

  /** See {@link AssignmentInfo.together}; `null` if the assignment has no such rule. */
  get together(): string | null {
    return this.#together;
  }

  /** Whether the rule is one of another assignment. */
  isForeign(rule: string): boolean {
    return this.#together !== null && !this.#own.has(rule);
  }

  /** Notes that the rule of another assignment was charged to {@link together}: it need not be looked into again. */
  chargeTogether(rule: string): void {
    this.#chargedTogether.add(rule);
    this.broken.add(rule);
  }

  /** Whether {@link together} was charged for the rule of another assignment. */
  isCharged(rule: string): boolean {
    return this.#chargedTogether.has(rule);
  }

  /**
   * Makes `info` the assignment whose rules are judged.
   *
   * @param brokenBefore rules that earlier assignments saw broken: where programs meet them, they need not be looked into again
   */
  isAbout(
    { rules, together }: Pick<AssignmentInfo, 'rules' | 'together'>,
    brokenBefore: Iterable<string>,
  ): void {
    for (const { id, fundamental } of rules) {
      this.#own.add(id);
      if (fundamental === true) this.fundamental.add(id);
    }
    this.#together = together ?? null;
    if (together !== undefined) for (const rule of brokenBefore) this.broken.add(rule);
  }

  /** Too many programs killed the process: nothing more is played. */
  get exhausted(): boolean {
    return this.#deaths >= MOST_DEATHS;
  }

  /** Checks whose program killed the process so far. */
  get deaths(): number {
    return this.#deaths;
  }

  /** The first check that failed, if any has: for the diagnostics. */
  get firstFailure(): SessionFailure | null {
    return this.#firstFailure;
  }

  /** Plays a program on the student's code and judges it. A timeout is confirmed before it is believed, once a session. */
  async play(program: Program): Promise<Played> {
    const result = this.#played(program, await this.#run(program));
    this.#remembered.set(program, result);
    return result;
  }

  /** What {@link play} came to for this very program, if it was played before. */
  remembered(program: Program): Played | undefined {
    const result = this.#remembered.get(program);
    if (result?.kind !== 'judged') return result;
    return { ...result, verdict: settled(result.verdict, this.broken) };
  }

  async #run(program: Program): Promise<RunResult> {
    this.programs++;
    this.#began ??= performance.now();
    const { sandbox } = this.subject;
    const run = await sandbox.run(program, { recordSites: false, wallMs: WALL_MS });
    if (run.kind !== 'died' || run.why !== 'timeout' || this.#deaths > 0) return run;
    return sandbox.run(program, { recordSites: false, wallMs: SECOND_WALL_MS });
  }

  /** The rule to report if `rule` is broken, and would not be without an injected failure. Rules of other assignments stay what they are. */
  blamed(rule: string): string {
    return this.ruleHints.has(rule) ? (this.failureRule ?? rule) : rule;
  }

  /** A dead process is what a check came to. */
  countDeath(): void {
    this.#deaths++;
  }

  /**
   * Plays programs one after the other and hands over what came of each, until `take` says that it is enough. The student's code is already at the next
   * program while one is judged; a program that was begun for nothing does not count.
   */
  async playAll(
    programs: readonly Program[],
    take: (program: Program, played: Played) => boolean,
  ): Promise<void> {
    const begin = (index: number): Promise<RunResult> | null => {
      const program = programs[index];
      const run = program === undefined ? null : this.#run(program);
      // If it fails while another one is looked at, that is told when its turn comes.
      run?.catch(() => undefined);
      return run;
    };
    // One more than can be played at a time would wait; one less, and the student's code would.
    const ahead = Array.from({ length: this.subject.sandbox.width }, (_, index) => begin(index));
    for (const [index, program] of programs.entries()) {
      const run = await ahead.shift();
      if (run === null || run === undefined) return;
      ahead.push(begin(index + this.subject.sandbox.width));
      if (take(program, this.#played(program, run))) continue;
      const begun = ahead.filter((each) => each !== null);
      this.programs -= begun.length;
      await Promise.all(begun);
      return;
    }
  }

  /** As {@link play}, with a given wall limit and no second try: to find out where a program hangs. */
  async playBriefly(program: Program, wallMs: number): Promise<Played> {
    const run = await this.subject.sandbox.run(program, { recordSites: false, wallMs });
    return this.#played(program, run);
  }

  /** Plays a program that kills its process once more, and says where the code was seen last: a raw stack, or the empty string. */
  async lastSeen(program: Program, wallMs: number): Promise<string> {
    const options = { recordSites: false, trail: true, wallMs };
    const run = await this.subject.sandbox.run(program, options);
    return run.kind === 'died' ? (run.lastSeen ?? '') : '';
  }

  /** A program has just shown that `check` fails. */
  noticeFailure(check: string): void {
    const noticedMs = this.#elapsedMs();
    this.#firstFailure ??= { check, programs: this.programs, noticedMs, reportedMs: noticedMs };
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - (this.#began ?? performance.now()));
  }

  /** Keeps a result and tells whoever listens. */
  record(result: CheckResult): void {
    this.results.set(result.id, result);
    if (this.#firstFailure?.check === result.id)
      this.#firstFailure = { ...this.#firstFailure, reportedMs: this.#elapsedMs() };
    if (result.failure !== null) this.broken.add(result.failure.rule);
    this.options.onResult?.(result);
  }

  /** What a run means: the verdict on its trace, or how it failed to give one. */
  #played(program: Program, run: RunResult): Played {
    if (run.kind === 'died') return { kind: 'died', why: run.why, detail: run.detail };
    const { trace } = run;
    if (trace.loadError !== null) return { kind: 'unloadable', panic: trace.loadError };
    return { kind: 'judged', trace, verdict: settled(judge(program, trace), this.broken) };
  }
}
