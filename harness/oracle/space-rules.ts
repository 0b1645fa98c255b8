/** What the page tables of processes may hold, given the model: which pages, with which rights, and which may share a frame. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
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
        : leafMismatch(leaf, region, page, op);
      if (mismatch !== null) found.push({ ...mismatch, leaf: `${label} ${mismatch.va}` });
    }
  }
  return found;
}

/** A touched page that was there before the operation and is gone, though its region is still mapped: that breaks `rule`. */
export function disappearance(
  model: AddressSpaceModel,
  now: Leaves,
  before: Leaves,
  rule: string,
): Mismatch | null {
  for (const [label, process] of model.processes) {
    const present = new Set((now.get(label) ?? []).map((leaf) => leaf.va));
    for (const { va } of before.get(label) ?? []) {
      if (present.has(va) || !process.pages.has(va)) continue;
      return {
        rule,
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
): LeafMismatch | null {
  const va = hex(leaf.va) as Hex;
  if (region === undefined) {
    const rule = { munmap: 'LP-14', mmap: 'LP-5', access: 'LP-9' }[op.op as string] ?? 'LP-18';
    return {
      rule,
      summary: `${va} is mapped, but lies in no region`,
      expected: `no translation for ${va}`,
      observed: `${va} leads to frame ${hex(leaf.frame)}`,
      va,
    };
  }
  if (page === undefined) {
    const rule = { mmap: 'LP-5', 'access-ok': 'LP-20', fork: 'CW-5' }[op.op as string] ?? 'LP-12';
    return {
      rule,
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
export function sharingMismatch(model: AddressSpaceModel, now: Leaves): Mismatch | null {
  const users = new Map<
    number,
    { label: string; leaf: Leaf; group: number | undefined; unsettled: boolean; readOnly: boolean }
  >();
  for (const [label, process] of model.processes) {
    for (const leaf of now.get(label) ?? []) {
      const page = process.pages.get(leaf.va);
      const region = model.regionAt(process, leaf.va);
      if (region?.file?.cached === true && (leaf.rights & WRITE) === 0) continue;
      const other = users.get(leaf.frame);
      const readOnly = region !== undefined && ((region.prot | leaf.rights) & WRITE) === 0;
      const unsettled = model.forked && (page?.unsettled ?? process.maybeLoaded.has(leaf.va));
      if (other === undefined) {
        users.set(leaf.frame, { label, leaf, group: page?.group, unsettled, readOnly });
        continue;
      }
      if (readOnly && other.readOnly) continue;
      const va = hex(leaf.va) as Hex;
      const pair = `${other.label} at ${hex(other.leaf.va)} and ${label} at ${va}`;
      const copies = unsettled && other.unsettled && leaf.va === other.leaf.va;
      if (!copies && (page === undefined || other.group !== page.group)) {
        return {
          rule: other.label === label || !model.forked ? 'LP-22' : 'CW-4',
          summary: `two pages share one frame: ${pair}`,
          expected: 'each has a frame of its own',
          observed: `both lead to frame ${hex(leaf.frame)}`,
          va,
        };
      }
      if (((leaf.rights | other.leaf.rights) & WRITE) !== 0) {
        return {
          rule: 'CW-3',
          summary: `a shared page can be written: ${pair}`,
          expected: 'shared pages are read-only until they are copied',
          observed: `frame ${hex(leaf.frame)} is shared and writable`,
          va,
        };
      }
    }
  }
  return null;
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
