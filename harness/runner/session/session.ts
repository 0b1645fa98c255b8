/**
 * One assignment of one submission being graded: which checks there are, what they came to, and what is known so far.
 */
import type { Program } from '../../protocol/program.ts';
import type { CheckResult, FirstFailure } from '../../scoring/grade.ts';
import type { CheckDeclaration, CheckInfo, RunSize } from './check-info.ts';
import { Excuses } from './excuses.ts';
import { JudgedShare } from './judged-share.ts';
import type { ModelRuns } from './model-runs.ts';
import { ProgramPlayer } from './program-player.ts';
import { SessionRules } from './session-rules.ts';
import type { Subject } from './subject.ts';
import type { TimeLimit } from './time-limit.ts';

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
  readonly rules = new SessionRules();
  readonly excuses = new Excuses(this.rules);
  readonly player: ProgramPlayer;
  /** Checks that were not judged, and in which nothing was wrong. */
  readonly #passable = new Set<string>();
  #checks: readonly CheckDeclaration[] = [];
  /** By the id of a check. */
  readonly #programs = new Map<string, readonly Program[]>();
  /** Of the programs of all properties that guard a rule, by its id. */
  readonly #shares = new Map<string, JudgedShare>();
  #firstFailure: SessionFailure | null = null;

  constructor(subject: Subject, model: ModelRuns, options: SessionOptions) {
    this.subject = subject;
    this.model = model;
    this.options = options;
    this.player = new ProgramPlayer(subject, model, options, this.rules.broken);
  }

  /** These checks are about to run, in this order: their programs are begun ahead, until something is found. */
  expectChecks(checks: readonly CheckDeclaration[]): void {
    for (const { kind, rule, readRule = rule, points } of checks) {
      this.excuses.addWorth(rule, points);
      if (kind === 'enumeration')
        this.rules.ofFailures = { frame: rule, read: readRule, mmap: readRule };
    }
    this.#checks = checks.filter((check) => this.options.only?.(check) ?? true);
    this.player.plan(
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

  /** The check is not judged, and those that build on it are. */
  letBuildOn(check: string): void {
    this.#passable.add(check);
  }

  /** A check begins. */
  reach(check: string): void {
    const position = this.#checks.findIndex(({ id }) => id === check);
    this.player.reach(check, position < 0 ? null : position);
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

  /** The first check that failed, if any has: for the diagnostics. */
  get firstFailure(): SessionFailure | null {
    return this.#firstFailure;
  }

  /** A program has just shown that `check` fails. */
  noticeFailure(check: string): void {
    const { programs, elapsedMs: noticedMs } = this.player;
    this.player.stopPlayingAhead();
    this.#firstFailure ??= { check, programs, noticedMs, reportedMs: noticedMs };
  }

  /** Keeps a result and tells whoever listens. */
  record(result: CheckResult): void {
    this.results.set(result.id, result);
    // What comes next is not certain any more.
    if (result.status !== 'passed' || result.failure !== null) this.player.stopPlayingAhead();
    if (this.#firstFailure?.check === result.id)
      this.#firstFailure = { ...this.#firstFailure, reportedMs: this.player.elapsedMs };
    if (result.failure !== null) this.rules.broken.add(result.failure.rule);
    this.options.onResult?.(result);
  }
}
