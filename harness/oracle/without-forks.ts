/**
 * The same program without copy-on-write: each child is a process of its own that starts afresh and does what its parent has done until then. What
 * goes wrong there too has nothing to do with fork.
 */
import type { Op, Program } from '../protocol/program.ts';
import type { Trace } from '../protocol/trace.ts';
import { type Divergence, divergences, type LostFrame, type Verdict } from './verdict.ts';

/** A program without its forks. */
export interface Unforked {
  readonly program: Program;
  /** What each of its operations stands for in the program with forks. */
  readonly origins: readonly Origin[];
}

/** Indices of operations with forks. */
interface Origin {
  readonly op: number;
  /** Of the fork whose child repeats it; otherwise that of the operation. */
  readonly at: number;
}

/** `null` if the program has no fork. */
export function withoutForks(program: Program): Unforked | null {
  if (!program.ops.some(({ op }) => op === 'fork')) return null;
  const ops: Op[] = [];
  const origins: Origin[] = [];
  for (const [at, op] of program.ops.entries()) {
    if (op.op !== 'fork') {
      ops.push(op);
      origins.push({ op: at, at });
      continue;
    }
    for (const [nth, before] of [...ops.entries()]) {
      if (!('process' in before) || before.process !== op.process) continue;
      ops.push({ ...before, process: op.child });
      origins.push({ op: origins[nth]!.op, at });
    }
  }
  return { program: { ...program, ops }, origins };
}

/** Rights: they are wrong at some page, and say nothing of others. */
const RIGHTS = 'LP-10';

/**
 * The first of `rules` that the program breaks without its forks so that `found`, a divergence with them, may be the same mistake. Frames that are lost must all be lost there, too,
 * and rights be wrong at the same page.
 *
 * @param isStrict only what goes wrong in the same operation, disturbs nothing at the same page, or lets nobody get that far: other mistakes of the kind may be others
 */
export function brokenAlike(
  { origins }: Unforked,
  { verdict, trace }: { readonly verdict: Verdict; readonly trace: Trace },
  rules: readonly string[],
  found: Pick<Divergence, 'step' | 'focus' | 'lost'>,
  isStrict: boolean,
): string | undefined {
  const { lost } = found;
  const own = origins.findIndex(({ op, at }) => op === found.step && op === at);
  const step = own < 0 ? origins.length : own;
  const isAlike = (each: Divergence): boolean => {
    if (each === verdict.broken) return !isStrict || each.step <= step;
    if (lost !== undefined) return lost.every((frame) => isLost(frame, origins, trace));
    return (!isStrict && each.rule !== RIGHTS) || each.step === step || isSamePage(each, found);
  };
  return rules.find((rule) =>
    divergences(verdict).some((each) => each.rule === rule && isAlike(each)),
  );
}

function isSamePage(
  { focus: one }: Pick<Divergence, 'focus'>,
  { focus: two }: Pick<Divergence, 'focus'>,
): boolean {
  if (one === null || one.space !== two?.space) return false;
  return BigInt(one.va) >> 12n === BigInt(two.va) >> 12n;
}

/** Whether a frame is lost like `frame`: allocated by the same operation, or lost in the same one. */
function isLost({ op, lost }: LostFrame, origins: readonly Origin[], { teardown }: Trace): boolean {
  const isSame = (one: number | undefined, index: number | undefined): boolean => {
    if (one === undefined || index === undefined) return false;
    const origin = origins[index];
    return origin === undefined ? one < 0 && index < 0 : origin.op === one || origin.at === one;
  };
  return (teardown?.leaks ?? []).some(
    (fact) => fact.kind === 'leak' && (isSame(op, fact.op) || isSame(lost, fact.lost)),
  );
}
