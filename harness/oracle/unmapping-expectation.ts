/** What `munmap` of a pager must come to, and how the model follows. */
import type { ProcessOp } from '../protocol/program.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import { isBigint, isRefusal } from './answers.ts';
import { ofOthers } from './left-over.ts';
import type { ProcessExpectation } from './mismatch.ts';
import type { ModelProcess } from './model-process.ts';
import type { Region } from './model-region.ts';
import { doOverlap } from './region-rules.ts';
import { signsOfLoss } from './signs.ts';
import { outcomeText } from './words.ts';

type Munmap = Extract<ProcessOp, { op: 'munmap' }>;

/** `munmap`: the region that starts at the address goes, or the call is refused. */
export function expectMunmap(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Munmap,
): ProcessExpectation {
  const region = process.regions.find((r) => BigInt(r.start) === BigInt(op.addr));
  return region === undefined
    ? expectNothingToUnmap(model, process, op)
    : expectUnmapped(model, process, region, op);
}

function expectNothingToUnmap(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Munmap,
): ProcessExpectation {
  const text = `throws a KernelError: no region starts at ${op.addr}`;
  return {
    rule: 'LP-15',
    text,
    judge: ({ outcome }) => {
      if (outcome.kind === 'error') return null;
      const isAccepted = outcome.kind === 'ok';
      const perhaps = ofOthers(model, process, BigInt(op.addr));
      if (isAccepted) model.unmapWrongly(process, perhaps.length > 0);
      return {
        rule: 'LP-15',
        perhaps,
        summary: 'munmap accepted an address at which no region starts',
        expected: text,
        observed: outcomeText(outcome),
        va: op.addr,
        harmless: isAccepted && 'unless mapped',
      };
    },
  };
}

function expectUnmapped(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  op: Munmap,
): ProcessExpectation {
  const text = 'returns 0, and the whole region is gone';
  return {
    rule: 'LP-14',
    text,
    judge: ({ outcome }) => {
      const isUnmapped = outcome.kind === 'ok';
      if (isUnmapped) model.unmap(process, region);
      if (isBigint(outcome, 0n)) return null;
      const hadFailed = [...process.failed.keys()].some((page) =>
        doOverlap(region, { start: page, pages: 1 }),
      );
      return {
        rule: 'LP-14',
        perhaps: [
          ...(hadFailed ? ['LP-23'] : []),
          ...signsOfLoss(model, process, region).filter((rule) => rule !== 'LP-14'),
        ],
        summary: isUnmapped
          ? 'munmap returned something else than 0'
          : 'munmap refused a region that is mapped',
        expected: text,
        observed: outcomeText(outcome),
        va: op.addr,
        // A region that is not given up is still there.
        harmless: isUnmapped || isRefusal(outcome),
        ...(isUnmapped ? {} : { hides: region }),
      };
    },
  };
}
