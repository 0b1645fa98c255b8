/** What the page tables of processes may hold, given the model: which pages, with which rights, and which may share a frame. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { AddressSpaceModel, ModelPage, Region } from './address-space-model.ts';
import { wrongRights } from './fork-rules.ts';
import type { Mismatch } from './mismatch.ts';
import { permissionText } from './words.ts';

const WRITE = 2;

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

/** What is wrong with one leaf. */
type LeafMismatch = Mismatch & { readonly va: Hex };

/** The same, with the process that it is in and a name of its own. */
export type PlacedMismatch = LeafMismatch & { readonly space: string; readonly leaf: string };

/** Tells a leaf from all others: a page of a process. */
export function leafName(space: string, va: number): string {
  return `${space} ${hex(va)}`;
}

/** Leaves that lie in no region, belong to a page nothing has touched, or grant other rights than the region. None of it disturbs what comes later. */
export function leafMismatches(
  model: AddressSpaceModel,
  now: Leaves,
  op: ProcessOp,
): PlacedMismatch[] {
  const found: PlacedMismatch[] = [];
  for (const [label, process] of model.processes) {
    for (const leaf of now.get(label) ?? []) {
      const region = model.regionAt(process, leaf.va);
      const page = process.pages.get(leaf.va);
      const maybe = page === undefined && region !== undefined && process.maybeLoaded.has(leaf.va);
      // A page that a refused access has loaded may grant less than its region does.
      const mismatch = maybe
        ? rightsMismatch(leaf, region, undefined, op)
        : leafMismatch(leaf, region, page, op);
      if (mismatch !== null)
        found.push({ ...mismatch, space: label, leaf: leafName(label, leaf.va) });
    }
  }
  return found;
}

/** A touched page that was there before the operation and is gone, though its region is still mapped. */
export function disappearance(
  model: AddressSpaceModel,
  now: Leaves,
  before: Leaves,
  injected: boolean,
): (Mismatch & { readonly space: string }) | null {
  for (const [label, process] of model.processes) {
    const present = new Set((now.get(label) ?? []).map((leaf) => leaf.va));
    for (const { va } of before.get(label) ?? []) {
      if (present.has(va) || !process.pages.has(va)) continue;
      return {
        rule: injected ? 'LP-23' : 'LP-18',
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

function leafMismatch(
  leaf: Leaf,
  region: Region | undefined,
  page: ModelPage | undefined,
  op: ProcessOp,
): LeafMismatch | null {
  const va = hex(leaf.va) as Hex;
  if (region === undefined) {
    const rules = { munmap: 'LP-14', mmap: 'LP-5', access: 'LP-9', fork: 'CW-5' };
    const rule = rules[op.op as keyof typeof rules] ?? 'LP-18';
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
  return rightsMismatch(leaf, region, page, op);
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
    summary: `${va} is mapped with ${extra === 0 ? 'fewer' : 'more'} rights than its region has`,
    expected: permissionText(region.prot),
    observed: `${permissionText(leaf.rights)} after combining all four levels`,
    va,
  };
}

