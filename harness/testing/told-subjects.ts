/** Subjects that answer by rule instead of running code, and assignments made on the spot. For tests of sessions and checks. */
import Mocha from 'mocha';
import type { Op, Program } from '../protocol/program.ts';
import type { Outcome, Panic, Trace } from '../protocol/trace.ts';
import type { Assignment } from '../runner/assignments.ts';
import type { CheckInfo } from '../runner/session/check-info.ts';
import { collectDeclarations } from '../runner/session/current-session.ts';
import type { Subject } from '../runner/session/subject.ts';
import type { RunResult } from '../sandbox/child-process.ts';
import { StackMapper } from '../sandbox/stack-mapper.ts';
import type { Player } from '../sandbox/twin-sandbox.ts';

/** What the code makes of an operation: its outcome, or the death of its process. `undefined`: as a page table that maps nothing would. */
export type Answer = (op: Op) => Outcome | 'hang' | undefined;

/** A sandbox with an empty page table in it. */
export interface ToldSandbox extends Player {
  readonly played: Program[];
}

/** A sandbox whose code answers by `answer`; `panic` keeps it from loading. */
export function toldSandbox(
  answer: Answer = () => undefined,
  panic: Panic | null = null,
): ToldSandbox {
  const played: Program[] = [];
  const run = (program: Program): Promise<RunResult> => {
    played.push(program);
    const answers = answersTo(program, answer);
    const lastOp = answers.indexOf('hang');
    const result: RunResult =
      lastOp >= 0
        ? { kind: 'died', why: 'timeout', detail: 'no answer', lastOp }
        : { kind: 'trace', trace: traceOf(answers as Outcome[], panic) };
    return Promise.resolve(result);
  };
  return { width: 1, played, run } as unknown as ToldSandbox;
}

/** A subject in a sandbox. */
export function toldSubject(sandbox: Player): Subject {
  return { sandbox, mapper: new StackMapper({}) };
}

function answersTo({ ops }: Program, answer: Answer): readonly (Outcome | 'hang')[] {
  const tables = new Set<string>();
  return ops.map((op) => {
    if (op.op === 'new-table') tables.add(op.table);
    else if ('table' in op && !tables.has(op.table)) return { kind: 'skipped' };
    return answer(op) ?? asEmptyTable(op);
  });
}

function asEmptyTable(op: Op): Outcome {
  if (op.op === 'probe') return { kind: 'fault', code: 4 };
  const asks = op.op === 'walk' || op.op === 'unmap' || op.op === 'walk-mut';
  return asks ? { kind: 'error', error: 'PageTableMappingError.NotExist' } : { kind: 'ok' };
}

function traceOf(outcomes: readonly Outcome[], loadError: Panic | null): Trace {
  const steps = outcomes.map((outcome) => ({
    outcome,
    faults: [],
    spaces: {},
    facts: [],
    injected: false,
    calls: { frame: 0, read: 0, mmap: 0 },
    effort: { frames: 0, fileReads: 0, invalidations: 0 },
  }));
  const stopped = loadError !== null || outcomes.some(({ kind }) => kind === 'panic');
  return {
    steps: loadError === null ? steps : [],
    log: [],
    teardown: stopped ? null : { outcome: { kind: 'ok' }, leaks: [] },
    walk: null,
    loadError,
  };
}

/** An assignment with the checks that `declare` declares, in a mocha of its own. */
export function toldAssignment(declare: () => void): Assignment {
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 0,
    reporter: class SilentReporter {
      readonly silent = true;
    } as never,
  });
  mocha.cleanReferencesAfterRun(false);
  const { checks, programs } = collectDeclarations(() => {
    const outer = globalThis.it;
    try {
      mocha.suite.emit('pre-require', globalThis, '', mocha);
      declare();
    } finally {
      globalThis.it = outer;
    }
  });
  const info = { id: 'told', title: 'Told', requires: [], modelParts: [], rules: [] };
  return { info, checks, programs, mocha };
}

/** What a suite says of a check whose words do not matter. */
export function checkInfo(id: string, rule: string, more: Partial<CheckInfo> = {}): CheckInfo {
  return {
    id,
    title: `holds ${id}`,
    rule,
    points: 1,
    rationale: 'it may be wrong',
    hint: 'look at it',
    ...more,
  };
}
