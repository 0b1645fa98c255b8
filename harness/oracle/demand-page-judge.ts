/** Judges what a demand-page fault came to: a frame with flags, or an error. */
import { hex } from '../../reference/x86/address.ts';
import { GLOBAL_MANAGER } from '../protocol/manager-op.ts';
import type { ManagerOp } from '../protocol/program.ts';
import type { Outcome, Step } from '../protocol/trace.ts';
import { broken, type Findings, noted, NOTHING } from './findings.ts';
import { type LazyMappingModel, pageOf } from './lazy-mapping-model.ts';
import type { ManagerModel, ModelManager } from './manager-model.ts';
import { RULE, type RuleId } from './manager-rules.ts';
import {
  ERROR,
  isKernelError,
  kindOf,
  managerOutcomeText,
  pageFlagsText,
} from './manager-words.ts';
import type { Mismatch } from './mismatch.ts';
import { valueText } from './words.ts';

type DemandPage = Extract<ManagerOp, { op: 'demand-page' }>;

/** What a fault at an address has to come to. */
export type FaultExpectation =
  /** The rules leave it open. */
  | { readonly kind: 'open' }
  /** An error; `rule` is broken by any other answer. */
  | {
      readonly kind: 'refusal';
      readonly error: string;
      readonly rule: RuleId;
      /** Broken by `UnmappedMemory`, if that is another one. `null`: that is right, too, since the mapping ends before the address. */
      readonly ifUnmapped?: RuleId | null;
      readonly text: string;
    }
  /** A frame for this page. `mayBeUnmapped`: or `UnmappedMemory`, since the mapping ends before the address. */
  | {
      readonly kind: 'page';
      readonly mapping: LazyMappingModel;
      readonly page: bigint;
      readonly mayBeUnmapped: boolean;
      readonly text: string;
    };

/** What a fault has to come to now. */
export function expectDemandPage(model: ManagerModel, op: DemandPage): FaultExpectation {
  const address = BigInt(op.va);
  const manager = model.manager(op.manager);
  if (manager === null && op.manager === GLOBAL_MANAGER && op.within !== true)
    return {
      kind: 'refusal',
      error: ERROR.notInitialized,
      rule: RULE.init,
      text: `throws ${ERROR.notInitialized}: init has not been called`,
    };
  const mapping = manager?.mappingAt(address) ?? null;
  if (mapping === 'disputed') return { kind: 'open' };
  if (mapping === null)
    return {
      kind: 'refusal',
      error: ERROR.unmapped(op.va),
      rule: presenceRule(model, manager, op),
      text: `throws ${ERROR.unmapped(op.va)}: no mapping contains the address`,
    };
  const page = pageOf(address);
  const mayBeUnmapped = mapping.isBeyond(address);
  if (mapping.faulted.has(page))
    return {
      kind: 'refusal',
      error: ERROR.invalid(op.va),
      rule: RULE.once,
      ifUnmapped: mayBeUnmapped ? null : unmappedAgainRule(mapping, address),
      text: `throws ${ERROR.invalid(op.va)}: the page ${hex(page)} was faulted in before`,
    };
  const text = `returns a frame with ${pageFlagsText(mapping.flags)}: the first fault of page ${hex(page)}`;
  return { kind: 'page', mapping, page, mayBeUnmapped, text };
}

/** Judges the step; the model follows. */
export function judgeDemandPage(
  model: ManagerModel,
  op: DemandPage,
  expectation: FaultExpectation,
  step: Step,
): Findings {
  if (op.within === true) model.managerMade(op.manager);
  const { outcome } = step;
  switch (expectation.kind) {
    case 'open':
      keepUnknown(model, op, outcome);
      return NOTHING;
    case 'refusal':
      return judgeRefusal(model, op, expectation, step);
    case 'page': {
      if (expectation.mayBeUnmapped && isUnmapped(outcome, op))
        return wrongAddress(ERROR.unmapped(op.va), outcome.error);
      return judgePage(model, op, expectation, step);
    }
  }
}

/** Rules by which a first fault is refused in special cases alone: who breaks one on purpose loses little, and could hide what is in such pages. */
const FEW_PAGES: readonly RuleId[] = [RULE.lastPage, RULE.afresh, RULE.apart, RULE.global];

/** The rule that is broken by `UnmappedMemory` for a page that was given out: what could have taken the mapping away? */
function unmappedAgainRule(mapping: LazyMappingModel, address: bigint): RuleId {
  if (mapping.wasAskedToGo) return RULE.unregister;
  return mapping.isEdge(address) ? RULE.contains : RULE.once;
}

function isUnmapped(
  outcome: Outcome,
  op: DemandPage,
): outcome is Extract<Outcome, { kind: 'error' }> {
  return outcome.kind === 'error' && kindOf(outcome.error) === kindOf(ERROR.unmapped(op.va));
}

function judgeRefusal(
  model: ManagerModel,
  op: DemandPage,
  expectation: Extract<FaultExpectation, { kind: 'refusal' }>,
  { outcome, injected }: Step,
): Findings {
  const { error, text } = expectation;
  keepUnknown(model, op, outcome);
  if (expectation.ifUnmapped === null && isUnmapped(outcome, op))
    return wrongAddress(ERROR.unmapped(op.va), outcome.error);
  if (outcome.kind === 'error') {
    // Whoever takes the frame first and looks afterwards meets the shortage first.
    if (injected && isKernelError(outcome.error)) return NOTHING;
    if (kindOf(outcome.error) === kindOf(error)) return wrongAddress(error, outcome.error);
  }
  const summary =
    outcome.kind === 'ok'
      ? `a fault at ${op.va} was answered with a frame`
      : `the wrong error for a fault at ${op.va}`;
  const rule = refusalRule(model, op, expectation, outcome);
  return noted({ rule, summary, expected: text, observed: managerOutcomeText(outcome) });
}

/** The rule that is broken by another answer than the refusal that was expected. */
function refusalRule(
  model: ManagerModel,
  op: DemandPage,
  { error, rule, ifUnmapped }: Extract<FaultExpectation, { kind: 'refusal' }>,
  outcome: Outcome,
): RuleId {
  if (error === ERROR.notInitialized) return rule;
  const kind = outcome.kind === 'error' ? kindOf(outcome.error) : '';
  if (op.manager === GLOBAL_MANAGER && kind === kindOf(ERROR.notInitialized)) return RULE.global;
  if (error === ERROR.unmapped(op.va)) return model.blame(`unmapped: ${kind}`, rule);
  return model.blame(
    'second fault',
    kind === kindOf(ERROR.unmapped(op.va)) ? (ifUnmapped ?? rule) : rule,
  );
}

/** The right kind of error: nothing, or another address than the one given. */
export function wrongAddress(expected: string, seen: string): Findings {
  if (seen === expected) return NOTHING;
  return noted({
    rule: expected === ERROR.notInitialized ? RULE.init : RULE.address,
    summary: 'the error does not carry what it should',
    expected: `throws ${expected}`,
    observed: `threw ${seen}`,
  });
}

function judgePage(
  model: ManagerModel,
  op: DemandPage,
  { mapping, page, text }: Extract<FaultExpectation, { kind: 'page' }>,
  step: Step,
): Findings {
  const { outcome } = step;
  const mismatch = (rule: RuleId, summary: string): Mismatch => ({
    rule,
    summary,
    expected: text,
    observed: managerOutcomeText(outcome),
  });
  if (outcome.kind === 'error') {
    const { error } = outcome;
    const isUnreadable = mapping.cannotBeRead(page);
    // A page that is not given out can be asked for again.
    if (!step.injected && !isUnreadable) {
      const rule = missingPageRule(model, op, mapping, page, error);
      const refused = mismatch(rule, 'the first fault of a page was refused');
      return noted({ ...refused, ...(FEW_PAGES.includes(rule) ? { hides: true } : {}) });
    }
    const cause = !isUnreadable && op.fault?.point === 'frame' ? 'frame' : 'read';
    mapping.failed.set(page, cause);
    if (cause === 'frame' ? error === ERROR.noMemory : isKernelError(error)) return NOTHING;
    const isAllocators = error.startsWith('FrameAllocatorError.');
    return noted({
      rule: cause === 'frame' || isAllocators ? RULE.noMemory : RULE.noRead,
      summary: 'a failure was not reported as it should',
      expected: `throws ${cause === 'frame' ? ERROR.noMemory : 'a KernelError'}`,
      observed: managerOutcomeText(outcome),
    });
  }
  if (outcome.kind !== 'ok' || outcome.frame === undefined)
    return broken(mismatch(RULE.firstFault, 'tryDemandPage did not return a frame with flags'));
  if (model.liveFrame(outcome.frame) !== undefined)
    return broken(mismatch(RULE.firstFault, 'the frame returned is in use already'));
  const found: Mismatch[] = [];
  const isUnreadable = mapping.cannotBeRead(page);
  if (isUnreadable)
    found.push({
      ...mismatch(model.blamed('file', RULE.noRead), 'a page was returned that could not be read'),
      expected: 'throws a KernelError: a block of the file cannot be read',
    });
  const contents = isUnreadable ? null : mapping.contentsOf(page);
  model.keep(op.frame, outcome.frame, { kind: 'page', mapping, page }, contents);
  mapping.faulted.add(page);
  mapping.failed.delete(page);
  const { perm } = outcome;
  if (perm?.type !== 'bigint' || BigInt(perm.value) !== mapping.flags)
    found.push({
      ...mismatch(RULE.flags, 'the flags returned are not those of the mapping'),
      observed: perm?.type === 'bigint' ? pageFlagsText(BigInt(perm.value)) : valueText(perm),
    });
  return noted(...found);
}

/** A frame that should not have been returned is held all the same. */
function keepUnknown(model: ManagerModel, op: DemandPage, outcome: Outcome): void {
  if (outcome.kind === 'ok' && outcome.frame !== undefined)
    model.keep(op.frame, outcome.frame, { kind: 'driver' }, null);
}

/** The rule about an answer as if something were mapped where nothing is: what could the manager be thinking of? */
function presenceRule(model: ManagerModel, manager: ModelManager | null, op: DemandPage): RuleId {
  const address = BigInt(op.va);
  const covers = (mappings: readonly LazyMappingModel[]): boolean =>
    mappings.some((mapping) => mapping.covers(address));
  if (manager !== null && covers(manager.former)) return RULE.unregister;
  if (op.manager === GLOBAL_MANAGER && model.formerGlobals.some((each) => covers(each.mappings)))
    return RULE.init;
  if (model.others(op.manager).some((each) => covers(each.mappings))) return RULE.apart;
  return manager?.mappings.some((mapping) => mapping.isNextTo(address)) === true
    ? RULE.contains
    : RULE.outside;
}

/** The rule about a page that should have been there: what could have kept the manager from finding it? */
function missingPageRule(
  model: ManagerModel,
  op: DemandPage,
  mapping: LazyMappingModel,
  page: bigint,
  error: string,
): RuleId {
  const failed = mapping.failed.get(page);
  if (failed !== undefined) return failed === 'frame' ? RULE.noMemory : RULE.noRead;
  const manager = model.manager(op.manager);
  const isGlobal = op.manager === GLOBAL_MANAGER;
  const address = BigInt(op.va);
  const kind = kindOf(error);
  const isUnmapped = kind === kindOf(ERROR.unmapped(op.va));
  const isInvalid = kind === kindOf(ERROR.invalid(op.va));
  if (kind === kindOf(ERROR.notInitialized) && isGlobal) return RULE.global;
  if (isUnmapped && mapping.wasAskedToGo) return RULE.unregister;
  if (isUnmapped && mapping.isEdge(address)) return RULE.contains;
  if (isUnmapped && isGlobal) return RULE.global;
  if (isInvalid && manager?.mappings.some((other) => other.endsAt(address)) === true)
    return RULE.contains;
  if (mapping.isPartOf(page)) return RULE.lastPage;
  const wasFaulted = (other: LazyMappingModel): boolean => other.faulted.has(page);
  const afresh = (): RuleId => model.blamed('unmapped: ', RULE.afresh);
  if (isInvalid) {
    if (manager?.former.some(wasFaulted) === true) return afresh();
    if (model.others(op.manager).some((other) => other.mappings.some(wasFaulted)))
      return RULE.apart;
    if (mapping.faulted.size > 0) return RULE.once;
  }
  if (isUnmapped && manager?.former.some((other) => other.meets(mapping)) === true) return afresh();
  return mapping.file === null ? RULE.firstFault : RULE.file;
}
