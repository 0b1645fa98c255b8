/**
 * What `accessOk` and `getUserPage` of a pager must come to, and how the model follows.
 */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { Value } from '../protocol/trace.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelProcess } from './model-process.ts';
import type { Region } from './model-region.ts';
import { isBoolean, isNull, isRefusal } from './answers.ts';
import { contentRule, type Loading, unreadableText } from './content-rule.ts';
import { wrongByte } from './fork-rules.ts';
import { leftByMapping, ofOthers } from './left-over.ts';
import type { Mismatch, ProcessExpectation } from './mismatch.ts';
import { pageOf, USER_END } from './region-rules.ts';
import { signsAtPage, signsInFacts, signsOfLoss, signsOfSearch } from './signs.ts';
import { byteText, outcomeText, permissionText, valueText } from './words.ts';

type GetUserPage = Extract<ProcessOp, { op: 'get-user-page' }>;

/** `accessOk`: whether a region allows such an access. */
export function expectAccessOk(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Extract<ProcessOp, { op: 'access-ok' }>,
): ProcessExpectation {
  const region = model.regionAt(process, Number(BigInt(op.addr)));
  const wanted = region !== undefined && (region.prot & (op.write ? 2 : 1)) !== 0;
  const why =
    region === undefined
      ? 'no region contains the address'
      : `the region has ${permissionText(region.prot)}`;
  const text = `returns ${String(wanted)}: ${why}`;
  const former = wasUnmapped(process, op.addr);
  const rule = refusalRule(op.addr, former ? 'LP-14' : 'LP-20');
  // Who does not find the region for an access does not find it here, either.
  const loading = region === undefined ? [] : ['LP-6', ...signsAtPage(region, pageOf(op.addr))];
  const lost = region === undefined ? [] : signsOfLoss(model, process, region);
  const perhaps = [
    ...(former ? ['LP-20'] : loading),
    ...lost,
    ...leftByMapping(process, BigInt(op.addr)),
    ...ofOthers(model, process, BigInt(op.addr)),
  ];
  return {
    rule,
    text,
    judge: ({ outcome }) =>
      isBoolean(outcome, wanted)
        ? null
        : {
            rule,
            summary: `accessOk gives the wrong answer for a ${op.write ? 'write' : 'read'} at ${op.addr}`,
            expected: text,
            observed: outcomeText(outcome),
            perhaps,
            harmless: true,
          },
  };
}

/** `getUserPage`: the page with its rights, or `null` where nothing is mapped. */
export function expectGetUserPage(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: GetUserPage,
): ProcessExpectation {
  const region = model.regionAt(process, Number(BigInt(op.addr)));
  if (region === undefined) return expectNothing(model, process, op);
  return model.cannotLoad(process, region, pageOf(op.addr))
    ? mustNotLoad(model, process, region, op)
    : expectPage(model, process, region, op);
}

function expectNothing(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: GetUserPage,
): ProcessExpectation {
  const text = 'returns null: nothing is mapped there';
  const former = wasUnmapped(process, op.addr);
  const natural = former ? 'LP-14' : 'LP-19';
  const rule = refusalRule(op.addr, natural);
  const perhaps = [
    ...(former ? ['LP-19'] : []),
    ...leftByMapping(process, BigInt(op.addr)),
    ...ofOthers(model, process, BigInt(op.addr)),
  ];
  return {
    rule,
    text,
    judge: ({ outcome, injected }) =>
      isNull(outcome) || (injected && isRefusal(outcome))
        ? null
        : {
            // An error is no leak of the kernel half, and just not the answer asked for.
            rule: isRefusal(outcome) ? natural : rule,
            summary: `getUserPage must answer null for ${op.addr}`,
            expected: text,
            observed: outcomeText(outcome),
            perhaps,
            harmless: true,
          },
  };
}

/** The block of the file cannot be read. */
function mustNotLoad(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  op: GetUserPage,
): ProcessExpectation {
  const page = pageOf(op.addr);
  const text = `returns null or throws a KernelError: ${unreadableText(region, page)}`;
  return {
    rule: 'LP-23',
    text,
    judge: ({ outcome }) => {
      model.touchMaybe(process, page);
      if (isRefusal(outcome) || isNull(outcome)) return null;
      return {
        rule: 'LP-23',
        perhaps: ['LP-7', ...leftByMapping(process, BigInt(op.addr))],
        summary: 'getUserPage returned a page that could not be read',
        harmless: true,
        expected: text,
        observed: outcomeText(outcome),
        va: op.addr,
      };
    },
  };
}

function expectPage(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  op: GetUserPage,
): ProcessExpectation {
  const start = pageOf(op.addr);
  const text = `returns the page that holds ${op.addr} and ${permissionText(region.prot)}`;
  const mismatch = (summary: string, observed: string, rule = 'LP-19'): Mismatch => ({
    perhaps: [
      ...['LP-6', 'LP-19'],
      ...signsAtPage(region, start),
      ...leftByMapping(process, BigInt(op.addr)),
    ],
    harmless: true,
    rule,
    summary,
    expected: text,
    observed,
    va: op.addr,
  });
  return {
    rule: 'LP-19',
    text,
    judge: ({ outcome, injected, facts, effort }) => {
      const fresh = !process.pages.has(start);
      process.hasAsked = true;
      if (injected && (isNull(outcome) || isRefusal(outcome))) {
        if (fresh) process.failed.set(start, 'get-user-page');
        model.touchMaybe(process, start);
        return null;
      }
      // A load that had failed once must work when it is repeated.
      const afterFailure = fresh && (injected || process.failed.has(start));
      if (outcome.kind !== 'ok' || outcome.bytes === undefined) {
        // It may have loaded the page all the same.
        model.touchMaybe(process, start);
        const missing = mismatch(
          `getUserPage found no page at ${op.addr}, which is mapped`,
          isNull(outcome) ? 'returned null' : outcomeText(outcome),
          afterFailure ? 'LP-23' : 'LP-19',
        );
        // Who does not find the region for accessOk does not find it here, either.
        const reasons = [
          ...signsOfSearch(region, start),
          ...signsOfLoss(model, process, region),
          ...signsInFacts(facts),
        ];
        return { ...missing, perhaps: [...(missing.perhaps ?? []), ...reasons] };
      }
      const { bytes, perm } = outcome;
      const seen = bytes[0]?.[0] ?? 0;
      const loading = { fresh, afterFailure, isAsked: true };
      if (effort.frames > 0) model.touch(process, region, start).isLoadSeen = true;
      const wrong = wrongContents(model, process, region, op, seen, loading);
      if (wrong !== null) return { ...mismatch(wrong.summary, wrong.observed), ...wrong };
      const rights = rightsOf(perm);
      return rights === region.prot
        ? null
        : mismatch(
            'getUserPage returned another permission than the one given to mmap',
            rights === null ? valueText(perm) : permissionText(rights),
          );
    },
  };
}

/** The page counts as touched, whatever is in it; what is wrong with the byte at the address, or `null`. */
function wrongContents(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  { addr }: GetUserPage,
  seen: number,
  loading: Loading,
): (Partial<Mismatch> & Pick<Mismatch, 'summary' | 'observed'>) | null {
  const start = pageOf(addr);
  const offset = Number(BigInt(addr)) - start;
  const page = model.touch(process, region, start);
  const wanted = page.contents.expected(offset);
  if (page.contents.sees(offset, seen)) return null;
  const place = [start, offset, seen] as const;
  const natural = contentRule(model, process, region, page, place, loading);
  page.contents.forget();
  return {
    summary: 'the page returned does not hold what the process must see',
    observed: `byte ${byteText(seen)} at offset ${hex(offset)}, not ${byteText(wanted)}`,
    byte: seen,
    perhaps: [],
    ...wrongByte(model, process, page, region, place, natural),
  };
}

function rightsOf(perm: Value | undefined): number | null {
  return perm?.type === 'bigint' ? Number(BigInt(perm.value)) : null;
}

/** Whether a region was at `addr` once: if it seems to be there still, munmap has not done its work. */
function wasUnmapped(process: ModelProcess, addr: Hex): boolean {
  return process.unmapped.has(pageOf(addr));
}

/** The rule about an answer that has to be "no": one of its own for addresses of the kernel half. */
function refusalRule(addr: Hex, otherwise: string): string {
  return BigInt(addr) < USER_END ? otherwise : 'LP-24';
}
