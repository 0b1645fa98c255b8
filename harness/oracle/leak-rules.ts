/** Frames that nobody has released in the end: which rule that breaks, by who has used them. */
import type { Fact } from '../../reference/contract/machine-facts.ts';
import type { Trace } from '../protocol/trace.ts';
import { ownersText } from './facts.ts';
import type { ForkHistory } from './fork-history.ts';
import type { Charge, Mismatch } from './mismatch.ts';

type Leak = Extract<Fact, { kind: 'leak' }>;

/** A mismatch with the leaks that it is about, the one that it names first. */
type LeakMismatch = Mismatch & { readonly leaks: readonly Leak[] };

const FRAMES = 'LP-21';
const FAILED_LOAD = 'LP-23';
const FAILED_FORK = 'CW-9';

/** One mismatch for each rule that leaks break. */
export function leakMismatches(
  { steps }: Trace,
  leaks: readonly Leak[],
  forks: ForkHistory,
): LeakMismatch[] {
  // A failure that was injected is to blame only if nothing leaks without one: whatever loses every frame loses those, too.
  const plain = leaks.filter(({ op }) => steps[op]?.injected !== true);
  const isInjected = plain.length === 0;
  const isShort = steps.some(({ injected }) => injected);
  const blamed = isInjected ? leaks : plain;
  const isOfFork = ({ op, frame }: Leak): boolean =>
    forks.hasOperation(op) || forks.hasFrame(frame);
  const ofForks = blamed.filter(isOfFork);
  const isOfForks = new Set(ofForks);
  const others = blamed.filter((leak) => !isOfForks.has(leak));
  // A fork that failed may have left a reference to what it was about to share.
  const isUndone = blamed.some(({ frame }) => forks.hasSurvivor(frame));
  const failed: Charge = { rule: FAILED_FORK, unforked: [FRAMES], perhaps: ['CW-15'] };
  const ofForksCharge: Charge =
    isInjected || isUndone
      ? failed
      : { rule: 'CW-15', unforked: [FRAMES], perhaps: isShort ? [FAILED_FORK] : [] };
  const othersCharge: Charge = isInjected
    ? { rule: FAILED_LOAD, perhaps: [FRAMES] }
    : // A call that was cut short may lose a frame that it had not allocated.
      { rule: FRAMES, perhaps: isShort ? [FAILED_LOAD, FAILED_FORK] : [] };
  // Those that lost a failure's frames as well cannot be told apart from those that lose them always.
  const injected = isInjected ? [] : leaks.filter((leak) => !plain.includes(leak));
  const insteadOfForks = injected.some(isOfFork) ? { instead: FAILED_FORK } : {};
  const insteadOfOthers = injected.some((leak) => !isOfFork(leak)) ? { instead: FAILED_LOAD } : {};
  const isSplit = ofForks.length > 0 && others.length > 0;
  return [
    ...mismatchOf(
      ofForks,
      { ...ofForksCharge, ...insteadOfForks },
      isSplit ? ofForks.length : leaks.length,
    ),
    ...mismatchOf(
      others,
      { ...(isUndone ? failed : othersCharge), ...insteadOfOthers },
      isSplit ? others.length : leaks.length,
    ),
  ];
}

function mismatchOf(leaks: readonly Leak[], charge: Charge, count: number): LeakMismatch[] {
  const [leak] = leaks;
  if (leak === undefined) return [];
  const when = leak.op < 0 ? 'while the processes exited' : `in step ${String(leak.op + 1)}`;
  return [
    {
      ...charge,
      leaks,
      summary:
        count === 1
          ? 'one page frame is never released'
          : `${String(count)} page frames are never released`,
      expected: 'every frame is free once all processes have exited',
      observed: `${count === 1 ? 'the frame was' : 'the first of them was'} allocated ${when} and is still owned${ownersText(leak.owners)}`,
    },
  ];
}
