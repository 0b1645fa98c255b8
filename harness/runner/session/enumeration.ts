/** The kind of check that makes every call fail that can: each frame allocation and each read of a file, once and from then on. */
import fc from 'fast-check';
import {
  type Divergence,
  divergenceFrom,
  divergences,
  type Verdict,
} from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { Trace } from '../../protocol/trace.ts';
import type { Injections } from '../../scoring/grade.ts';
import type { CheckDeclaration, CheckInfo } from './check-info.ts';
import { DEADLY, declare, findingOf, seedOf, seenAgainFrom } from './checks.ts';
import { declaredPrograms } from './current-session.ts';
import { explainDivergence } from './failing-program.ts';
import { type FailableOperation, failableOperations } from './failable-operations.ts';
import { FailurePlan } from './failure-plan.ts';
import { failed, type Finding, isClean, PASSED, skipped } from './finding.ts';
import { JudgedShare } from './judged-share.ts';
import { isWasteful, LoneFailures } from './lone-failures.ts';
import type { Played } from './played.ts';
import { OutOfTime } from './program-player.ts';
import type { Session } from './session.ts';

/** Programs in which more calls that are needed can fail are left out: they are about size, and what they map page by page is like that of others. */
const MOST_CALLS = 100;
/** Generated programs are played until they have this many calls that can fail, for each program that a property plays. */
const CALLS_PER_RUN = 10;

export interface EnumerationOptions {
  /** Leave out programs in which something is wrong without any failure: where the oracle does not tell what follows from what. Default: false. */
  readonly soundOnly?: boolean;
  /** The rule about reads of files that fail. Default: that of the check, which is about allocations, too. */
  readonly readRule?: string;
}

/**
 * Plays the programs of the assignment's scenarios and generated ones, and in each of their operations lets every call fail that can. A failure may be
 * answered by a refusal; then everything must be as it was, and the same operation must work when it is repeated. Most fail one after the other in one program;
 * some, drawn by the seed, once more in a program of their own. Nothing is injected into what
 * cannot report a failure: constructors, drop, clear, munmap.
 *
 * @param programs short ones, in which nothing is made to fail
 */
export function enumeration(
  info: CheckInfo,
  programs: fc.Arbitrary<Program>,
  options: EnumerationOptions = {},
): void {
  const written = declaredPrograms();
  const generate = (seed: number, runs: number): readonly Program[] =>
    fc.sample(programs, { seed: seedOf(seed, info.id), numRuns: runs });
  const { readRule } = options;
  const check: CheckDeclaration = {
    ...info,
    kind: 'enumeration',
    ...(readRule === undefined ? {} : { readRule }),
    programs: ({ seed, runs }) => generate(seed, runs),
  };
  declare(check, async (running) => {
    const { seed, runs, seeds = 1 } = running.options;
    const faultless = written.filter(
      ({ ops, world: { frames, firstFrame } }) =>
        !ops.some((op) => 'fault' in op) && frames === undefined && firstFrame === undefined,
    );
    let finding: Finding = PASSED;
    let injections: Injections | null = null;
    for (let from = seed; from < seed + seeds && isClean(finding); from++) {
      const isFirst = from === seed;
      const found = await new Enumeration(running, check, from, options).run(
        isFirst ? faultless : [],
        isFirst ? running.programsOf(check) : generate(from, runs),
      );
      injections = sum([injections, found.injections ?? null]);
      finding = seenAgainFrom(from, found, running, info.id);
    }
    return { ...finding, injections };
  });
}

function sum(all: readonly (Injections | null)[]): Injections | null {
  const some = all.filter((each) => each !== null);
  if (some.length === 0) return null;
  return some.reduce((a, b) => ({ failed: a.failed + b.failed, calls: a.calls + b.calls }), {
    failed: 0,
    calls: 0,
  });
}

/** A program that went well, and its operations in which calls can be made to fail. */
interface Sound {
  readonly program: Program;
  readonly operations: readonly FailableOperation[];
}

/** A program that settles what the check comes to: it breaks the check's own rule, or kills the process. */
interface Culprit {
  readonly program: Program;
  readonly played: Played;
}

/** A program that breaks another rule of the assignment, which nobody has seen broken yet. */
interface Suspect {
  readonly program: Program;
  readonly found: Divergence;
}

class Enumeration {
  readonly #running: Session;
  readonly #check: CheckDeclaration;
  readonly #seed: number;
  readonly #isSoundOnly: boolean;
  readonly #plans: FailurePlan[] = [];
  /** What the plans are for. */
  readonly #sound: Sound[] = [];
  readonly #alone: LoneFailures[] = [];
  #culprit: Culprit | null = null;
  /** Of the programs in which something fails. */
  #suspect: Suspect | null = null;
  /** Of the programs in which nothing fails. */
  #bystander: Suspect | null = null;
  /** Of the programs played as they are. */
  readonly #share = new JudgedShare();
  /** Rules that those break. */
  readonly #known = new Set<string>();

  constructor(
    running: Session,
    check: CheckDeclaration,
    seed: number,
    { soundOnly = false }: EnumerationOptions,
  ) {
    this.#running = running;
    this.#check = check;
    this.#seed = seed;
    this.#isSoundOnly = soundOnly;
  }

  async run(written: readonly Program[], generated: readonly Program[]): Promise<Finding> {
    await this.#playWithout(written, generated);
    if (this.#culprit === null && !this.#share.isEnough) {
      return skipped('most programs were cut short by rules that are already reported as broken');
    }
    if (this.#culprit === null) await this.#drawAlone();
    while (this.#culprit === null && (await this.#playRound()));
    return { ...(await this.#finding()), injections: sum(this.#plans) };
  }

  /** Plays the programs as they are, but for those that a scenario has played. */
  async #playWithout(written: readonly Program[], generated: readonly Program[]): Promise<void> {
    const others = written.filter((program) => {
      const played = this.#running.player.remembered(program);
      if (played !== undefined) this.#plan(program, played);
      return played === undefined;
    });
    await this.#running.player.playAll(others, (program, played) => this.#plan(program, played));
    const most = CALLS_PER_RUN * this.#running.options.runs;
    let calls = 0;
    await this.#running.player.playAll(generated, (program, played) => {
      const before = this.#plans.length;
      const goesOn = this.#plan(program, played);
      for (const plan of this.#plans.slice(before)) calls += plan.needed;
      return goesOn && calls < most;
    });
  }

  /** Plans what to let fail in a program that was played as it is. False if it killed the process: then the next one may, too. */
  #plan(program: Program, played: Played): boolean {
    const before = this.#share.planned;
    // What kills the process although nothing fails is no matter of failures: other checks report it.
    if (played.kind === 'died' || !this.#isJudged(program, played)) {
      this.#share.add(program.ops.length, 0);
      return played.kind !== 'died';
    }
    const { verdict, trace } = played;
    const until = verdict.broken?.step ?? program.ops.length;
    this.#share.add(program.ops.length, until);
    if (this.#isSoundOnly && divergences(verdict).length > 0) return true;
    this.#bystander ??= this.#suspectIn(program, verdict);
    for (const { rule } of divergences(verdict)) this.#known.add(rule);
    const sound = { ...program, ops: program.ops.slice(0, until) };
    const operations = failableOperations(sound, trace);
    const plan = new FailurePlan(sound, operations, before);
    if (plan.needed > MOST_CALLS) return true;
    this.#plans.push(plan);
    this.#sound.push({ program: sound, operations });
    return true;
  }

  /** Draws what fails alone. Where frames are wasted it is looked up first which of them are used. */
  async #drawAlone(): Promise<void> {
    for (const [nth, sound] of this.#sound.entries()) {
      const seed = seedOf(this.#seed, `${this.#check.id} ${String(nth)}`);
      this.#alone.push(new LoneFailures(sound.program, await this.#withUses(sound), seed));
    }
  }

  /** The operations of a program; those of one that wastes frames with what the frames are used for. */
  async #withUses({ program, operations }: Sound): Promise<readonly FailableOperation[]> {
    if (!operations.some(isWasteful)) return operations;
    const { player } = this.#running;
    if (await player.isOutOfTime()) throw new OutOfTime();
    const { wallMs } = player;
    const told = await player.run(program, { recordSites: false, recordUses: true, wallMs });
    return told.kind === 'trace' ? failableOperations(program, told.trace) : operations;
  }

  /** Plays the next programs of everything planned. False if there were none. */
  async #playRound(): Promise<boolean> {
    const learns = new Map<Program, (trace: Trace, until: number) => void>();
    for (const plan of this.#plans) {
      const program = plan.next();
      if (program !== null) learns.set(program, (trace, until) => plan.learn(trace, until));
    }
    for (const lone of this.#alone)
      for (const program of lone.next()) learns.set(program, (trace) => lone.learn(program, trace));
    await this.#running.player.playAll([...learns.keys()], (program, played) => {
      if (!this.#isJudged(program, played)) return false;
      this.#suspect ??= this.#suspectIn(program, played.verdict);
      learns.get(program)?.(played.trace, played.verdict.broken?.step ?? Infinity);
      return true;
    });
    return learns.size > 0;
  }

  /** False if the program settles what the check comes to. */
  #isJudged(program: Program, played: Played): played is Extract<Played, { kind: 'judged' }> {
    if (played.kind === 'judged' && divergenceFrom(played.verdict, this.#check.rule) === null)
      return true;
    this.#culprit ??= { program, played };
    return false;
  }

  #suspectIn(program: Program, verdict: Verdict): Suspect | null {
    const { broken, hints } = this.#running.rules;
    const found = divergences(verdict).find(
      ({ rule }) => hints.has(rule) && !broken.has(rule) && !this.#known.has(rule),
    );
    return found === undefined ? null : { program, found };
  }

  async #finding(): Promise<Finding> {
    const culprit = this.#culprit;
    if (culprit?.played.kind === 'died' && this.#running.player.deaths > 0) return skipped(DEADLY);
    if (culprit !== null)
      return findingOf(this.#running, this.#check, culprit.program, culprit.played);
    const suspect = this.#suspect ?? this.#bystander;
    if (suspect === null) return PASSED;
    const { program, found } = suspect;
    const failure = await explainDivergence(this.#running, this.#check, program, found);
    if (failure?.rule !== this.#check.rule) return { ...PASSED, failure };
    this.#running.noticeFailure(this.#check.id);
    return failed(failure);
  }
}
