/** Failures on purpose: where they can happen, which calls fail, and what each is called. Plain data; it crosses a process boundary. */

/**
 * Where a failure can be injected: `frame`, taking a page frame (`Page.new`, or the frame of a file's page); `read`, `RegularFile.read`; `mmap`,
 * `RegularFile.mmap` before it takes a frame.
 */
export type InjectionPoint = 'frame' | 'read' | 'mmap';

/** Every point, in the order in which reports name them. */
export const INJECTION_POINTS: readonly InjectionPoint[] = ['frame', 'read', 'mmap'];

/** Which calls at a point fail, counted from 1 within one operation. */
type Schedule =
  | {
      /** `once`: only the nth call. `on`: that one and all later ones. `every`: calls n, 2n, 3n, … */
      readonly mode: 'once' | 'on' | 'every';
      /** 1 or more. */
      readonly nth: number;
    }
  | {
      /** Each call fails with this probability, chosen anew in each operation from the seed. */
      readonly mode: 'chance';
      /** 0 to 1. */
      readonly probability: number;
      /** Any whole number. */
      readonly seed: number;
    };

/** One failure to inject into an operation. */
export type Injection = { readonly point: InjectionPoint } & Schedule;

/** Calls made at each point. */
export type InjectionCounts = Readonly<Record<InjectionPoint, number>>;

/** What the calls at each point are called. */
const CALL: Readonly<Record<InjectionPoint, string>> = {
  frame: 'frame allocation',
  read: 'file read',
  mmap: 'file mmap',
};

/** The exact name of a call: `frame allocation 3 of operation 4`. `nth` and `operation` count from 1. */
export function callName(point: InjectionPoint, nth: number, operation: number): string {
  return `${CALL[point]} ${String(nth)} of operation ${String(operation)}`;
}

/** A clause that says what fails in an operation (counted from 1): `frame allocation 3 of operation 4 fails`. */
export function injectionText(injection: Injection, operation: number): string {
  const { point } = injection;
  const where = `of operation ${String(operation)}`;
  switch (injection.mode) {
    case 'once':
      return `${callName(point, injection.nth, operation)} fails`;
    case 'on':
      return `${callName(point, injection.nth, operation)} and every later one fail`;
    case 'every':
      return injection.nth === 1
        ? `every ${CALL[point]} ${where} fails`
        : `${CALL[point]}s ${[1, 2, 3].map((k) => String(k * injection.nth)).join(', ')}, … ${where} fail`;
    case 'chance': {
      const percent = String(Math.round(injection.probability * 100));
      return `each ${CALL[point]} ${where} fails with a chance of ${percent} % (seed ${String(injection.seed)})`;
    }
  }
}

/**
 * Every failure of one call, and of one call and all later ones, in an operation that makes `counts` calls: what a complete enumeration of
 * failures has to try.
 */
export function* enumerateInjections(counts: InjectionCounts): Generator<Injection> {
  for (const point of INJECTION_POINTS) {
    for (const mode of ['once', 'on'] as const) {
      for (let nth = 1; nth <= counts[point]; nth++) yield { point, mode, nth };
    }
  }
}
