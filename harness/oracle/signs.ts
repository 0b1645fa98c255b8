/**
 * Signs that a breach of another rule may be behind what is wrong. A rule that is known to be broken excuses only what it can be the cause of: who breaks a cheap
 * rule on purpose could else hide anything behind it.
 */
import type { Fact } from '../../reference/contract/machine-facts.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelPage, ModelProcess } from './model-process.ts';
import { isBehindSize, positionIn, type Region, shownByte } from './model-region.ts';

const PAGE = 4096;

/** Outside of the regions there is nothing: where they end. */
const EDGES = 'LP-9';
/** `getUserPage` finds the page. */
const USER_PAGE = 'LP-19';
/** Mappings are private copies: what others store, or have kept. */
const PRIVATE = 'LP-22';

/**
 * Rules of which a page that cannot be had, or has the wrong rights, at the page address `page` of `region` may be a consequence. `asked`: the address in it, if
 * the page was found before.
 */
export function signsAtPage(
  region: Region,
  page: number,
  asked: number | null = null,
): readonly string[] {
  const isEdge = asked === null ? isAtEdge(region, page) : isBehindSize(region, asked);
  return [...(isEdge ? [EDGES] : []), ...(showsEnd(region, page) ? ['LP-8'] : [])];
}

/** Rules of which it may be a consequence that the region cannot be found: after it was made, memory was given up, and it may have been taken for what was meant. */
export function signsOfLoss(
  { lastRemoval }: AddressSpaceModel,
  process: ModelProcess,
  { origin }: Region,
): readonly string[] {
  return [
    ...(origin < process.lastUnmap ? ['LP-14'] : []),
    ...(origin < process.lastWrongUnmap ? ['LP-15'] : []),
    ...(origin < process.lastOfRelatives ? ['CW-13'] : []),
    ...(origin < lastRemoval ? ['LP-18'] : []),
  ];
}

/** The same of `accessOk`, which may look for regions in the same way. */
export function signsOfSearch(region: Region, page: number): readonly string[] {
  return isAtEdge(region, page) ? ['LP-20'] : [];
}

/** The same of what the machine has found: a page whose frame is free cannot be had. */
export function signsInFacts(facts: readonly Fact[]): readonly string[] {
  const isFree = facts.some(({ kind }) => kind === 'dangling-entry' || kind === 'under-owned');
  return isFree ? ['LP-21'] : [];
}

/** A byte of a page that is wrong. */
export interface WrongByte {
  readonly page: ModelPage;
  readonly address: number;
  readonly seen: number;
  /** It is `getUserPage` that has shown it. */
  readonly isAsked: boolean;
}

/** The same of a wrong byte in `region`. */
export function signsInByte(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  { page, address, seen, isAsked }: WrongByte,
): readonly string[] {
  return [
    ...(!page.isLoadSeen || isOfNeighbour(process, region, address, seen) ? [EDGES] : []),
    ...(isAsked || (process.hasAsked && !page.isLoadSeen) ? [USER_PAGE] : []),
    ...(model.wasStored(address, seen) || isKept(region, address, seen) ? [PRIVATE] : []),
  ];
}

/** Whether the page is the first or the last of its region: who is wrong about where regions end is wrong there. */
function isAtEdge({ start, pages }: Region, page: number): boolean {
  return page === start || page === start + (pages - 1) * PAGE;
}

/** Whether some of the page lies past the end of its file. */
function showsEnd(region: Region, page: number): boolean {
  const { file } = region;
  return file !== null && positionIn(region, page) + PAGE > file.current.size;
}

/** Whether the region before or the one after it would show the byte at `address` if it reached that far. */
function isOfNeighbour(
  { regions }: ModelProcess,
  region: Region,
  address: number,
  seen: number,
): boolean {
  const sorted = [...regions].sort((a, b) => a.start - b.start);
  const at = sorted.indexOf(region);
  return [sorted[at - 1], sorted[at + 1]].some(
    (neighbour) =>
      neighbour !== undefined &&
      // Nearly everything would be zero somewhere.
      (seen !== 0 || isBeside(neighbour, region)) &&
      showsAt(neighbour, address, seen),
  );
}

function isBeside(one: Region, two: Region): boolean {
  return one.start + one.pages * PAGE === two.start || two.start + two.pages * PAGE === one.start;
}

/** Whether the file of the region has held the byte before: who keeps blocks of files shows it. */
function isKept(region: Region, address: number, seen: number): boolean {
  const { file } = region;
  return file !== null && showsAt({ ...region, versions: file.past }, address, seen);
}

/** Whether the byte at `address` is `seen` in some version of the file behind the region, or would be if the region reached that far. */
function showsAt(region: Region, address: number, seen: number): boolean {
  const { file, versions } = region;
  if (file === null) return seen === 0;
  const position = positionIn(region, address);
  return position >= 0 && versions.some((version) => shownByte(version, position) === seen);
}
