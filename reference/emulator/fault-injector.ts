/**
 * Failures on purpose, counted within one operation: "frame allocation 3 of operation 4".
 */
import type { Injection, InjectionCounts, InjectionPoint } from '../contract/injection.ts';
import { Random } from './random.ts';

/** Is told of a call that fails: its number at its point (from 1), and whether it was armed or fails always. */
export type OnInjected = (point: InjectionPoint, nth: number, armed: boolean) => void;

/** Calls that may fail in one operation: code that does not take no for an answer would go on for ever. */
const MOST_FAILURES = 10_000;
const ENDLESS = 'more than 10,000 calls have failed in one operation: is there an endless loop?';

/** Decides at each call that can be made to fail whether it does. */
export class FaultInjector {
  #armed: Injection | null = null;
  #fired = false;
  #random = new Random(1);
  readonly #calls: Record<InjectionPoint, number> = { frame: 0, read: 0, mmap: 0 };
  #failures = 0;
  readonly #onInjected: OnInjected | null;
  readonly #onEndless: (why: string) => void;

  /** `onInjected` is told of every failure, `onEndless` when there are too many in one operation. */
  constructor(
    onInjected: OnInjected | null = null,
    onEndless: (why: string) => void = () => undefined,
  ) {
    this.#onInjected = onInjected;
    this.#onEndless = onEndless;
  }

  /** Starts the count of a new operation, with a failure to inject or none. */
  arm(injection: Injection | null): void {
    this.#armed = injection;
    this.#fired = false;
    this.#failures = 0;
    // Small seeds are spread out first: neighbours would begin alike.
    if (injection?.mode === 'chance')
      this.#random = new Random(Math.imul(injection.seed, 0x9e37_79b9));
    this.#calls.frame = 0;
    this.#calls.read = 0;
    this.#calls.mmap = 0;
  }

  /** True if this call must fail. */
  strikes(point: InjectionPoint): boolean {
    const call = ++this.#calls[point];
    const armed = this.#armed;
    if (armed?.point !== point) return false;
    const hit = this.#hits(armed, call);
    if (hit) this.#fail(point, true);
    return hit;
  }

  /** Notes that the last call at `point` failed without being armed, as it always does: the read of a block that cannot be read. */
  failed(point: InjectionPoint): void {
    this.#fail(point, false);
  }

  #fail(point: InjectionPoint, armed: boolean): void {
    this.#fired = true;
    this.#onInjected?.(point, this.#calls[point], armed);
    if (++this.#failures > MOST_FAILURES) this.#onEndless(ENDLESS);
  }

  /** Whether a call failed on purpose in the current operation: as armed, or by {@link failed}. */
  get fired(): boolean {
    return this.#fired;
  }

  /** Calls at each point in the current operation, injected ones included. */
  get calls(): InjectionCounts {
    return { ...this.#calls };
  }

  #hits(armed: Injection, call: number): boolean {
    switch (armed.mode) {
      case 'once':
        return call === armed.nth;
      case 'on':
        return call >= armed.nth;
      case 'every':
        return call % armed.nth === 0;
      case 'chance':
        return this.#random.next() < armed.probability * 2 ** 32;
    }
  }
}
