/** Regions that are gone and may not be forgotten, those that should not be gone, and those of others: what explains much that is wrong where they are. */
import type { AddressSpaceModel } from './address-space-model.ts';
import type { DoubtfulMapping, ModelProcess } from './model-process.ts';
import { positionIn, shownByte } from './model-region.ts';
import { contains } from './region-rules.ts';

const PAGE = 4096;

/**
 * The rules that are broken if something of a former region, or of a mapping that failed, is still there at `address`, or if one that was refused has taken the
 * place of the region there. `byte`: what was seen there, if that is what is wrong.
 */
export function leftOver(process: ModelProcess, address: bigint, byte?: number): readonly string[] {
  const at = Number(address);
  const former = process.unmapped.get(at - (at % PAGE));
  // A byte that the former page did not hold is not left of it. What one holds that was never touched, nobody knows.
  const isFormer =
    former !== undefined &&
    (former === null || byte === undefined || former.contents.couldHold(at % PAGE, byte));
  // A new region starts afresh, if there is one.
  const isTaken = process.regions.some((region) => contains(region, at));
  return [
    ...(isFormer ? ['LP-14'] : []),
    ...(isFormer && isTaken ? ['LP-17'] : []),
    ...leftByMapping(process, address, byte),
  ];
}

/** Those of {@link leftOver} that are about mappings: one that failed, was refused, or came to what it must not may have changed what is mapped at `address`. */
export function leftByMapping(
  process: ModelProcess,
  address: bigint,
  byte?: number,
): readonly string[] {
  const at = Number(address);
  return [
    ...(isIn(process.failedMappings, at) ? ['LP-23'] : []),
    ...process.doubtful
      .filter((each) => contains(each, at) && (byte === undefined || mayShow(each, at, byte)))
      .map(({ rule }) => rule),
  ];
}

/** The rule that is broken if a region which another process has at `address` is taken for one of `process`. */
export function ofOthers(
  { processes }: AddressSpaceModel,
  process: ModelProcess,
  address: bigint,
): readonly string[] {
  const at = Number(address);
  const others = [...processes.values()].filter((each) => each !== process);
  const isThere = others.some(({ regions, doubtful }) =>
    [...regions, ...doubtful].some((each) => contains(each, at)),
  );
  return isThere ? ['LP-18'] : [];
}

/** Whether such a mapping would show the byte at `address`, also if it rounds what it was asked for. */
function mayShow({ asked }: DoubtfulMapping, address: number, byte: number): boolean {
  const { start, file, offset } = asked;
  if (file === null) return byte === 0;
  const inPage = address % PAGE;
  return [start, start - (start % PAGE)].some((from) => {
    const block = Math.floor(positionIn({ offset, start: from }, address - inPage) / PAGE);
    return (
      block >= 0 &&
      [file.current, ...file.past].some(
        (version) => shownByte(version, block * PAGE + inPage) === byte,
      )
    );
  });
}

/** Whether one of the ranges, by start address and number of pages, contains the address. */
function isIn(ranges: ReadonlyMap<number, number>, at: number): boolean {
  return [...ranges].some(([start, pages]) => contains({ start, pages }, at));
}
