/** What the page tables of processes may hold, given the model: which pages, with which rights, and which may share a frame. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelPage } from './model-process.ts';
import type { Region } from './model-region.ts';
import { wrongRights } from './fork-rules.ts';
import { ofOthers } from './left-over.ts';
import type { Mismatch } from './mismatch.ts';
import { pageOf } from './region-rules.ts';
import { permissionText } from './words.ts';

const WRITE = 2;

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

/** What is wrong with one leaf: its rights, unless it should not be there at all. */
type LeafMismatch = Mismatch & { readonly va: Hex; readonly rights?: WrongRights };

/** Rights of a leaf that it must not have, and those that it lacks. */
export interface WrongRights {
  readonly extra: number;
  readonly missing: number;
}

/** The same, with the process that it is in and a name of its own. */
export type PlacedMismatch = LeafMismatch & {
  readonly space: string;
  readonly leaf: string;
  /** The leaf as it is now. */
  readonly seen: Leaf;
};

/** Tells a leaf from all others: a page of a process. */
export function leafName(space: string, va: number): string {
  return `${space} ${hex(va)}`;
}

/**
 * Leaves that lie in no region, belong to a page nothing has touched, or grant other rights than the region. None of it disturbs what comes later.
 *
 * @param known leaves found before, which are left out
 */
export function leafMismatches(
  model: AddressSpaceModel,
  now: Leaves,
  op: ProcessOp,
  step: Step,
  known: ReadonlySet<Leaf>,
): PlacedMismatch[] {
  const found: PlacedMismatch[] = [];
  for (const [label, process] of model.processes) {
    for (const leaf of now.get(label) ?? []) {
      if (known.has(leaf)) continue;
      const region = model.regionAt(process, leaf.va);
      const page = process.pages.get(leaf.va);
      const maybe = page === undefined && region !== undefined && process.maybeLoaded.has(leaf.va);
      // A page that a refused access has loaded may grant less than its region does.
      const mismatch = maybe
        ? rightsMismatch(leaf, region, undefined, op)
        : region === undefined
          ? strayLeaf(leaf, strayRule(model, op, step), ofOthers(model, process, BigInt(leaf.va)))
          : page === undefined
            ? untouchedLeaf(leaf, op, isMistaken(now, op, step, leaf))
            : rightsMismatch(leaf, region, page, op);
      if (mismatch === null) continue;
      const placed = { ...mismatch, space: label, leaf: leafName(label, leaf.va), seen: leaf };
      const isRights = mismatch.rule === 'LP-10' || mismatch.rule === 'LP-11';
      // Where another region was before, its rights may be what is left of it.
      found.push(
        isRights && process.unmapped.has(leaf.va)
          ? { ...placed, rule: 'LP-17', perhaps: ['LP-10', 'LP-11'] }
          : placed,
      );
    }
  }
  return found;
}

/** Whether `getUserPage` may have loaded the page for the one that was asked for: it returned it, or that one is not there. */
function isMistaken(now: Leaves, op: ProcessOp, { outcome }: Step, leaf: Leaf): boolean {
  if (op.op !== 'get-user-page') return false;
  if (outcome.kind === 'ok' && outcome.frame === leaf.frame) return true;
  const asked = pageOf(op.addr);
  return !(now.get(op.process) ?? []).some(({ va }) => va === asked);
}

/** The rule that a leaf outside of all regions breaks, by the operation after which it is there. */
export function strayRule({ eager }: AddressSpaceModel, op: ProcessOp, step: Step): string {
  switch (op.op) {
    case 'munmap':
    case 'sys-munmap':
      return 'LP-14';
    case 'mmap':
    case 'sys-mmap':
      if (step.outcome.kind === 'ok') return eager ? 'LP-9' : 'LP-5';
      if (!eager) return 'LP-5';
      return step.injected ? 'LP-23' : 'LP-3';
    case 'access':
      return 'LP-9';
    case 'fork':
      return 'CW-5';
    default:
      return 'LP-18';
  }
}

/** An eager pager has mapped every page of a region when `mmap` returns. */
export function missingPage(
  model: AddressSpaceModel,
  now: Leaves,
  op: ProcessOp,
  { injected }: Step,
): Mismatch | null {
  if (!model.eager || (op.op !== 'mmap' && op.op !== 'sys-mmap')) return null;
  const present = new Set((now.get(op.process) ?? []).map((leaf) => leaf.va));
  for (const { start, pages } of model.processes.get(op.process)?.regions ?? []) {
    for (let page = start; page < start + pages * 4096; page += 4096) {
      if (present.has(page)) continue;
      return {
        rule: injected ? 'LP-23' : 'LP-5',
        summary: `mmap has returned, and ${hex(page)} is not mapped`,
        expected: 'every page of the region is present',
        observed: `no translation for ${hex(page)}`,
        va: hex(page) as Hex,
      };
    }
  }
  return null;
}

/** A touched page that was there before the operation and is gone, though its region is still mapped: that breaks `rule`. */
export function disappearance(
  model: AddressSpaceModel,
  now: Leaves,
  before: Leaves,
  rule: string,
): (Mismatch & { readonly space: string }) | null {
  for (const [label, process] of model.processes) {
    if (now.get(label) === before.get(label)) continue;
    const present = new Set((now.get(label) ?? []).map((leaf) => leaf.va));
    for (const { va } of before.get(label) ?? []) {
      if (present.has(va) || !process.pages.has(va)) continue;
      return {
        rule,
        summary: `the page at ${hex(va)} disappeared`,
        expected: 'other pages stay as they are',
        observed: `${hex(va)} is not mapped any more`,
        va: hex(va) as Hex,
        space: label,
      };
    }
  }
  return null;
}

/** A leaf in no region. `others`: rules that are broken if it is taken for a page of another process. */
function strayLeaf(leaf: Leaf, rule: string, others: readonly string[]): LeafMismatch {
  const va = hex(leaf.va) as Hex;
  // munmap may have taken another region for the one that was meant.
  const perhaps = rule === 'LP-14' ? ['LP-15', ...others] : others;
  return {
    rule,
    perhaps: perhaps.filter((each) => each !== rule),
    summary: `${va} is mapped, but lies in no region`,
    expected: `no translation for ${va}`,
    observed: `${va} leads to frame ${hex(leaf.frame)}`,
    va,
  };
}

/** A leaf of a page that nothing has touched. */
function untouchedLeaf(leaf: Leaf, op: ProcessOp, isMistaken: boolean): LeafMismatch {
  const va = hex(leaf.va) as Hex;
  const rule =
    {
      mmap: 'LP-5',
      'sys-mmap': 'LP-5',
      'access-ok': 'LP-20',
      'access-range': 'LP-20',
      fork: 'CW-5',
    }[op.op as string] ?? 'LP-12';
  return {
    rule,
    perhaps: isMistaken ? ['LP-19'] : [],
    summary: `${va} was loaded although nothing has touched it`,
    expected: 'only touched pages are loaded',
    observed: `${va} leads to frame ${hex(leaf.frame)}`,
    va,
  };
}

/** `page`: left out for one that a refused access may have loaded. */
function rightsMismatch(
  leaf: Leaf,
  region: Region,
  page: ModelPage | undefined,
  op: ProcessOp,
): LeafMismatch | null {
  const va = hex(leaf.va) as Hex;
  const spare = page === undefined || page.grudging ? 15 : page.shared ? WRITE : 0;
  const extra = leaf.rights & ~region.prot;
  const missing = region.prot & ~leaf.rights & ~spare;
  if (extra === 0 && missing === 0) return null;
  const writes =
    (op.op === 'access' && op.kind === 'write') || (op.op === 'page-fault' && (op.code & 3) === 3);
  return {
    // A write that made the page writable got around the protection of a page that was there; otherwise it was mapped so.
    ...wrongRights(page, (extra & WRITE) !== 0 && writes ? 'LP-11' : 'LP-10'),
    perhaps: extra === 0 ? ['LP-6'] : ['LP-10'],
    summary: `${va} is mapped with ${extra === 0 ? 'fewer' : 'more'} rights than its region has`,
    expected: permissionText(region.prot),
    observed: `${permissionText(leaf.rights)} after combining all four levels`,
    va,
    rights: { extra, missing },
  };
}

/** `getUserPage` returned a frame that is another page of the process, or not the one mapped at the address. */
export function wrongUserPage(
  leaves: readonly Leaf[],
  { addr }: Extract<ProcessOp, { op: 'get-user-page' }>,
  frame: number,
): Mismatch | null {
  const page = pageOf(addr);
  const own = leaves.find(({ va }) => va === page);
  // Pages that nobody may write to may share a frame, and one that is not mapped yet may be mapped later.
  const other = leaves.find((leaf) => leaf.frame === frame && (leaf.rights & WRITE) !== 0);
  const isWrong = own === undefined ? other !== undefined : own.frame !== frame;
  if (!isWrong) return null;
  const place = other === undefined ? '' : `, which is mapped at ${hex(other.va)}`;
  return {
    rule: 'LP-19',
    summary: 'getUserPage returned another page than the one at the address',
    expected: own === undefined ? `a page of its own` : `frame ${hex(own.frame)}`,
    observed: `frame ${hex(frame)}${place}`,
    va: addr,
  };
}
