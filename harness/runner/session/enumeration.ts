/** The kind of check that makes every call fail that can: each frame allocation and each read of a file, once and from then on. */
import fc from 'fast-check';
import {
  type Divergence,
  divergenceFrom,
  divergences,
  type Verdict,
} from '../../oracle/verdict.ts';
import type { Program } from '../../protocol/program.ts';
import type { Injections } from '../../scoring/grade.ts';
import type { CheckInfo } from './check-info.ts';
import { DEADLY, declare, findingOf, LEAST_JUDGED, seedOf, seenAgainFrom } from './checks.ts';
import { type CheckDeclaration, declaredPrograms } from './current-session.ts';
import { explainDivergence } from './failing-program.ts';
import { FailurePlan } from './failure-plan.ts';
import { failed, type Finding, PASSED, skipped } from './finding.ts';
import { isInjected } from './injected.ts';
import type { Played } from './played.ts';
import type { Session } from './session.ts';

/** Programs in which more calls can fail are left out: they are about size, and what they map page by page is like that of others. */
const MOST_CALLS = 100;

/**
 * Plays the programs of the assignment's scenarios and generated ones, and in each of their operations lets every call fail that can. A failure may be
 * answered by a refusal; then everything must be as it was, and the same operation must work when it is repeated. Nothing is injected into what
 * cannot report a failure: constructors, drop, clear, munmap.
 *
 * @param programs short ones, in which nothing is made to fail
 */
export function enumeration(info: CheckInfo, programs: fc.Arbitrary<Program>): void {
  const written = declaredPrograms();
  const check: CheckDeclaration = { ...info, kind: 'enumeration' };
  declare(check, async (running) => {
    const { seed, runs, seeds = 1 } = running.options;
    const faultless = written.filter(
      ({ ops, world }) => !ops.some(isInjected) && world.frames === undefined,
    );
    let finding: Finding = PASSED;
    let injections: Injections | null = null;
    for (let from = seed; from < seed + seeds && isClean(finding); from++) {
      const generated = fc.sample(programs, { seed: seedOf(from, info.id), numRuns: runs });
      const all = from === seed ? [...faultless, ...generated] : generated;
      const found = await new Enumeration(running, check).run(all);
      injections = sum([injections, found.injections ?? null]);
      finding = seenAgainFrom(from, found, running, info.id);
    }
    return { ...finding, injections };
  });
}

function isClean({ status, failure }: Finding): boolean {
  return status === 'passed' && failure === null;
}

function sum(all: readonly (Injections | null)[]): Injections | null {
  const some = all.filter((each) => each !== null);
  if (some.length === 0) return null;
  return some.reduce((a, b) => ({ failed: a.failed + b.failed, calls: a.calls + b.calls }), {
    failed: 0,
    calls: 0,
  });
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
  readonly #plans: FailurePlan[] = [];
  #culprit: Culprit | null = null;
  /** Of the programs in which something fails. */
  #suspect: Suspect | null = null;
  /** Of the programs in which nothing fails. */
  #bystander: Suspect | null = null;
  /** Rules that those break. */
  readonly #known = new Set<string>();

  constructor(running: Session, check: CheckDeclaration) {
    this.#running = running;
    this.#check = check;
  }

  async run(programs: readonly Program[]): Promise<Finding> {
    if (!(await this.#playWithout(programs))) {
      return skipped('most programs were cut short by rules that are already reported as broken');
    }
    while (this.#culprit === null && (await this.#playRound()));
    return { ...(await this.#finding()), injections: sum(this.#plans) };
  }

  /** Plays the programs as they are, but for those that a scenario has played. False if too little of them went well to go on. */
  async #playWithout(programs: readonly Program[]): Promise<boolean> {
    const plays = await this.#plays(programs);
    let planned = 0;
    let judged = 0;
    for (const [program, played] of plays) {
      planned += program.ops.length;
      if (!this.#isJudged(program, played)) continue;
      const { verdict, trace } = played;
      this.#bystander ??= this.#suspectIn(program, verdict);
      for (const { rule } of divergences(verdict)) this.#known.add(rule);
      const until = verdict.broken?.step ?? program.ops.length;
      judged += until;
      const plan = new FailurePlan({ ...program, ops: program.ops.slice(0, until) }, trace);
      if (plan.calls <= MOST_CALLS) this.#plans.push(plan);
    }
    return this.#culprit !== null || judged >= planned * LEAST_JUDGED;
  }

  async #plays(programs: readonly Program[]): Promise<ReadonlyMap<Program, Played>> {
    const plays = new Map<Program, Played>();
    const others: Program[] = [];
    for (const program of programs) {
      const played = this.#running.remembered(program);
      // What killed the process in its scenario is reported there.
      if (played?.kind === 'judged') plays.set(program, played);
      else if (played === undefined) others.push(program);
    }
    await this.#running.playAll(others, (program, played) => {
      plays.set(program, played);
      return played.kind === 'judged';
    });
    return plays;
  }

  /** Plays the next program of every plan that has one. False if there was none. */
  async #playRound(): Promise<boolean> {
    const planOf = new Map<Program, FailurePlan>();
    for (const plan of this.#plans) {
      const program = plan.next();
      if (program !== null) planOf.set(program, plan);
    }
    await this.#running.playAll([...planOf.keys()], (program, played) => {
      if (!this.#isJudged(program, played)) return false;
      this.#suspect ??= this.#suspectIn(program, played.verdict);
      planOf.get(program)?.learn(played.trace, played.verdict.broken?.step ?? Infinity);
      return true;
    });
    return planOf.size > 0;
  }

  /** False if the program settles what the check comes to. */
  #isJudged(program: Program, played: Played): played is Extract<Played, { kind: 'judged' }> {
    if (played.kind === 'judged' && divergenceFrom(played.verdict, this.#check.rule) === null)
      return true;
    this.#culprit ??= { program, played };
    return false;
  }

  #suspectIn(program: Program, verdict: Verdict): Suspect | null {
    const { broken, ruleHints } = this.#running;
    const found = divergences(verdict).find(
      ({ rule }) => ruleHints.has(rule) && !broken.has(rule) && !this.#known.has(rule),
    );
    return found === undefined ? null : { program, found };
  }

  async #finding(): Promise<Finding> {
    const culprit = this.#culprit;
    if (culprit?.played.kind === 'died' && this.#running.deaths > 0) return skipped(DEADLY);
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
