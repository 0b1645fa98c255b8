/** Traces told by hand: each step is an operation and what was seen of it. For tests of the judges and of the checks. */
import type { Fact, Leaf } from '../../reference/contract/machine-facts.ts';
import { type ProcessScript, processProgram } from '../generators/process-scenario.ts';
import { rights, type TableScript, tableProgram } from '../generators/table-scenario.ts';
import { divergences, type Verdict } from '../oracle/verdict.ts';
import type { Hex, Op, PagerKind, Program } from '../protocol/program.ts';
import type { FaultSeen, Outcome, PagerCall, Panic, Step, Trace } from '../protocol/trace.ts';

/** One operation, and what was seen of it. */
export interface Told {
  readonly op: Op;
  readonly step: Step;
}

/** What an operation may show beside its outcome. */
export interface Also {
  /** Leaves of the address spaces that changed. */
  readonly spaces?: Step['spaces'];
  readonly facts?: readonly Fact[];
  readonly faults?: readonly FaultSeen[];
  /** What `MmStruct` asked of the pager. */
  readonly asked?: readonly PagerCall[];
  readonly injected?: boolean;
  readonly frames?: number;
  readonly fileReads?: number;
  readonly invalidations?: number;
}

/** A program and its trace. */
export interface Story {
  readonly program: Program;
  readonly trace: Trace;
}

function tell(op: Op | undefined, outcome: Outcome, also: Also): Told {
  if (op === undefined) throw new Error('nothing was written down');
  const { frames = 0, fileReads = 0, invalidations = 0, ...rest } = also;
  return {
    op,
    step: {
      outcome,
      faults: [],
      spaces: {},
      facts: [],
      injected: false,
      calls: { frame: 0, read: 0, mmap: 0 },
      effort: { frames, fileReads, invalidations },
      ...rest,
    },
  };
}

/** The operation on processes that `write` writes down. */
export function process(
  write: (script: ProcessScript) => void,
  outcome: Outcome = ok,
  also: Also = {},
): Told {
  return tell(processProgram(write).ops.at(-1), outcome, also);
}

/** The operation on page tables that `write` writes down: the last one, if it makes a page first. */
export function table(
  write: (script: TableScript) => void,
  outcome: Outcome = ok,
  also: Also = {},
): Told {
  return tell(tableProgram(write).ops.at(-1), outcome, also);
}

/** A program with its trace; `leaks` are the frames that nobody owns at the end, `ended` how the end itself went. */
export function story(
  told: readonly Told[],
  leaks: readonly Fact[] = [],
  ended: Outcome = ok,
  pager: PagerKind = 'lazy',
): Story {
  const stopped = told.some(({ step }) => step.outcome.kind === 'panic');
  const ops = told.map(({ op }) => op);
  return {
    program: { world: { cpus: 1, policy: 'quarantine' }, pager, ops },
    trace: {
      steps: told.map(({ step }) => step),
      log: [],
      teardown: stopped ? null : { outcome: ended, leaks },
      walk: null,
      loadError: null,
    },
  };
}

/** The rules that a verdict finds broken, each once, in the order of the steps. */
export function rulesOf(verdict: Verdict): readonly string[] {
  return [...new Set(divergences(verdict).map(({ rule }) => rule))];
}

// What an operation came to.

export const ok: Outcome = { kind: 'ok' };
export const noProgress: Outcome = { kind: 'no-progress' };

/** Returned a bigint, a boolean or null. */
export function returned(value: bigint | boolean | null): Outcome {
  if (typeof value === 'bigint')
    return { kind: 'ok', value: { type: 'bigint', value: hexOf(value) } };
  return {
    kind: 'ok',
    value: { type: value === null ? 'null' : 'boolean', value: String(value) },
  };
}

/** An access that saw these bytes. */
export function saw(...bytes: readonly number[]): Outcome {
  return { kind: 'ok', bytes: bytes.map((byte) => [byte, 1] as const) };
}

/** A page that was made or returned. */
export function gave(frame: number): Outcome {
  return { kind: 'ok', frame };
}

/** `getUserPage` returned this frame with this permission. */
export function gavePage(frame: number, byte: number, perm: string): Outcome {
  return {
    kind: 'ok',
    frame,
    bytes: [[byte, 1]],
    perm: { type: 'bigint', value: hexOf(BigInt(rights(perm))) },
  };
}

/** A `KernelError`, unless another class is named. */
export function threw(error: string): Outcome {
  return { kind: 'error', error: error.includes('.') ? error : `KernelError.${error}` };
}

/** An access that was refused. */
export function killed(error = 'InvalidAccess'): Outcome {
  return { kind: 'killed', error: error.includes('.') ? error : `KernelError.${error}` };
}

export function panicked(about?: Panic['about'], kind: Panic['kind'] = 'panic'): Outcome {
  const panic: Panic = {
    kind,
    message: 'it broke',
    stack: '',
    ...(about === undefined ? {} : { about }),
  };
  return { kind: 'panic', panic };
}

// What the machine looked like afterwards.

/** A leaf; `own` are the rights of the leaf entry by itself. */
export function leaf(va: number, frame: number, perm: string, own = perm): Leaf {
  return {
    va,
    frame,
    rights: rights(perm),
    ...(own === perm ? {} : { own: rights(own) }),
  };
}

/** A fault on the way. */
export function fault(va: number | bigint, code: number, handled = 'ok'): FaultSeen {
  return { va: hexOf(BigInt(va)), code, handled };
}

/** A frame that is never released, allocated in operation `op`; `more`: where the last entry that led to it went, and who owns it. */
export function leak(
  frame: number,
  op: number,
  more: Pick<Extract<Fact, { kind: 'leak' }>, 'lost' | 'owners'> = {},
): Fact {
  return { kind: 'leak', frame, op, site: '', ...more };
}

/** Somebody was given the address of the frame, and nobody has taken it back. */
export const OUTSIDE = { pages: 0, outside: 1, kernel: null } as const;
/** Somebody has not dropped a Page. */
export const KEPT = { pages: 1, outside: 0, kernel: null } as const;

/** A translation that CPU 0 should have forgotten. */
export function stale(va: number, frame: number): Fact {
  return { kind: 'stale-translation', cpu: 0, va, frame, rights: 11, now: null };
}

function hexOf(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
