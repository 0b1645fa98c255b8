/** What a session knows of rules: whose they are, what stands on them, and which are broken. */
import type { InjectionPoint } from '../../../reference/contract/injection.ts';
import type { Op } from '../../protocol/program.ts';
import type { AssignmentInfo } from './check-info.ts';
import { injectedPoints } from './injected.ts';

/** What the assignments that were graded before have come to. */
export interface RulesBefore {
  readonly held: ReadonlySet<string>;
  readonly broken: ReadonlySet<string>;
}

const NOTHING_BEFORE: RulesBefore = { held: new Set(), broken: new Set() };

export class SessionRules {
  /** Rules that some program has broken, and those of other assignments that need not be looked into again. */
  readonly broken = new Set<string>();
  /** Rules without which nothing else can be judged. */
  readonly fundamental = new Set<string>();
  /** By the id of a rule: what to look at when it is broken, whatever check shows it. */
  readonly hints = new Map<string, string>();
  /** The rules about answers to failures injected at each point: those of the enumeration of failures, if the assignment has one. */
  ofFailures: Readonly<Record<InjectionPoint, string>> | null = null;
  #together: string | null = null;
  /** Rules of the assignment, if its programs meet those of others. */
  readonly #own = new Set<string>();
  /** Rules of earlier assignments that were found to hold. */
  readonly #held = new Set<string>();
  /** Rules of other assignments for which {@link together} was charged. */
  readonly #chargedTogether = new Set<string>();
  readonly #spared = new Set<string>();

  /**
   * Makes `info` the assignment whose rules are judged.
   *
   * @param before rules that earlier assignments have found to hold, and those that they saw broken: where programs meet these, they need not be looked into again
   */
  areOf(
    { rules, together }: Pick<AssignmentInfo, 'rules' | 'together'>,
    before: RulesBefore = NOTHING_BEFORE,
  ): void {
    for (const { id, fundamental } of rules) {
      this.#own.add(id);
      if (fundamental === true) this.fundamental.add(id);
    }
    this.#together = together ?? null;
    if (together === undefined) return;
    for (const rule of before.broken) this.broken.add(rule);
    for (const rule of before.held) if (!this.broken.has(rule)) this.#held.add(rule);
  }

  /** Whether an earlier assignment has found the rule to hold. */
  hasHeldBefore(rule: string): boolean {
    return this.#held.has(rule);
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

  /** Notes that the rule of another assignment is broken, for which nothing is charged here. */
  spare(rule: string): void {
    if (!this.broken.has(rule)) this.#spared.add(rule);
    this.broken.add(rule);
  }

  /** Rules of other assignments for which nothing was charged, here or before. */
  get spared(): readonly string[] {
    return [...this.#spared];
  }

  /** Whether {@link together} was charged for the rule of another assignment. */
  isCharged(rule: string): boolean {
    return this.#chargedTogether.has(rule);
  }

  /** The rules about the failures that are injected into `ops`. */
  aboutFailuresIn(ops: readonly Op[]): readonly string[] {
    const rules = this.ofFailures;
    return rules === null ? [] : [...new Set(injectedPoints(ops).map((point) => rules[point]))];
  }

  /** The rule to report if `rule` is broken by `ops`, and would not be without the failures injected into them. Rules of other assignments stay what they are. */
  blamed(rule: string, ops: readonly Op[]): string {
    const rules = this.aboutFailuresIn(ops);
    return rules.includes(rule) || !this.hints.has(rule) ? rule : (rules[0] ?? rule);
  }
}
