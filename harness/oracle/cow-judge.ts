/** Judges what calls about shared frames came to: marking, copying at a write, giving up a reference, asking. */
import { hex } from '../../reference/x86/address.ts';
import { GLOBAL_MANAGER } from '../protocol/manager-op.ts';
import type { Hex, ManagerOp } from '../protocol/program.ts';
import type { Outcome, Step } from '../protocol/trace.ts';
import type { CowEntryModel } from './cow-entry-model.ts';
import { wrongAddress } from './demand-page-judge.ts';
import { broken, type Findings, noted, NOTHING } from './findings.ts';
import { pageOf } from './lazy-mapping-model.ts';
import type { ManagerModel, ModelManager } from './manager-model.ts';
import { RULE, type RuleId } from './manager-rules.ts';
import { ERROR, isKernelError, kindOf, managerOutcomeText } from './manager-words.ts';
import type { Mismatch } from './mismatch.ts';
import type { ModelFrame } from './model-frame.ts';

type Op<K extends ManagerOp['op']> = Extract<ManagerOp, { op: K }>;

/** What would be right for a page that was never marked is explained by a table that forgets pages, unless it was seen to know this one. */
function forgotten(model: ManagerModel, label: string, address: Hex): { perhaps: RuleId[] } {
  // By now something is done with the page.
  const wasKnown = model.managerMade(label).known.delete(pageOf(BigInt(address)));
  return { perhaps: wasKnown ? [] : [RULE.isCow] };
}

/** What the table has for a page: an entry, nothing, or what the rules leave open. */
function entryAt(manager: ModelManager, address: Hex): CowEntryModel | 'open' | null {
  const page = pageOf(BigInt(address));
  return manager.isOpen(page) ? 'open' : (manager.entries.get(page) ?? null);
}

/** The rule that a wrong answer about an entry breaks: what was done with the page that may have gone wrong? */
function entryRule(
  model: ManagerModel,
  label: string,
  address: Hex,
  entry: CowEntryModel,
  otherwise: RuleId,
): RuleId {
  return model.blamed('count', naturalRule(model, label, address, entry, otherwise));
}

function naturalRule(
  model: ManagerModel,
  label: string,
  address: Hex,
  entry: CowEntryModel,
  otherwise: RuleId,
): RuleId {
  if (entry.failedFaults > 0) return RULE.noMemory;
  if (isMarkedElsewhere(model, label, address)) return RULE.apart;
  if (entry.marks > 1) return RULE.again;
  if (entry.by !== 'mark-cow') return RULE.ranges;
  if (entry.faults > 0) return RULE.sharers;
  return label === GLOBAL_MANAGER ? RULE.global : otherwise;
}

/** Who counts wrongly does so in special cases, too: what else may be the cause of a wrong count that breaks `rule`. */
function ofCounting(rule: RuleId): readonly RuleId[] {
  return rule === RULE.counting ? [] : [RULE.counting];
}

/** The rule that an answer breaks as if there were an entry where there is none. */
function absenceRule(model: ManagerModel, label: string, address: Hex, otherwise: RuleId): RuleId {
  const page = pageOf(BigInt(address));
  if (label === GLOBAL_MANAGER && model.formerGlobals.some(({ entries }) => entries.has(page)))
    return RULE.init;
  return isMarkedElsewhere(model, label, address) ? RULE.apart : otherwise;
}

function isMarkedElsewhere(model: ManagerModel, label: string, address: Hex): boolean {
  const page = pageOf(BigInt(address));
  return model.others(label).some(({ entries }) => entries.has(page));
}

/** What a copy-on-write fault has to come to. */
export type CowExpectation =
  /** The rules leave it open. `frame`: the one that was shared, if that is known. */
  | { readonly kind: 'open'; readonly frame: ModelFrame | null }
  | { readonly kind: 'refusal'; readonly text: string }
  | { readonly kind: 'copy'; readonly entry: CowEntryModel; readonly text: string };

/** What `handleCowFault` has to come to now. */
export function expectCowFault(model: ManagerModel, op: Op<'cow-fault'>): CowExpectation {
  const entry = entryAt(model.managerMade(op.manager), op.va);
  if (entry === null)
    return {
      kind: 'refusal',
      text: `throws ${ERROR.invalid(op.va)}: the page is not marked`,
    };
  // After the last reference was given up nobody should ask any more, and the frame may be free.
  const frame = model.managerMade(op.manager).entries.get(pageOf(BigInt(op.va)))?.frame ?? null;
  if (entry === 'open') return { kind: 'open', frame };
  if (entry.mayBeOver || entry.frame.isFree) return { kind: 'open', frame };
  const copy = `a new frame with a copy of frame ${hex(entry.frame.number)}`;
  const text = entry.mayBeLast ? `returns ${copy}, or that frame itself` : `returns ${copy}`;
  return { kind: 'copy', entry, text };
}

/** Judges the step; the model follows. */
export function judgeCowFault(
  model: ManagerModel,
  op: Op<'cow-fault'>,
  expectation: CowExpectation,
  step: Step,
): Findings {
  const { outcome } = step;
  const freed = (step.freed ?? []).map(({ frame }) => frame);
  if (expectation.kind === 'copy') return judgeCopy(model, op, expectation, step, freed);
  if (outcome.kind === 'ok' && outcome.frame !== undefined)
    model.keep(op.frame, outcome.frame, { kind: 'driver' }, null);
  if (expectation.kind === 'open') {
    model.managerMade(op.manager).leaveOpen(pageOf(BigInt(op.va)));
    const { frame } = expectation;
    if (frame === null || !freed.includes(frame.number)) return NOTHING;
    frame.isFree = true;
    // By now it may be somebody else's.
    const other = model.liveFrame(frame.number);
    if (other !== undefined) other.isFree = true;
    return NOTHING;
  }
  const { text } = expectation;
  if (outcome.kind === 'error') {
    if (step.injected && isKernelError(outcome.error)) return NOTHING;
    if (kindOf(outcome.error) === kindOf(ERROR.invalid(op.va)))
      return wrongAddress(ERROR.invalid(op.va), outcome.error);
  }
  return noted({
    rule: absenceRule(model, op.manager, op.va, RULE.lookUp),
    summary: `a copy-on-write fault at ${op.va}, which is not marked, was not refused as it should be`,
    expected: text,
    observed: managerOutcomeText(outcome),
  });
}

function judgeCopy(
  model: ManagerModel,
  op: Op<'cow-fault'>,
  { entry, text }: Extract<CowExpectation, { kind: 'copy' }>,
  { outcome, injected }: Step,
  freed: readonly number[],
): Findings {
  const mismatch = (rule: RuleId, summary: string): Mismatch => ({
    rule,
    summary,
    expected: text,
    observed: managerOutcomeText(outcome),
  });
  const reasons = forgotten(model, op.manager, op.va);
  if (outcome.kind === 'error') {
    if (!injected) {
      const isInside = pageOf(BigInt(op.va)) !== BigInt(op.va);
      const rule =
        isInside && kindOf(outcome.error) === kindOf(ERROR.invalid(op.va))
          ? model.blamed('count', RULE.lookUp)
          : entryRule(model, op.manager, op.va, entry, RULE.copy);
      model.managerMade(op.manager).leaveOpen(pageOf(BigInt(op.va)));
      return noted({
        ...mismatch(rule, 'the write fault of a shared page was refused'),
        ...reasons,
        hides: true,
      });
    }
    entry.failedFaults++;
    if (outcome.error === ERROR.noMemory) return NOTHING;
    return noted({
      ...mismatch(RULE.noMemory, 'a shortage of frames was not reported as it should'),
      expected: `throws ${ERROR.noMemory}`,
    });
  }
  if (outcome.kind !== 'ok' || outcome.frame === undefined)
    return broken(mismatch(RULE.copy, 'handleCowFault did not return a frame'));
  const old = entry.frame;
  const isFreed = freed.includes(old.number);
  if (outcome.frame === old.number && !isFreed) {
    model.keep(op.frame, outcome.frame, old.origin, old.contents);
    if (entry.mayBeLast) {
      entry.end();
      return NOTHING;
    }
    model.managerMade(op.manager).leaveOpen(pageOf(BigInt(op.va)));
    const rule = model.blamed('count', RULE.copy);
    return noted(mismatch(rule, 'the writer was given the frame that others still share'));
  }
  const found: Mismatch[] = [];
  if (isFreed) {
    old.isFree = true;
    if (!entry.mayBeLast)
      found.push({
        ...mismatch(
          model.blame('count', entryRule(model, op.manager, op.va, entry, RULE.sharers)),
          `frame ${hex(old.number)} was freed, and others still share it`,
        ),
        expected: 'the frame stays allocated as long as it has sharers',
        observed: `${managerOutcomeText(outcome)}, and frame ${hex(old.number)} is free`,
      });
  }
  if (model.liveFrame(outcome.frame) !== undefined)
    return broken(mismatch(RULE.copy, 'the frame returned is in use already'));
  const rule = entry.marks > 1 ? RULE.again : RULE.copy;
  model.keep(
    op.frame,
    outcome.frame,
    { kind: 'copy', of: old, rule },
    old.contents?.copy() ?? null,
  );
  old.wasCopied = true;
  // Who has handled the fault has found the page.
  model.managerMade(op.manager).known.add(pageOf(BigInt(op.va)));
  if (isFreed) entry.end();
  else entry.release();
  entry.faults++;
  return noted(...found);
}

/** Judges `markCow`, `addCowEntry` and `markCowRange`; the model follows. */
export function judgeMark(
  model: ManagerModel,
  op: Op<'mark-cow' | 'add-cow-entry' | 'mark-cow-range'>,
  { outcome }: Step,
): Findings {
  const manager = model.managerMade(op.manager);
  const pages = op.op === 'mark-cow-range' ? op.pages : [op];
  for (const { va, frame } of pages) {
    const known = model.frames.get(frame);
    if (known !== undefined) manager.mark(BigInt(va), known, op.op);
  }
  if (outcome.kind === 'ok') return NOTHING;
  const failed = {
    rule: op.op === 'mark-cow' ? RULE.counting : RULE.ranges,
    summary: 'marking a page failed',
    expected: 'returns: marking takes no frame and cannot fail',
    observed: managerOutcomeText(outcome),
  };
  if (outcome.kind !== 'error') return broken(failed);
  for (const { va } of pages) manager.leaveOpen(pageOf(BigInt(va)));
  return noted({ ...failed, hides: true });
}

/** Judges `release`; the model follows. */
export function judgeRelease(
  model: ManagerModel,
  op: Op<'release-cow'>,
  { outcome, freed = [] }: Step,
): Findings {
  const manager = model.managerMade(op.manager);
  const entry = entryAt(manager, op.va);
  const reasons = forgotten(model, op.manager, op.va);
  const answer = answerOf(outcome);
  const frame = model.frames.get(op.frees);
  // The driver did what it was told, unless the manager had done it already.
  const isFreed = freed.some(({ frame: number }) => number === frame?.number);
  if (answer === true && frame !== undefined && !isFreed) frame.isFree = true;
  if (answer === null) return broken(notBoolean('release', RULE.counting, outcome));
  const page = pageOf(BigInt(op.va));
  if (entry === 'open') return NOTHING;
  if (entry !== null && page !== BigInt(op.va)) {
    manager.leaveOpen(page);
    return NOTHING;
  }
  if (entry === null) {
    if (!answer) return NOTHING;
    manager.leaveOpen(page);
    return noted({
      rule: model.blame('count', absenceRule(model, op.manager, op.va, RULE.counting)),
      summary: `release of ${op.va}, which is not marked, must be false`,
      expected: 'returns false: there is no entry',
      observed: managerOutcomeText(outcome),
    });
  }
  if (entry.release(answer)) return NOTHING;
  manager.leaveOpen(page);
  const rule = model.blame('count', entryRule(model, op.manager, op.va, entry, RULE.counting));
  return noted({
    rule,
    perhaps: [...ofCounting(rule), ...(answer ? [] : reasons.perhaps)],
    summary: answer
      ? 'release said that the last reference is gone, but there are others'
      : 'release did not say that the last reference is gone',
    expected: answer
      ? 'returns false: others still share the frame'
      : 'returns true: that was the last reference',
    observed: managerOutcomeText(outcome),
  });
}

/** Judges `isCow`. */
export function judgeIsCow(model: ManagerModel, op: Op<'is-cow'>, { outcome }: Step): Findings {
  const entry = entryAt(model.managerMade(op.manager), op.va);
  const answer = answerOf(outcome);
  if (answer === null) return broken(notBoolean('isCow', RULE.isCow, outcome));
  const isPage = pageOf(BigInt(op.va)) === BigInt(op.va);
  if (entry === 'open') return NOTHING;
  if (entry === null) {
    if (!answer) return NOTHING;
    return noted({
      rule: absenceRule(model, op.manager, op.va, RULE.isCow),
      summary: `isCow takes ${op.va} for a page that is marked`,
      expected: 'returns false: the page was never marked',
      observed: managerOutcomeText(outcome),
    });
  }
  if (answer && isPage) model.managerMade(op.manager).known.add(pageOf(BigInt(op.va)));
  if (entry.mayBeOver || !isPage || answer) return NOTHING;
  const rule = model.blame('entry', entryRule(model, op.manager, op.va, entry, RULE.isCow));
  return noted({
    rule,
    summary: `isCow does not know that ${op.va} is marked`,
    expected: 'returns true: the page is marked, and its frame has sharers',
    observed: managerOutcomeText(outcome),
    ...(rule === RULE.isCow ? {} : { perhaps: [RULE.isCow] }),
  });
}

function answerOf(outcome: Outcome): boolean | null {
  if (outcome.kind !== 'ok' || outcome.value?.type !== 'boolean') return null;
  return outcome.value.value === 'true';
}

function notBoolean(call: string, rule: RuleId, outcome: Outcome): Mismatch {
  return {
    rule,
    summary: `${call} must return a boolean`,
    expected: 'returns true or false',
    observed: managerOutcomeText(outcome),
  };
}
