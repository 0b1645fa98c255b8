/**
 * Failures on purpose, counted within one operation: "frame allocation 3 of this operation".
 */

/** Where a failure can be injected. */
export type InjectionPoint = 'frame' | 'file';

/** One failure to inject into an operation. */
export interface Injection {
  readonly point: InjectionPoint;
  /** Fails the nth call, counted from 1 within the operation. */
  readonly nth: number;
  /** `once`: only that call. `on`: that one and all later ones of the operation. */
  readonly mode: 'once' | 'on';
}

export class FaultInjector {
  #armed: Injection | null = null;
  #fired = false;
  readonly #calls: Record<InjectionPoint, number> = { frame: 0, file: 0 };

  /** Starts the count of a new operation, with a failure to inject or none. */
  arm(injection: Injection | null): void {
    this.#armed = injection;
    this.#fired = false;
    this.#calls.frame = 0;
    this.#calls.file = 0;
  }

  /** True if this call must fail. */
  strikes(point: InjectionPoint): boolean {
    const call = ++this.#calls[point];
    const armed = this.#armed;
    if (armed?.point !== point) return false;
    const hit = armed.mode === 'once' ? call === armed.nth : call >= armed.nth;
    this.#fired ||= hit;
    return hit;
  }

  /** Whether the armed failure happened in the current operation. */
  get fired(): boolean {
    return this.#fired;
  }

  /** Calls at each point in the current operation, injected ones included. */
  get calls(): Readonly<Record<InjectionPoint, number>> {
    return { ...this.#calls };
  }
}
