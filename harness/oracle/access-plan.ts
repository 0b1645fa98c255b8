/** What a memory access, or a page fault handed to the pager, must come to: page by page, from the rights of the regions. */
import { hex, isCanonical } from '../../reference/x86/address.ts';
import type { Hex } from '../protocol/program.ts';
import type { Outcome, Step } from '../protocol/trace.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelProcess } from './model-process.ts';
import { isBehindSize, isPastFile, type Region } from './model-region.ts';
import { type AccessOp, beginOf, type Segment, segmentsOf } from './access-segments.ts';
import { contentRule, originText, storeOf } from './content-rule.ts';
import { failedAccess, failedLoad, faultedPages, refusalRule, wrongByte } from './fork-rules.ts';
import type { Mismatch, ProcessExpectation } from './mismatch.ts';
import { contains, pageOf, USER_END } from './region-rules.ts';
import { signsAtPage, signsOfLoss } from './signs.ts';
import { byteText, outcomeText } from './words.ts';

export function planAccess(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: AccessOp,
): ProcessExpectation {
  const start = BigInt(op.addr);
  if (!isCanonical(start) || start >= USER_END)
    return mustRefuse('LP-24', 'the address is not a user address', ['LP-9', 'LP-10']);
  const segments = segmentsOf(model, process, op);
  const bad = segments.find((segment) => segment.refusal !== null);
  const first = segments[0];
  const touched = first === undefined ? undefined : process.pages.get(first.page);
  const copies = touched?.shared === true && op.kind === 'write';
  const worksBy = touched === undefined ? 'LP-6' : copies ? 'CW-4' : 'LP-13';
  const rule = bad?.refusal?.rule ?? worksBy;
  const text =
    bad?.refusal === undefined || bad.refusal === null
      ? 'the access works'
      : `the access is refused: ${bad.refusal.why}`;
  const perhaps = bad?.refusal?.perhaps;
  return {
    rule,
    text,
    ...(perhaps === undefined ? {} : { perhaps }),
    judge: (step) => {
      const { outcome, injected } = step;
      if (injected && isKilled(outcome)) {
        const stop = stoppedAt(step, op);
        const before = segments.filter(({ page, refusal }) => page < stop && refusal === null);
        for (const { region, page } of segments.slice(before.length)) {
          if (region === undefined) continue;
          const known = process.pages.get(page);
          if (known === undefined) process.failed.set(page, 'access');
          else if (known.shared && op.kind === 'write') known.copyFailed = true;
          // Which allocation failed is the pager's business: the page may have been loaded before it, or not.
          model.touchMaybe(process, page);
        }
        return follow(model, process, op, before, step);
      }
      const done = bad === undefined ? segments : segments.slice(0, segments.indexOf(bad));
      const forbids = refusalRule(process, op, step, rule);
      const failed =
        outcome.kind !== 'ok'
          ? unexpectedFailure(model, process, op, bad, step, forbids, text)
          : null;
      if (failed?.harmless === 'unless mapped') {
        const stop = stoppedAt(step, op);
        if (model.regionAt(process, stop) !== undefined) model.touchMaybe(process, stop);
        const before = done.filter(({ page }) => page < stop);
        follow(model, process, op, before, step);
      }
      if (failed !== null && failed.harmless !== true) return failed;
      if (
        failed === null &&
        bad !== undefined &&
        op.handlerOnly !== true &&
        isBeyond(bad, step, op)
      ) {
        // What was there without a fault was not loaded now, where nothing is, unless mmap loads.
        const isLoaded = model.eager || faultedPages(step.faults).has(bad.page);
        const reasons = perhaps?.filter((each) => each !== 'LP-9' || isLoaded);
        return {
          rule: forbids,
          ...(reasons === undefined ? {} : { perhaps: reasons }),
          summary: `a ${op.kind} works that must be refused: ${bad.refusal?.why ?? ''}`,
          expected: text,
          observed: outcomeText(outcome),
          va: beginOf(bad),
        };
      }
      // A refused access may have loaded its page before it was refused.
      if (bad?.region !== undefined) model.touchMaybe(process, bad.page);
      const wrong = follow(model, process, op, done, step);
      return failed ?? wrong;
    },
  };
}

function mustRefuse(rule: string, why: string, perhaps: readonly string[]): ProcessExpectation {
  const text = `the access is refused: ${why}`;
  return {
    rule,
    text,
    perhaps,
    judge: ({ outcome }) =>
      isKilled(outcome)
        ? null
        : {
            rule,
            perhaps,
            summary: `an access was not refused: ${why}`,
            expected: text,
            observed: outcomeText(outcome),
          },
  };
}

function isKilled(outcome: Outcome): boolean {
  return outcome.kind === 'killed' || outcome.kind === 'error';
}

/** Whether an access got past a page that must stop it. */
function isBeyond({ page }: Segment, step: Step, op: AccessOp): boolean {
  if (step.outcome.kind === 'ok') return true;
  const stop = stoppedAt(step, op);
  return stop > page && stop !== Infinity;
}

/** Address of the page at which an access that did not work came to an end. */
function stoppedAt({ faults, outcome }: Step, op: AccessOp): number {
  const fault = faults.at(-1);
  const handled = fault?.handled === 'ok' && outcome.kind !== 'no-progress';
  if (fault !== undefined && !handled) return pageOf(fault.va);
  // Otherwise the processor itself refused (an address that is not canonical), or the handler was called directly.
  return op.handlerOnly === true ? pageOf(op.addr) : Infinity;
}

/** An access that did not work: fine if it had to be refused and was. */
function unexpectedFailure(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: AccessOp,
  bad: Segment | undefined,
  step: Step,
  forbids: string,
  text: string,
): Mismatch | null {
  const { outcome, injected } = step;
  const observed = outcomeText(outcome);
  const page = stoppedAt(step, op);
  if (bad !== undefined && page >= bad.page) {
    if (isKilled(outcome) || (outcome.kind === 'no-progress' && bad.refusal?.mayHang === true))
      return null;
    const summary =
      outcome.kind === 'no-progress'
        ? 'the handler says all is well for an access that must be refused'
        : `the access was not refused properly: ${observed}`;
    const { perhaps = [] } = bad.refusal ?? {};
    const broken = injected ? 'LP-23' : forbids;
    // An answer that gives nobody anything changes nothing.
    const harmless = outcome.kind === 'no-progress';
    return { rule: broken, perhaps, summary, expected: text, observed, va: beginOf(bad), harmless };
  }
  const fault = step.faults.at(-1);
  const va = fault?.va ?? op.addr;
  const known = process.pages.get(page);
  const violated = fault !== undefined && (fault.code & 1) !== 0;
  const region = model.regionAt(process, page);
  const natural =
    known === undefined && !(violated && process.maybeLoaded.has(page))
      ? loadRule(process, region, page, Number(BigInt(va)))
      : violated
        ? 'LP-10'
        : 'LP-13';
  const why = injected ? 'LP-23' : natural;
  const charge =
    known === undefined ? failedLoad(region, why) : failedAccess(known, op, injected, why);
  const summary = violated
    ? `a ${op.kind} at ${op.addr} is not possible, though the region allows it`
    : `an access to ${op.addr}, which is mapped, did not succeed`;
  const signs =
    region === undefined
      ? []
      : signsAtPage(region, page, known === undefined ? null : Number(BigInt(va)));
  const lost = region === undefined ? [] : signsOfLoss(model, process, region);
  const perhaps = [...(charge.rule === 'LP-6' ? [] : ['LP-6']), ...signs, ...lost];
  // A page that is there already may be what the handler does not expect.
  if (known === undefined && process.maybeLoaded.has(page)) perhaps.push('LP-13');
  const harmless = isKilled(outcome) && page !== Infinity && 'unless mapped';
  return { ...charge, perhaps, summary, expected: text, observed, va, harmless, hides: true };
}

/** Rule that an access breaks which is the first to its page and should have loaded it. */
function loadRule(
  process: ModelProcess,
  region: Region | undefined,
  page: number,
  address: number,
): string {
  if (region === undefined) return 'LP-6';
  // A load that had failed once must work when it is repeated, and leave the other pages of its region alone.
  if ([...process.failed.keys()].some((failed) => contains(region, failed))) return 'LP-23';
  if (isBehindSize(region, address)) return 'LP-9';
  if (process.unmapped.has(page)) return 'LP-17';
  return isPastFile(region, page) ? 'LP-8' : 'LP-6';
}

/** Lets the model follow an access that went as far as it should, and compares the bytes it saw. */
function follow(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: AccessOp,
  done: readonly Segment[],
  { outcome, injected, faults }: Step,
): Mismatch | null {
  const bytes = expand(outcome.kind === 'ok' ? (outcome.bytes ?? []) : [], op.length);
  const faulted = faultedPages(faults);
  let at = 0;
  let first: Mismatch | null = null;
  for (const { page, from, to, region } of done) {
    if (region === undefined) continue;
    const fresh = !process.pages.has(page);
    const afterFailure = fresh && (injected || process.failed.has(page));
    const modelPage = model.touch(process, region, page);
    if (faulted.has(page) || op.handlerOnly === true) modelPage.isLoadSeen = true;
    if (op.handlerOnly === true) continue;
    if (op.kind === 'write') {
      for (let offset = from; offset < to; offset++) {
        model.store(page + offset, op.value ?? 0);
        region.file?.stores.add(storeOf(region, page + offset, op.value ?? 0));
      }
      model.makePrivate(modelPage);
      modelPage.contents.write(from, to, op.value ?? 0);
      continue;
    }
    for (let offset = from; offset < to && at < bytes.length; offset++, at++) {
      const seen = bytes[at] ?? 0;
      if (modelPage.contents.sees(offset, seen)) continue;
      const wanted = modelPage.contents.expected(offset);
      const va = hex(page + offset) as Hex;
      const place = [page, offset, seen] as const;
      const natural = contentRule(model, process, region, modelPage, place, {
        fresh,
        afterFailure,
        isAsked: false,
      });
      first ??= {
        ...wrongByte(model, process, modelPage, region, place, natural),
        summary: `the byte at ${va} is wrong`,
        expected: `${byteText(wanted)}${originText(region, modelPage, page, offset)}`,
        observed: byteText(seen),
        va,
        byte: seen,
        harmless: true,
      };
      // A wrong page is wrong for itself; what else is in it says nothing more.
      modelPage.contents.forget();
    }
  }
  return first;
}

/** Bytes told as runs: `most` of them, if there are more. */
function expand(runs: readonly (readonly [number, number])[], most: number): Uint8Array {
  const length = runs.reduce((sum, [, count]) => sum + count, 0);
  const bytes = new Uint8Array(Math.min(length, most));
  let at = 0;
  for (const [byte, count] of runs) bytes.fill(byte, at, (at += count));
  return bytes;
}
