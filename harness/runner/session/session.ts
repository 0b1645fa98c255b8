/**
 * One assignment of one submission being graded: plays programs on the student's code, judges them, and remembers what is known so far.
 */
import type { InjectionPoint } from '../../../reference/contract/injection.ts';
import type { Op, Program } from '../../protocol/program.ts';
import { judge } from '../../oracle/judge.ts';
import { settled } from '../../oracle/verdict.ts';
import type { RunResult } from '../../sandbox/child-process.ts';
import type { Death } from '../../sandbox/confined-process.ts';
import type { CheckResult, FirstFailure } from '../../scoring/grade.ts';
import { sumPoints } from '../../scoring/points.ts';
import type { AssignmentInfo, CheckDeclaration, CheckInfo, RunSize } from './check-info.ts';
import { JudgedShare } from './judged-share.ts';
import type { ModelRuns } from './model-runs.ts';
import { PlayAhead, type PlayOptions } from './play-ahead.ts';
import { injectedPoints } from './injected.ts';
import { Pace } from './pace.ts';
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

export interface SessionOptions extends RunSize {
  /** Checks to run (by id or rule), or `null` for all. Prerequisites are then not asked for. */
  readonly only: ((check: { readonly id: string; readonly rule: string }) => boolean) | null;
  /** Command that shows a check again, with another seed than that of the session if one is given. */
  readonly replayCommand: (checkId: string, seed?: number) => string;
  /** Of the submission. Default: none. */
  readonly timeLimit?: TimeLimit;
  /** Told of each result as soon as it is known. */
  readonly onResult?: (result: CheckResult) => void;
}

/** The first failure of a session, which does not know what it belongs to. */
type SessionFailure = Omit<FirstFailure, 'assignment' | 'pageTable'>;

export class Session {
  readonly subject: Subject;
  /** The model, which must agree before anybody loses a point. */
  readonly model: ModelRuns;
  readonly options: SessionOptions;
  readonly results = new Map<string, CheckResult>();
  /** Rules that some program has broken, and those of other assignments that need not be looked into again. */
  readonly broken = new Set<string>();
  /** Rules in whose own scenarios something was wrong that another broken rule explains. */
  readonly #excused = new Set<string>();
  /** By a broken rule: those that count as held though something was wrong, because it may be the reason. */
  readonly #excusedBy = new Map<string, ReadonlySet<string>>();
  /** Checks that were not judged, and in which nothing was wrong. */
  readonly #passable = new Set<string>();
  /** Programs played, for the diagnostics. */
  programs = 0;
  /** What programs that killed the process used, for the diagnostics: it differs between two runs. */
  readonly notes: string[] = [];
  /** Rules without which nothing else can be judged. */
  readonly fundamental = new Set<string>();
  #together: string | null = null;
  /** Rules of the assignment, if its programs meet those of others. */
  readonly #own = new Set<string>();
  /** Rules of other assignments for which {@link together} was charged. */
  readonly #chargedTogether = new Set<string>();
  /** By the id of a rule: what to look at when it is broken, whatever check shows it. */
  readonly ruleHints = new Map<string, string>();
  /** The rules about answers to failures injected at each point: those of the enumeration of failures, if the assignment has one. */
  failureRules: Readonly<Record<InjectionPoint, string>> | null = null;
  readonly #remembered = new WeakMap<Program, Played>();
  /** Some of the programs played, to be played once more when all is done. */
  readonly sample: Sample<SampledRun>;
  readonly #pace: Pace;
  #check = '';
  readonly #ahead: PlayAhead;
  #checks: readonly CheckDeclaration[] = [];
  /** Points of each rule, by id. */
  readonly #worth = new Map<string, number>();
  /** Of the programs of all properties that guard a rule, by its id. */
  readonly #shares = new Map<string, JudgedShare>();
  /** By the id of a check. */
  readonly #programs = new Map<string, readonly Program[]>();
  #deaths = 0;
  /** When the first program was sent. */
  #began: number | null = null;
  #firstFailure: SessionFailure | null = null;

  constructor(subject: Subject, model: ModelRuns, options: SessionOptions) {
    this.subject = subject;
    this.model = model;
    this.options = options;
    this.sample = new Sample(options.seed);
    this.#pace = new Pace(options.seed);
    this.#ahead = new PlayAhead(
      subject.sandbox,
      () => ({ recordSites: false, wallMs: this.wallMs }),
      (program, ms, run) => {
        this.#pace.note(program, ms, run.kind === 'died' && run.why === 'timeout');
      },
    );
  }

  /** These checks are about to run, in this order: their programs are begun ahead, until something is found. */
  expectChecks(checks: readonly CheckDeclaration[]): void {
    for (const { kind, rule, readRule = rule, points } of checks) {
      this.#worth.set(rule, (this.#worth.get(rule) ?? 0) + points);
      if (kind === 'enumeration')
        this.failureRules = { frame: rule, read: readRule, mmap: readRule };
    }
    this.#checks = checks.filter((check) => this.options.only?.(check) ?? true);
    this.#ahead.plan(
      this.#checks.map((check) => () => (this.lacks(check) ? null : this.programsOf(check))),
    );
  }

  /** The check that `check` builds on and that has not passed, if there is one and that matters. */
  lacks({ requires = [] }: CheckInfo): string | undefined {
    if (this.options.only !== null) return undefined;
    return requires.find(
      (id) => this.results.get(id)?.status !== 'passed' && !this.#passable.has(id),
    );
  }

  /** A check begins. */
  reach(check: string): void {
    this.#check = check;
    const position = this.#checks.findIndex(({ id }) => id === check);
    if (position >= 0) this.#ahead.reach(position);
  }

  /** The programs of a check: the same ones whenever they are asked for. */
  programsOf({ id, programs }: CheckDeclaration): readonly Program[] {
    const known = this.#programs.get(id) ?? programs(this.options);
    this.#programs.set(id, known);
    return known;
  }

  /** How much of the programs of the properties that guard `rule` could be judged so far. */
  shareOf(rule: string): JudgedShare {
    const share = this.#shares.get(rule) ?? new JudgedShare();
    this.#shares.set(rule, share);
    return share;
  }

  /** Whether no property that is still to come guards points of the same rule. */
  isLastProperty({ id, rule }: CheckInfo): boolean {
    const last = this.#checks.findLast(
      (check) => check.kind === 'property' && check.rule === rule && check.points > 0,
    );
    return last === undefined || last.id === id;
  }

  /** Waits until nothing is played any more. */
  finish(): Promise<void> {
    return this.#ahead.finish();
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
    const { timeLimit } = this.options;
    if (timeLimit === undefined) return false;
    return timeLimit.isUp(() =>
      this.#pace.isSlow(MODEL_TIMES, {
        modelMs: (program) => this.model.timeOf(program),
        takesLonger: async (program, ms) => {
          const start = performance.now();
          await this.#ahead.runAlone(program, { recordSites: false, wallMs: Math.ceil(ms) });
          return performance.now() - start >= ms;
        },
      }),
    );
  }

  /** Checks whose program killed the process so far. */
  get deaths(): number {
    return this.#deaths;
  }

  /** The first check that failed, if any has: for the diagnostics. */
  get firstFailure(): SessionFailure | null {
    return this.#firstFailure;
  }

  /** Plays a program on the student's code and judges it. That it kills the process is believed only when it does so again, alone. */
  async play(program: Program): Promise<Played> {
    const result = await this.#judged(program);
    this.#remembered.set(program, result);
    return result;
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

  /** What {@link play} came to for this very program, if it was played before. */
  remembered(program: Program): Played | undefined {
    const result = this.#remembered.get(program);
    if (result?.kind !== 'judged') return result;
    return { ...result, verdict: settled(result.verdict, this.broken) };
  }

  async #run(program: Program): Promise<RunResult> {
    this.programs++;
    this.#began ??= performance.now();
    const run = await this.#ahead.play(program);
    if (run.kind === 'died') {
      this.#ahead.stop();
      return this.isTiredOfDeaths ? run : this.#confirmed(program, run);
    }
    this.sample.offer({ program, trace: run.trace, check: this.#check });
    return run;
  }

  /** What becomes of a program that killed the process when it is played once more, alone, and with time enough on a machine as slow as this one. */
  async #confirmed(program: Program, { why, detail }: Death): Promise<RunResult> {
    const modelMs = await this.model.timeOf(program);
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

  /** Plays a program in some other way than {@link play}, as soon as a process is free. */
  run(program: Program, options: PlayOptions): Promise<RunResult> {
    return this.#ahead.run(program, options);
  }

  /** The rules about the failures that are injected into `ops`. */
  failureRulesOf(ops: readonly Op[]): readonly string[] {
    const rules = this.failureRules;
    return rules === null ? [] : [...new Set(injectedPoints(ops).map((point) => rules[point]))];
  }

  /** The rule to report if `rule` is broken by `ops`, and would not be without the failures injected into them. Rules of other assignments stay what they are. */
  blamed(rule: string, ops: readonly Op[]): string {
    const rules = this.failureRulesOf(ops);
    return rules.includes(rule) || !this.ruleHints.has(rule) ? rule : (rules[0] ?? rule);
  }

  /**
   * Whether `rule` may count as held though something was wrong, because the broken rule `cause` may be the reason. Not if who breaks it on purpose might gain
   * points by that: if all that it was the reason of so far is worth more, or more is built on it. Rules of other assignments cost nothing here.
   */
  mayExcuse(cause: string, rule: string): boolean {
    if (this.fundamental.has(rule) && !this.fundamental.has(cause)) return false;
    const rules = new Set(this.#excusedBy.get(cause)).add(rule);
    const worth = sumPoints([...rules].map((each) => this.#worth.get(each) ?? 0));
    if (worth > (this.#worth.get(cause) ?? 0)) return false;
    this.#excusedBy.set(cause, rules);
    return true;
  }

  /** A scenario of the rule shows something wrong, and another rule that is broken may be the cause. */
  excuse(rule: string): void {
    this.#excused.add(rule);
  }

  /** The check is not judged, and those that build on it are. */
  letBuildOn(check: string): void {
    this.#passable.add(check);
  }

  /** Whether a rule that everything builds on does not hold: it is broken, or what breaks another one breaks it, too. */
  get isGroundless(): boolean {
    return [...this.fundamental].some((rule) => this.broken.has(rule) || this.#excused.has(rule));
  }

  /** A dead process is what a check came to. */
  countDeath(): void {
    this.#deaths++;
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

  /** Plays a program that kills its process once more, and says where the code was seen last: a raw stack, or the empty string. */
  async lastSeen(program: Program, wallMs: number): Promise<string> {
    const options = { recordSites: false, trail: 'last', wallMs } as const;
    const run = await this.run(program, options);
    return run.kind === 'died' ? (run.lastSeen ?? '') : '';
  }

  /** A program has just shown that `check` fails. */
  noticeFailure(check: string): void {
    this.#ahead.stop();
    const noticedMs = this.#elapsedMs();
    this.#firstFailure ??= { check, programs: this.programs, noticedMs, reportedMs: noticedMs };
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - (this.#began ?? performance.now()));
  }

  /** Keeps a result and tells whoever listens. */
  record(result: CheckResult): void {
    this.results.set(result.id, result);
    // What comes next is not certain any more.
    if (result.status !== 'passed' || result.failure !== null) this.#ahead.stop();
    if (this.#firstFailure?.check === result.id)
      this.#firstFailure = { ...this.#firstFailure, reportedMs: this.#elapsedMs() };
    if (result.failure !== null) this.broken.add(result.failure.rule);
    this.options.onResult?.(result);
  }

  /** What a run means: the verdict on its trace, or how it failed to give one. */
  #played(program: Program, run: RunResult): Played {
    if (run.kind === 'died') {
      const { kind, why, detail, lastOp } = run;
      return { kind, why, detail, ...(lastOp === undefined ? {} : { lastOp }) };
    }
    const { trace } = run;
    if (trace.loadError !== null) return { kind: 'unloadable', panic: trace.loadError };
    return { kind: 'judged', trace, verdict: settled(judge(program, trace), this.broken) };
  }
}

/** The first line of what the engine says, which may be pages. */
function inBrief(detail: string): string {
  return (detail.split('\n')[0] ?? '').slice(0, 120);
}
