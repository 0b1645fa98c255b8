/** What the page tables of processes may hold, given the model: which pages, with which rights, and which may share a frame. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { AddressSpaceModel, ModelPage, Region } from './address-space-model.ts';
import type { Mismatch } from './mismatch.ts';
import { permissionText } from './words.ts';

const WRITE = 2;

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

/** What is wrong with one leaf. */
type LeafMismatch = Mismatch & { readonly va: Hex };

/** Leaves that lie in no region, belong to a page nothing has touched, or grant other rights than the region. None of it disturbs what comes later. */
export function leafMismatches(
  model: AddressSpaceModel,
  now: Leaves,
  op: ProcessOp,
  step: Step,
): (LeafMismatch & { readonly leaf: string })[] {
  const found: (LeafMismatch & { readonly leaf: string })[] = [];
  for (const [label, process] of model.processes) {
    for (const leaf of now.get(label) ?? []) {
      const region = model.regionAt(process, leaf.va);
      const page = process.pages.get(leaf.va);
      const maybe = page === undefined && region !== undefined && process.maybeLoaded.has(leaf.va);
      // A page that a refused access has loaded may grant less than its region does.
      const mismatch = maybe
        ? rightsMismatch(leaf, region, 15, op)
        : leafMismatch(leaf, region, page, op, strayRule(model, op, step));
      if (mismatch === null) continue;
      const placed = { ...mismatch, leaf: `${label} ${mismatch.va}` };
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

/** The rule that a leaf outside of all regions breaks, by the operation after which it is there. */
function strayRule({ eager }: AddressSpaceModel, op: ProcessOp, step: Step): string {
  switch (op.op) {
    case 'munmap':
    case 'sys-munmap':
      return 'LP-14';
    case 'mmap':
    case 'sys-mmap':
      if (!eager || step.outcome.kind === 'ok') return 'LP-5';
      return step.injected ? 'LP-23' : 'LP-3';
    case 'access':
      return 'LP-9';
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

/** A touched page that was there before the operation and is gone, though its region is still mapped. */
export function disappearance(
  model: AddressSpaceModel,
  now: Leaves,
  before: Leaves,
  injected: boolean,
): Mismatch | null {
  for (const [label, process] of model.processes) {
    const present = new Set((now.get(label) ?? []).map((leaf) => leaf.va));
    for (const { va } of before.get(label) ?? []) {
      if (present.has(va) || !process.pages.has(va)) continue;
      return {
        rule: !injected ? 'LP-18' : model.forked ? 'CW-9' : 'LP-23',
        summary: `the page at ${hex(va)} disappeared`,
        expected: 'other pages stay as they are',
        observed: `${hex(va)} is not mapped any more`,
        va: hex(va) as Hex,
      };
    }
  }
  return null;
}

function leafMismatch(
  leaf: Leaf,
  region: Region | undefined,
  page: ModelPage | undefined,
  op: ProcessOp,
  stray: string,
): LeafMismatch | null {
  const va = hex(leaf.va) as Hex;
  if (region === undefined) {
    return {
      rule: stray,
      summary: `${va} is mapped, but lies in no region`,
      expected: `no translation for ${va}`,
      observed: `${va} leads to frame ${hex(leaf.frame)}`,
      va,
    };
  }
  if (page === undefined) {
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
      perhaps: op.op === 'get-user-page' ? ['LP-19'] : [],
      summary: `${va} was loaded although nothing has touched it`,
      expected: 'only touched pages are loaded',
      observed: `${va} leads to frame ${hex(leaf.frame)}`,
      va,
    };
  }
  return rightsMismatch(leaf, region, page.shared ? WRITE : 0, op);
}

/** `spare`: rights that may be missing. */
function rightsMismatch(
  leaf: Leaf,
  region: Region,
  spare: number,
  op: ProcessOp,
): LeafMismatch | null {
  const va = hex(leaf.va) as Hex;
  const extra = leaf.rights & ~region.prot;
  const missing = region.prot & ~leaf.rights & ~spare;
  if (extra === 0 && missing === 0) return null;
  return {
    // A write that made the page writable got around the protection of a page that was there; otherwise it was mapped so.
    rule: (extra & WRITE) !== 0 && op.op === 'access' && op.kind === 'write' ? 'LP-11' : 'LP-10',
    perhaps: extra === 0 ? ['LP-6'] : ['LP-10'],
    summary: `${va} is mapped with ${extra === 0 ? 'fewer' : 'more'} rights than its region has`,
    expected: permissionText(region.prot),
    observed: `${permissionText(leaf.rights)} after combining all four levels`,
    va,
  };
}

/**
 * Two pages may share a frame only as unwritten copies of one page, and then nobody may write to it; or if both regions are read-only (a pager
 * may keep a page of zeros, or the blocks of a file, for all of them).
 */
export function sharingMismatches(
  model: AddressSpaceModel,
  now: Leaves,
): (Mismatch & { readonly pages: readonly ModelPage[] })[] {
  const found: (Mismatch & { readonly pages: readonly ModelPage[] })[] = [];
  const users = new Map<
    number,
    {
      label: string;
      leaf: Leaf;
      page: ModelPage | undefined;
      unsettled: boolean;
      readOnly: boolean;
      isWidened: boolean;
    }
  >();
  for (const [label, process] of model.processes) {
    for (const leaf of now.get(label) ?? []) {
      const page = process.pages.get(leaf.va);
      const region = model.regionAt(process, leaf.va);
      // A page outside of all regions is wrong for another reason.
      if (region === undefined) continue;
      if (region.file?.cached === true && (leaf.rights & WRITE) === 0) continue;
      const other = users.get(leaf.frame);
      const readOnly = ((region.prot | leaf.rights) & WRITE) === 0;
      const isWidened = (leaf.rights & ~region.prot & WRITE) !== 0;
      const unsettled = model.forked && (page?.unsettled ?? process.maybeLoaded.has(leaf.va));
      if (other === undefined) {
        users.set(leaf.frame, { label, leaf, page, unsettled, readOnly, isWidened });
        continue;
      }
      if (readOnly && other.readOnly) continue;
      const va = hex(leaf.va) as Hex;
      const pair = `${other.label} at ${hex(other.leaf.va)} and ${label} at ${va}`;
      const copies = unsettled && other.unsettled && leaf.va === other.leaf.va;
      const pages = [page, other.page].filter((each) => each !== undefined);
      if (!copies && (page === undefined || other.page?.group !== page.group)) {
        found.push({
          pages,
          rule: other.label === label || !model.forked ? 'LP-22' : 'CW-4',
          // Read-only pages may share a frame: then only the right to write is wrong.
          perhaps: isWidened || other.isWidened ? ['LP-10'] : [],
          summary: `two pages share one frame: ${pair}`,
          expected: 'each has a frame of its own',
          observed: `both lead to frame ${hex(leaf.frame)}`,
          va,
        });
        continue;
      }
      if (((leaf.rights | other.leaf.rights) & WRITE) !== 0) {
        found.push({
          pages,
          rule: 'CW-3',
          summary: `a shared page can be written: ${pair}`,
          expected: 'shared pages are read-only until they are copied',
          observed: `frame ${hex(leaf.frame)} is shared and writable`,
          va,
        });
      }
    }
  }
  return found;
}

/** `getUserPage` returned a frame that is another page of the process, or not the one mapped at the address. */
export function wrongUserPage(
  leaves: readonly Leaf[],
  { addr }: Extract<ProcessOp, { op: 'get-user-page' }>,
  frame: number,
): Mismatch | null {
  const page = Number(BigInt(addr) & ~0xfffn);
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

/** Right after a fork every page that the parent had loaded is mapped in the child, on the same frame. */
export function forkMismatch(
  model: AddressSpaceModel,
  now: Leaves,
  parent: string,
  child: string,
  before: Leaves,
): Mismatch | null {
  const childs = new Map((now.get(child) ?? []).map((leaf) => [leaf.va, leaf]));
  const parents = new Map((now.get(parent) ?? []).map((leaf) => [leaf.va, leaf]));
  for (const { va, frame } of before.get(parent) ?? []) {
    if (!(model.processes.get(parent)?.pages.has(va) ?? false)) continue;
    for (const [who, leaf] of [
      [parent, parents.get(va)],
      [child, childs.get(va)],
    ] as const) {
      if (leaf?.frame === frame) continue;
      return {
        rule: 'CW-2',
        summary: `after the fork ${who} does not share the page at ${hex(va)}`,
        expected: `${hex(va)} still leads to frame ${hex(frame)}`,
        observed: leaf === undefined ? 'no translation' : `frame ${hex(leaf.frame)}`,
        va: hex(va) as Hex,
      };
    }
  }
  return null;
}
