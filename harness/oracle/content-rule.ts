/** What a byte that should not be there tells: where it should have come from, and which rule it breaks. */
import { isHole } from '../../reference/contract/file-rule.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelPage, ModelProcess } from './model-process.ts';
import { blockOf, positionIn, type Region, shownByte } from './model-region.ts';
import type { Charge } from './mismatch.ts';
import { signsInByte } from './signs.ts';

/** A byte that was seen: address of the page, offset in it, value. */
export type SeenByte = readonly [address: number, offset: number, seen: number];

/** How the page came to be there. */
export interface Loading {
  /** It was not there before the operation that has seen the byte. */
  readonly fresh: boolean;
  /** Loading it had failed once. */
  readonly afterFailure: boolean;
  /** It is `getUserPage` that has shown the byte. */
  readonly isAsked: boolean;
}

/** Rule that a wrong byte breaks, by where the byte should have come from. */
export function contentRule(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  page: ModelPage,
  place: SeenByte,
  loading: Loading,
): Charge {
  const charge = ruleOf(model, process, region, page, place, loading);
  const [address, offset, seen] = place;
  // What is stored by a translation that should be gone ends up in the page that has the frame by now.
  return process.unmapped.size === 0 || !model.wasStored(address + offset, seen)
    ? charge
    : { ...charge, perhaps: [...(charge.perhaps ?? []), 'LP-16'] };
}

function ruleOf(
  model: AddressSpaceModel,
  process: ModelProcess,
  region: Region,
  page: ModelPage,
  [address, offset, seen]: SeenByte,
  { fresh, afterFailure, isAsked }: Loading,
): Charge {
  // Zeros where the file has bytes: a page that was mapped though reading it had failed.
  if ((afterFailure || region.afterFailure === true) && region.file !== null && seen === 0)
    return { rule: 'LP-23', perhaps: ['LP-7', 'LP-8'] };
  if (!fresh && page.contents.wasWritten(offset)) return { rule: 'LP-13' };
  const former = process.unmapped.get(address) ?? null;
  // Two mappings of a file at one address may be mixed up for other reasons, so there only bytes that no file had count as old ones.
  const isOld =
    region.file === null || (former?.anonymous === true && former.contents.mayHold(offset, seen));
  if (seen !== 0 && former !== null && isOld) return { rule: 'LP-17', perhaps: ['LP-22'] };
  const wrong = { page, address: address + offset, seen, isAsked };
  const elsewhere = [...signsInByte(model, process, region, wrong)];
  if (region.file === null) return { rule: 'LP-6', perhaps: elsewhere };
  // Somebody has stored this there, in a page of his own.
  if (region.file.stores.has(storeOf(region, address + offset, seen))) return { rule: 'LP-22' };
  // What the file holds by now is in a page that was loaded again.
  const position = positionIn(region, address + offset);
  if (!fresh && region.versions.length > 1 && shownByte(region.file.current, position) === seen)
    elsewhere.push('LP-13');
  if (isPastTheEnd(region, address + offset))
    return { rule: 'LP-8', perhaps: ['LP-7', ...elsewhere] };
  // In some version the file was that short.
  const wasShort = region.versions.some(({ size }) => position >= size);
  return wasShort
    ? { rule: 'LP-7', perhaps: ['LP-8', ...elsewhere], surely: ['LP-8'] }
    : { rule: 'LP-7', perhaps: elsewhere };
}

/** Whether the byte at `address` was past the end of the file of its region ever since it was mapped. */
function isPastTheEnd(region: Region, address: number): boolean {
  const position = positionIn(region, address);
  return region.versions.every(({ size }) => position >= size);
}

/** A store to a page that shows a file, as the file keeps it in mind. */
export function storeOf(region: Region, address: number, value: number): string {
  return `${String(positionIn(region, address))} ${String(value)}`;
}

/** Where the byte at an offset in a page comes from: a phrase that goes on after the byte. */
export function originText(
  region: Region,
  page: ModelPage,
  address: number,
  offset: number,
): string {
  if (page.contents.wasWritten(offset)) return ', as written before';
  if (region.file === null) return ', as all of a fresh anonymous page';
  const position = positionIn(region, address + offset);
  const { size, sparse } = region.file.current;
  const file = region.label ?? 'the file';
  if (position >= size) return `: past the end of ${file}`;
  const hole = isHole(sparse, blockOf(region, address)) ? ', in a hole' : '';
  return `: byte ${String(position)} of ${file}${hole}`;
}

/** Why a page of a file mapping cannot be loaded. */
export function unreadableText(region: Region, page: number): string {
  return `block ${String(blockOf(region, page))} of ${region.label ?? 'the file'} cannot be read`;
}
