/** What `mmap` of a pager must come to, and how the model follows. */
import { isUnreadable } from '../../reference/contract/file-rule.ts';
import { LOWER_HALF_END } from '../../reference/x86/address.ts';
import type { ProcessOp } from '../protocol/program.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import { type DoubtfulMapping, type ModelProcess, wasUnmappedIn } from './model-process.ts';
import type { ModelFile, Region } from './model-region.ts';
import { isBigint, isRefusal } from './answers.ts';
import type { ProcessExpectation } from './mismatch.ts';
import { doOverlap, type Extent, extentOf, type Refusal, refusals } from './region-rules.ts';
import { signsOfLoss } from './signs.ts';
import { outcomeText } from './words.ts';

type Mmap = Extract<ProcessOp, { op: 'mmap' }>;

/** `mmap`: success, or one of the reasons to refuse. */
export function expectMmap(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Mmap,
): ProcessExpectation {
  const file = op.file === null ? null : (model.files.get(op.file) ?? null);
  const reasons = refusals(
    { ...op, fileSize: file === null ? null : file.current.size },
    process.regions,
  );
  if (reasons.length > 0) return expectRefused(model, process, op, reasons);
  const unreadable = model.eager && file !== null ? expectUnreadable(file, op) : null;
  return unreadable ?? expectMapped(model, process, file, op);
}

function expectMapped(
  model: AddressSpaceModel,
  process: ModelProcess,
  file: ModelFile | null,
  op: Mmap,
): ProcessExpectation {
  const text = `returns the start address, ${op.addr}`;
  return {
    rule: 'LP-1',
    text,
    judge: ({ outcome, injected }) => {
      const { start, pages } = extentOf(BigInt(op.addr), BigInt(op.size));
      const hadFailed = process.failedMappings.has(start);
      if (injected && isRefusal(outcome)) {
        process.failedMappings.set(start, pages);
        return null;
      }
      const isMapped = outcome.kind === 'ok';
      if (isMapped) {
        model.map(process, {
          start,
          pages,
          prot: op.prot,
          file,
          label: op.file,
          offset: Number(BigInt(op.offset)),
          size: Number(BigInt(op.size)),
          afterFailure: injected || hadFailed,
        });
      }
      if (isBigint(outcome, BigInt(op.addr))) return null;
      const [rule = 'LP-1', ...perhaps] = isMapped
        ? []
        : refusalRules(model, process, op, hadFailed);
      if (!isMapped) process.doubtful.push({ start, pages, rule, asked: askedOf(model, op) });
      return {
        rule,
        perhaps,
        summary: isMapped
          ? 'mmap returned something else than the start address'
          : 'mmap refused a mapping that is allowed',
        expected: text,
        observed: outcomeText(outcome),
        va: op.addr,
        harmless: isMapped || (isRefusal(outcome) && 'unless mapped'),
        ...(isMapped ? {} : { hides: { start, pages } }),
      };
    },
  };
}

/** Rules that a mapping may break which is refused though it is allowed, by what is special about it: the most special one first. */
function refusalRules(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Mmap,
  hadFailed: boolean,
): readonly string[] {
  const { start, pages } = extentOf(BigInt(op.addr), BigInt(op.size));
  const isMet = (other: Extent): boolean => doOverlap(other, { start, pages });
  const others = [...model.processes.values()].filter((each) => each !== process);
  const size = op.file === null ? Infinity : (model.files.get(op.file)?.current.size ?? Infinity);
  const refused = [...process.refusedMappings].map(([at, count]) => ({ start: at, pages: count }));
  const reasons: readonly (readonly [string, boolean])[] = [
    // A mapping that had failed once must work when it is repeated.
    ['LP-23', hadFailed],
    ['LP-8', Number(BigInt(op.offset)) + Number(BigInt(op.size)) > size],
    ['LP-2', start + pages * 4096 === LOWER_HALF_END],
    ['LP-18', others.some(({ regions }) => regions.some(isMet))],
    ['LP-3', refused.some(isMet)],
    ['LP-1', true],
    ['LP-14', wasUnmappedIn(process, { start, pages })],
  ];
  const rules = reasons.filter(([, applies]) => applies).map(([rule]) => rule);
  const isTheirs = others.some(({ doubtful }) => doubtful.some(isMet));
  const doubts = process.doubtful.filter(isMet).map(({ rule }) => rule);
  return [...rules, ...doubts, ...(isTheirs ? ['LP-18'] : [])];
}

/** An eager pager reads the file at once: a block that cannot be read is an error of `mmap`. `null` if all can. */
function expectUnreadable(file: ModelFile, op: Mmap): ProcessExpectation | null {
  const { pages } = extentOf(BigInt(op.addr), BigInt(op.size));
  const first = Number(BigInt(op.offset)) / 4096;
  const block = Array.from({ length: pages }, (_, i) => first + i).find((each) =>
    isUnreadable(file.current, each),
  );
  if (block === undefined) return null;
  const text = `throws a KernelError: block ${String(block)} of ${op.file ?? 'the file'} cannot be read`;
  return {
    rule: 'LP-23',
    text,
    refusesExactly: false,
    judge: ({ outcome }) =>
      outcome.kind !== 'ok'
        ? null
        : {
            rule: 'LP-23',
            perhaps: ['LP-7'],
            summary: 'mmap succeeded although a block of the file cannot be read',
            expected: text,
            observed: outcomeText(outcome),
            va: op.addr,
          },
  };
}

/** The first of the `reasons` is the one that is told; the error must be exact if it must be for all of them. */
function expectRefused(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Mmap,
  reasons: readonly Refusal[],
): ProcessExpectation {
  const { rule, why } = reasons[0]!;
  const exactly = reasons.every((each) => each.exactly);
  const text = `throws ${exactly ? 'KernelError.InvalidArgument' : 'a KernelError'}: ${why}`;
  // An munmap may have taken the region that is in the way for the one that was meant.
  const lost = overlappedBy(process, op).flatMap((region) => signsOfLoss(model, process, region));
  const perhaps = rule === 'LP-3' && lost.length > 0 ? ['LP-15', ...lost] : [];
  return {
    rule,
    text,
    refusesExactly: exactly,
    judge: ({ outcome }) => {
      const isRefused = outcome.kind === 'error';
      noteInvalid(model, process, op, { rule, isRefused });
      if (isRefused && (!exactly || outcome.error === 'KernelError.InvalidArgument')) return null;
      return {
        rule,
        perhaps,
        summary: isRefused
          ? `the wrong error: ${outcome.error}`
          : `mmap accepted what it must refuse: ${why}`,
        expected: text,
        observed: outcomeText(outcome),
        harmless: isRefused || (outcome.kind === 'ok' && 'unless mapped'),
      };
    },
  };
}

/** Regions that are in the way of a mapping. */
function overlappedBy({ regions }: ModelProcess, { addr, size }: Mmap): readonly Region[] {
  const extent = extentOf(BigInt(addr), BigInt(size));
  return regions.filter((region) => doOverlap(region, extent));
}

/** What a mapping that had to be refused by `rule` may have changed all the same. */
function noteInvalid(
  model: AddressSpaceModel,
  process: ModelProcess,
  op: Mmap,
  { rule, isRefused }: { readonly rule: string; readonly isRefused: boolean },
): void {
  const { start, pages } = extentOf(BigInt(op.addr), BigInt(op.size));
  const overlapped = overlappedBy(process, op);
  const asked = askedOf(model, op);
  if (isRefused && rule === 'LP-3' && overlapped.length === 0)
    process.refusedMappings.set(start, pages);
  for (const region of overlapped)
    process.doubtful.push({
      start: region.start,
      pages: region.pages,
      rule: isRefused ? 'LP-3' : rule,
      asked,
    });
  // One that was made, whatever it makes of an address or a size that is none.
  if (!isRefused)
    process.doubtful.push({ start: start - (start % 4096), pages: pages + 1, rule, asked });
}

function askedOf({ files }: AddressSpaceModel, op: Mmap): DoubtfulMapping['asked'] {
  const file = op.file === null ? null : (files.get(op.file) ?? null);
  return { start: Number(BigInt(op.addr)), file, offset: Number(BigInt(op.offset)) };
}
