/** What counts as held though something was wrong, because a broken rule may be the reason: and where that ends. */
import { sumPoints } from '../../scoring/points.ts';
import type { SessionRules } from './session-rules.ts';

export class Excuses {
  readonly #rules: Pick<SessionRules, 'fundamental' | 'broken'>;
  /** Points of each rule, by id. */
  readonly #worth = new Map<string, number>();
  /** By a broken rule: those that it has excused. */
  readonly #given = new Map<string, ReadonlySet<string>>();
  /** Rules in whose own scenarios something was wrong that another broken rule explains. */
  readonly #refused = new Set<string>();

  constructor(rules: Pick<SessionRules, 'fundamental' | 'broken'>) {
    this.#rules = rules;
  }

  /** A check holds so many points of `rule`. */
  addWorth(rule: string, points: number): void {
    this.#worth.set(rule, (this.#worth.get(rule) ?? 0) + points);
  }

  /** The points of `rule` that checks hold. */
  worthOf(rule: string): number {
    return this.#worth.get(rule) ?? 0;
  }

  /**
   * Whether `rule` may count as held though something was wrong, because the broken rule `cause` may be the reason. Not if who breaks it on purpose might gain
   * points by that: if all that it was the reason of so far is worth more, or more is built on it. Rules of other assignments cost nothing here.
   */
  mayExcuse(cause: string, rule: string): boolean {
    const { fundamental } = this.#rules;
    if (fundamental.has(rule) && !fundamental.has(cause)) return false;
    const rules = new Set(this.#given.get(cause)).add(rule);
    const worth = sumPoints([...rules].map((each) => this.worthOf(each)));
    if (worth > this.worthOf(cause)) return false;
    this.#given.set(cause, rules);
    return true;
  }

  /** A scenario of the rule shows something wrong, another rule that is broken may be the cause, and it does not count as held. */
  refuse(rule: string): void {
    this.#refused.add(rule);
  }

  /** Whether a rule that everything builds on does not hold: it is broken, or what breaks another one breaks it, too. */
  get isGroundless(): boolean {
    const { fundamental, broken } = this.#rules;
    return [...fundamental].some((rule) => broken.has(rule) || this.#refused.has(rule));
  }
}
