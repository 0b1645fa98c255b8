/** The kind of check that makes every call fail that can: each frame allocation and each read of a file, once and from then on. */
import fc from 'fast-check';
import { divergenceFrom, divergences } from '../../oracle/verdict.ts';
import type { Op, Program } from '../../protocol/program.ts';
import type { CheckInfo } from './check-info.ts';
import {
  DEADLY,
  declare,
  failed,
  type Finding,
  findingOf,
  LEAST_JUDGED,
  PASSED,
  seedOf,
  skipped,
} from './checks.ts';
import { type CheckDeclaration, declaredPrograms } from './current-session.ts';
import { explainDivergence } from './failing-program.ts';
import { FailurePlan } from './failure-plan.ts';
import type { Played } from './played.ts';
import type { Session } from './session.ts';

/** Generated programs, for each program that a property plays. */
const PROGRAMS_PER_RUN = 1;

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
  declare(check, (running) => {
    const { seed, runs } = running.options;
    const settings = { seed: seedOf(seed, info.id), numRuns: PROGRAMS_PER_RUN * runs };
    const faultless = written.filter(
      ({ ops, world }) => !ops.some(fails) && world.frames === undefined,
    );
    return new Enumeration(running, check).run([...faultless, ...fc.sample(programs, settings)]);
  });
}

interface Culprit {
  readonly program: Program;
  readonly played: Played;
}

class Enumeration {
  readonly #running: Session;
  readonly #check: CheckDeclaration;
  readonly #plans: FailurePlan[] = [];
  /** Breaks the check's own rule, or has killed the process. */
  #culprit: Culprit | null = null;
  /** Breaks another rule that nobody has seen broken yet. */
  #other: Culprit | null = null;

  constructor(running: Session, check: CheckDeclaration) {
    this.#running = running;
    this.#check = check;
  }

  async run(programs: readonly Program[]): Promise<Finding> {
    if (!(await this.#playWithout(programs))) {
      return skipped('most programs were cut short by rules that are already reported as broken');
    }
    while (this.#culprit === null && (await this.#playRound()));
    const sum = (of: 'calls' | 'failed'): number =>
      this.#plans.reduce((total, plan) => total + plan[of], 0);
    const injections = { failed: sum('failed'), calls: sum('calls') };
    return { ...(await this.#finding()), injections };
  }

  /** Plays the programs as they are. False if too little of them went well to go on. */
  async #playWithout(programs: readonly Program[]): Promise<boolean> {
    let planned = 0;
    let judged = 0;
    await this.#running.playAll(programs, (program, played) => {
      if (!this.#goesOn(program, played) || played.kind !== 'judged') return false;
      planned += program.ops.length;
      const until = played.verdict.broken?.step ?? program.ops.length;
      judged += until;
      const ops = program.ops.slice(0, until);
      this.#plans.push(new FailurePlan({ ...program, ops }, played.trace));
      return true;
    });
    return this.#culprit !== null || judged >= planned * LEAST_JUDGED;
  }

  /** Plays the next program of every plan that has one. False if there was none. */
  async #playRound(): Promise<boolean> {
    const planOf = new Map<Program, FailurePlan>();
    for (const plan of this.#plans) {
      const program = plan.next();
      if (program !== null) planOf.set(program, plan);
    }
    await this.#running.playAll([...planOf.keys()], (program, played) => {
      if (!this.#goesOn(program, played) || played.kind !== 'judged') return false;
      planOf.get(program)?.learn(played.trace, played.verdict.broken?.step ?? Infinity);
      return true;
    });
    return planOf.size > 0;
  }

  /** False if the program settles what the check comes to. */
  #goesOn(program: Program, played: Played): boolean {
    if (played.kind !== 'judged' || divergenceFrom(played.verdict, this.#check.rule) !== null) {
      this.#culprit = { program, played };
      return false;
    }
    if (divergences(played.verdict).some(({ rule }) => !this.#running.broken.has(rule)))
      this.#other ??= { program, played };
    return true;
  }

  async #finding(): Promise<Finding> {
    const culprit = this.#culprit;
    if (culprit?.played.kind === 'died' && this.#running.deaths > 0) return skipped(DEADLY);
    if (culprit !== null)
      return findingOf(this.#running, this.#check, culprit.program, culprit.played);
    return this.#other === null ? PASSED : this.#blame(this.#other);
  }

  /** A rule is broken that is not this check's. If it takes a failure to break it, the answer to the failure is what is wrong. */
  async #blame({ program, played }: Culprit): Promise<Finding> {
    if (played.kind !== 'judged') return PASSED;
    const { broken } = this.#running;
    const found = divergences(played.verdict).find(({ rule }) => !broken.has(rule));
    if (found === undefined) return PASSED;
    const { rule } = this.#check;
    const failure = await explainDivergence(
      this.#running,
      this.#check,
      program,
      found,
      (shortest) => (shortest.ops.some(fails) ? rule : found.rule),
    );
    return failure.rule === rule ? failed(failure) : { ...PASSED, failure };
  }
}

function fails(op: Op): boolean {
  return 'fault' in op;
}
