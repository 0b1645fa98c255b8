/**
 * Which rule of fork a departure breaks. Without a fork it would break a rule of the lazy pager, so each answer also says which: if that one is broken
 * without a fork, too, fork is not to blame.
 */
import type { AccessKind } from '../../reference/x86/access.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { FaultSeen, Step } from '../protocol/trace.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import { type ModelPage, type ModelProcess, wasUnmappedIn } from './model-process.ts';
import type { Region } from './model-region.ts';
import type { SeenByte } from './content-rule.ts';
import type { Charge, Mismatch } from './mismatch.ts';
import { type Extent, extentOf, USER_END } from './region-rules.ts';

const PAGE = 4096;
/** Pages do not share a frame, unless they are copies or nobody writes to them. */
export const SHARED = 'LP-22';

/** Regions of parent and child are independent. */
export const RELATIVES = 'CW-13';

/** Rules of the lazy pager that regions are behind: what one process has mapped, and with which rights and contents. */
const REGION_RULES: ReadonlySet<string> = new Set([
  ...['LP-1', 'LP-3', 'LP-6', 'LP-7', 'LP-8', 'LP-9', 'LP-10', 'LP-11', 'LP-13'],
  ...['LP-14', 'LP-15', 'LP-17', 'LP-18', 'LP-19', 'LP-20'],
  ...['CW-1', 'CW-4', 'CW-11'],
]);
/** Those of them that the rights of regions alone decide. */
const RIGHTS_RULES: ReadonlySet<string> = new Set(['LP-20', 'CW-4', 'CW-11']);
/** Rules by which an access is refused. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['LP-9', 'LP-10', 'LP-11', 'LP-13', 'LP-14', 'LP-24', 'LP-25'],
]);

/** Whether the process has a child or a parent. */
export function hasForked(process: ModelProcess | undefined): process is ModelProcess {
  return process !== undefined && process.relatives.size > 1;
}

/** The shared pages that an operation is to copy: it writes to them, or gets one for the kernel. */
export function pagesToCopy(
  process: ModelProcess | undefined,
  op: ProcessOp,
): readonly ModelPage[] {
  if (process === undefined) return [];
  const copies =
    op.op === 'get-user-page' ||
    (op.op === 'access' && op.kind === 'write') ||
    (op.op === 'page-fault' && (op.code & 3) === 3);
  if (!copies) return [];
  return touchedPages(op).flatMap((address) => {
    const page = process.pages.get(address);
    return page?.shared === true ? [page] : [];
  });
}

/** The pages of user space that faulted, by address. */
export function faultedPages(faults: readonly FaultSeen[]): ReadonlySet<number> {
  return new Set(faults.flatMap(({ va }) => pagesOf(va, 1)));
}

/** The pages of user space that an operation touches at the address it names, by address. */
export function touchedPages(op: Extract<ProcessOp, { addr: Hex }>): number[] {
  return pagesOf(op.addr, op.op === 'access' ? op.length : 1);
}

/** The pages of user space in a range of bytes, by address. */
export function pagesOf(addr: string, length: number): number[] {
  const start = BigInt(addr);
  if (start >= USER_END) return [];
  const pages: number[] = [];
  const end = Number(start) + length;
  for (let page = Number(start) - (Number(start) % PAGE); page < end; page += PAGE)
    pages.push(page);
  return pages;
}

/** An operation; one that hands over a fault itself has a `code`. */
interface Faulting {
  readonly code?: number;
}

/** An access, or only the handling of its fault. */
interface Attempt {
  readonly kind: AccessKind;
  readonly handlerOnly?: boolean;
}

/** The last fault of the operation was on a page that is there: what comes of it is up to copy-on-write. */
function isCopyFault(op: Faulting, { faults }: Step): boolean {
  return ((op.code ?? faults.at(-1)?.code ?? 0) & 1) !== 0;
}

/** The rule that an access breaks which had to be refused by `rule`. */
export function refusalRule(
  process: ModelProcess | undefined,
  op: Faulting,
  step: Step,
  rule: string,
): string {
  return hasForked(process) && REFUSALS.has(rule) && isCopyFault(op, step) ? 'CW-11' : rule;
}

/**
 * The rule that a wrong byte breaks: `seen` at `offset` of `page`, which is at `address` in `process`. `natural` is the rule without a fork.
 */
export function wrongByte(
  model: AddressSpaceModel,
  process: ModelProcess,
  page: ModelPage,
  region: Region,
  [address, offset, seen]: SeenByte,
  natural: Charge,
): Charge {
  if (page.contents.isBlamedOnOthers) {
    const isTheirs = page.contents.isOfOthers(offset, seen);
    return { rule: SHARED, ...(isTheirs ? {} : { instead: natural.rule }) };
  }
  if (!page.forked) return natural;
  const unforked = [natural.rule];
  if (page.apart !== null) {
    // A page that cannot have been written is another one only if its file has changed.
    const isMissed = page.apart === 'CW-2' && (region.prot & 2) !== 0;
    return { rule: isMissed ? 'CW-1' : page.apart, unforked };
  }
  const isOthers = [...process.relatives].some((relative) => {
    const contents = relative === process ? undefined : relative.pages.get(address)?.contents;
    return contents?.wasWritten(offset) === true && contents.mayHold(offset, seen);
  });
  if (isOthers) return { rule: 'CW-8', unforked };
  // What others have written may be gone by now.
  const stored = model.wasStored(address + offset, seen) ? ['CW-8'] : [];
  switch (model.lastEventOf(page)) {
    case null:
      return { rule: 'CW-1', unforked, perhaps: stored };
    case 'left':
      return { rule: RELATIVES, unforked, perhaps: ['CW-1', 'CW-7', ...stored] };
    case 'copied': {
      const left = model.wasLeft(page) ? [RELATIVES] : [];
      return { rule: 'CW-7', unforked, perhaps: ['CW-1', ...stored, ...left] };
    }
  }
}

/** The rule that the failure of an access to a page breaks which had to succeed; `natural` is the one without a fork. */
export function failedAccess(
  page: ModelPage,
  { kind, handlerOnly = false }: Attempt,
  injected: boolean,
  natural: string,
): Charge {
  const unforked = ['LP-6', natural];
  if (page.shared && kind === 'write')
    return injected || page.copyFailed ? { rule: 'CW-9' } : { rule: 'CW-4', unforked };
  if (!page.forked || handlerOnly) return { rule: natural };
  // What cannot be read is not there at all; otherwise a right has got lost.
  if (natural === 'LP-10' && (kind === 'fetch' || !page.shared)) return { rule: 'CW-12', unforked };
  return page.shared ? { rule: 'CW-1', unforked } : { rule: natural };
}

/** The rule that an access breaks which had to load its page; `natural` is the one without a fork. */
export function failedLoad(region: Region | undefined, natural: string): Charge {
  // Memory that is not there yet is memory of the parent, too: the child may have lost its regions.
  return region?.inherited === true && natural === 'LP-6'
    ? { rule: 'CW-1', unforked: [natural] }
    : { rule: natural };
}

/** The rule that leaf rights break which are not those of the region. */
export function wrongRights(page: ModelPage | undefined, natural: string): Charge {
  return page?.forked === true && natural === 'LP-10'
    ? { rule: 'CW-12', unforked: [natural] }
    : { rule: natural };
}

/**
 * The mismatch, charged to fork if a relative has mapped something else there: regions of the two are independent, so one of them has seen what is
 * the other's. That may also be so if a relative has only changed what is around it, or if another rule is broken there.
 */
export function amongRelatives(
  process: ModelProcess | undefined,
  op: ProcessOp,
  mismatch: Mismatch,
): Mismatch {
  const { rule, unforked = [] } = mismatch;
  if (!hasForked(process)) return mismatch;
  const extent = extentAt(op, mismatch);
  if (extent === null) return mismatch;
  const isOfRegions = REGION_RULES.has(rule);
  if (!isOfRegions || isAlone(process, extent, RIGHTS_RULES.has(rule) ? rightsIn : originsIn))
    return isAlone(process, around(process, extent, op), originsIn)
      ? mismatch
      : { ...mismatch, perhaps: [...(mismatch.perhaps ?? []), RELATIVES] };
  const isForks = rule.startsWith('CW-');
  return {
    ...mismatch,
    rule: RELATIVES,
    // Who is known to get it wrong without relatives explains it.
    perhaps: [...(mismatch.perhaps ?? []), ...(isForks ? [rule] : [])],
    unforked: isForks ? unforked : [rule],
  };
}

/** Whether all relatives have the same as `process` in a range, as far as they ever had anything there. */
function isAlone(
  process: ModelProcess,
  extent: Extent,
  regionsOf: (process: ModelProcess, extent: Extent) => string,
): boolean {
  const own = regionsOf(process, extent);
  return [...process.relatives].every(
    (relative) => regionsOf(relative, extent) === own || hadNothingIn(relative, extent),
  );
}

/** A range with the whole of the regions that it is in, and the page that the operation names. */
function around(process: ModelProcess, extent: Extent, op: ProcessOp): Extent {
  const [named] = 'addr' in op ? pagesOf(op.addr, 1) : [];
  const all = [
    extent,
    ...(named === undefined ? [] : [{ start: named, pages: 1 }]),
    ...regionsIn(process, extent),
  ];
  const start = Math.min(...all.map((each) => each.start));
  const end = Math.max(...all.map((each) => each.start + each.pages * PAGE));
  return { start, pages: (end - start) / PAGE };
}

/** The pages of user space that an operation is about; `null` if it is about none. */
export function extentOfOp(op: ProcessOp): Extent | null {
  if (op.op !== 'access-range') return extentAt(op, {});
  const [first] = pagesOf(op.addr, 1);
  const last = pagesOf(op.end, 1)[0] ?? Number(USER_END) - PAGE;
  return first === undefined
    ? null
    : { start: first, pages: Math.max(1, (last - first) / PAGE + 1) };
}

function extentAt(op: ProcessOp, { va }: Pick<Mismatch, 'va'>): Extent | null {
  if (op.op === 'mmap' && BigInt(op.size) < 1n << 40n)
    return extentOf(BigInt(op.addr), BigInt(op.size));
  const [addr, length] =
    op.op === 'access' ? [op.addr, op.length] : [va ?? ('addr' in op ? op.addr : undefined), 1];
  const pages = addr === undefined ? [] : pagesOf(addr, length);
  return pages[0] === undefined ? null : { start: pages[0], pages: pages.length };
}

/** Whether a process has never mapped anything in a range. */
function hadNothingIn(process: ModelProcess, extent: Extent): boolean {
  return regionsIn(process, extent).length === 0 && !wasUnmappedIn(process, extent);
}

/** Which regions a process has in a range. */
function originsIn(process: ModelProcess, extent: Extent): string {
  return regionsIn(process, extent)
    .map(({ origin }) => origin)
    .sort((a, b) => a - b)
    .join();
}

/** What the regions of a process in a range allow to read and write. */
function rightsIn(process: ModelProcess, extent: Extent): string {
  return regionsIn(process, extent)
    .map(({ prot }) => prot & 3)
    .join();
}

function regionsIn({ regions }: ModelProcess, { start, pages }: Extent): readonly Region[] {
  const end = start + pages * PAGE;
  return regions.filter(
    (region) => region.start < end && start < region.start + region.pages * PAGE,
  );
}

/** Page tables that the child of `process` may need: one for each that a page of the process ever needed. */
export function tablesOf(process: ModelProcess): number {
  const tables = new Set<string>();
  const { pages, maybeLoaded, unmapped, failed } = process;
  for (const known of [pages.keys(), maybeLoaded, unmapped.keys(), failed.keys()]) {
    for (const page of known)
      for (const bits of [21, 30, 39])
        tables.add(`${String(bits)} ${Math.floor(page / 2 ** bits)}`);
  }
  return tables.size;
}

/** Which rule a translation breaks that some processor should have forgotten. */
export function staleRule(
  model: AddressSpaceModel,
  process: ModelProcess | undefined,
  op: ProcessOp,
  { injected, outcome }: Step,
  va: number,
): string {
  if (op.op === 'fork') return injected && outcome.kind !== 'ok' ? 'CW-9' : 'CW-6';
  const touches = op.op === 'access' || op.op === 'page-fault' || op.op === 'get-user-page';
  return model.forked && touches && process?.pages.get(va)?.forked === true ? 'CW-10' : 'LP-16';
}
