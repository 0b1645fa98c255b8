/** Where two traces of the same program part, and how to say it. Both come from the same code, so anything may be compared: also what no rule speaks of. */
import type { Outcome, Panic, Step, Trace } from '../protocol/trace.ts';
import { outcomeText, panicText } from './words.ts';

/** The first step at which two runs differ (the number of operations: the release of everything), and what it came to in each. */
export interface TraceDifference {
  readonly step: number;
  readonly first: string;
  readonly again: string;
}

/** Most characters shown of something that is no outcome. */
const MOST_SHOWN = 300;

/** What a step says beyond its outcome, in words, in the order in which a reader wants to know. */
const DETAILS: Readonly<Record<Exclude<keyof Step, 'outcome'>, string>> = {
  faults: 'page faults delivered',
  spaces: 'entries that changed',
  facts: 'found by the audit',
  freed: 'frames freed',
  asked: 'asked of the pager',
  effort: 'frames, reads and invalidations so far',
  calls: 'calls that can fail',
  injected: 'whether a call was made to fail',
  ranOut: 'whether all frames were in use',
  uses: 'what the frames are used for',
};

/**
 * The first difference, or `null`. Where a run was ended by the engine (its stack or its memory was used up), nothing is compared from there on: when that
 * happens depends on what the engine has compiled so far, and on its garbage.
 */
export function traceDifference(first: Trace, again: Trace): TraceDifference | null {
  if (isOfTheEngine(first.loadError) || isOfTheEngine(again.loadError)) return null;
  if (!isSame(first.loadError, again.loadError)) {
    const text = (panic: Panic | null): string =>
      panic === null ? 'the modules load' : panicText(panic.kind, panic.message);
    return told(Math.min(first.steps.length, again.steps.length), [
      text(first.loadError),
      text(again.loadError),
    ]);
  }
  for (const [index, step] of first.steps.entries()) {
    const other = again.steps[index];
    // It would have ended at the step before, and differed there.
    if (other === undefined) return told(index, [outcomeText(step.outcome), 'nothing']);
    if (endedByTheEngine(step.outcome) || endedByTheEngine(other.outcome)) return null;
    if (!isSame(step, other)) return told(index, stepTexts(step, other));
  }
  const end = first.steps.length;
  if (endedByTheEngine(first.teardown?.outcome) || endedByTheEngine(again.teardown?.outcome))
    return null;
  if (!isSame(first.teardown, again.teardown))
    return told(end, teardownTexts(first.teardown, again.teardown));
  if (!isSame(first.log, again.log))
    return told(Math.max(0, end - 1), logTexts(first.log, again.log));
  return null;
}

function told(step: number, [first, again]: readonly [string, string]): TraceDifference {
  return { step, first, again };
}

/** Whether the engine has ended the run: its stack or its memory was used up. */
export function endedByTheEngine(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'panic' && isOfTheEngine(outcome.panic);
}

function isOfTheEngine(panic: Panic | null): boolean {
  if (panic === null) return false;
  return (
    panic.kind === 'torn' ||
    (panic.kind === 'limit' && /\bmemory\b|\bcall stack\b/.test(panic.message)) ||
    panic.message.includes('Maximum call stack size exceeded') ||
    panic.message.includes('Array buffer allocation failed')
  );
}

function stepTexts(first: Step, again: Step): readonly [string, string] {
  const outcomes = [outcomeText(first.outcome), outcomeText(again.outcome)] as const;
  if (outcomes[0] !== outcomes[1]) return outcomes;
  const keys = Object.keys(DETAILS) as (keyof typeof DETAILS)[];
  const key = keys.find((each) => !isSame(first[each], again[each]));
  if (key === undefined) return inFull(first.outcome, again.outcome);
  const text = (step: Step): string =>
    `${outcomes[0]}; ${DETAILS[key]}: ${shown(JSON.stringify(step[key] ?? null))}`;
  return [text(first), text(again)];
}

/** Outcomes that read the same: a stack is different, or bytes beyond those that are shown. */
function inFull(first: Outcome, again: Outcome): readonly [string, string] {
  return [first, again].map((outcome) => shown(JSON.stringify(outcome))) as [string, string];
}

function teardownTexts(
  first: Trace['teardown'],
  again: Trace['teardown'],
): readonly [string, string] {
  const text = (teardown: Trace['teardown']): string => {
    if (teardown === null) return 'nothing is released';
    const { outcome, leaks } = teardown;
    return outcome.kind === 'ok'
      ? `frames left over: ${leaks.length === 0 ? 'none' : shown(JSON.stringify(leaks))}`
      : outcomeText(outcome);
  };
  return [text(first), text(again)];
}

function logTexts(first: readonly string[], again: readonly string[]): readonly [string, string] {
  const at = first.findIndex((line, index) => line !== again[index]);
  const line = at < 0 ? first.length : at;
  const text = (log: readonly string[]): string =>
    log[line] === undefined
      ? `printed ${String(log.length)} lines`
      : `printed "${shown(log[line])}" in line ${String(line + 1)}`;
  return [text(first), text(again)];
}

function shown(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN - 1)}…`;
}

/** Both are plain data, made by the same code in the same order of keys. */
function isSame(first: unknown, again: unknown): boolean {
  return JSON.stringify(first) === JSON.stringify(again);
}
