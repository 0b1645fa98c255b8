/** Which pages share a frame, and which may: what fork is about. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp } from '../protocol/program.ts';
import type { AddressSpaceModel } from './address-space-model.ts';
import type { ModelPage, ModelProcess } from './model-process.ts';
import type { Mismatch } from './mismatch.ts';
import { leafName } from './space-rules.ts';

const WRITE = 2;

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

interface User {
  readonly label: string;
  readonly process: ModelProcess;
  readonly page: ModelPage | undefined;
  readonly leaf: Leaf;
  readonly readOnly: boolean;
  readonly isWidened: boolean;
}

/** Two leaves on one frame that must not be. */
export interface Sharing {
  readonly mismatch: Mismatch;
  /** A fork has made one a copy of the other. */
  readonly areCopies: boolean;
  /** The pages, as far as something has touched them. */
  readonly pages: readonly ModelPage[];
  /** Names of the two leaves. */
  readonly leaves: readonly [string, string];
  readonly va: number;
  readonly frame: number;
}

/**
 * Two pages may share a frame only as unwritten copies of one page, and then nobody may write to it; or if both regions are read-only (a pager
 * may keep a page of zeros, or the blocks of a file, for all of them).
 */
export function forbiddenSharing(model: AddressSpaceModel, now: Leaves, op: ProcessOp): Sharing[] {
  const users = new Map<number, User>();
  const found: Sharing[] = [];
  for (const [label, process] of model.processes) {
    for (const leaf of now.get(label) ?? []) {
      const region = model.regionAt(process, leaf.va);
      // A page outside of all regions is wrong for another reason.
      if (region === undefined) continue;
      if (region.file?.cached === true && (leaf.rights & WRITE) === 0) continue;
      const readOnly = ((region.prot | leaf.rights) & WRITE) === 0;
      const isWidened = (leaf.rights & ~region.prot & WRITE) !== 0;
      const user = { label, process, page: process.pages.get(leaf.va), leaf, readOnly, isWidened };
      const other = users.get(leaf.frame);
      if (other === undefined) users.set(leaf.frame, user);
      else if (!readOnly || !other.readOnly) {
        const sharing = sharingOf(other, user, op);
        if (sharing !== null) found.push(sharing);
      }
    }
  }
  return found;
}

function sharingOf(one: User, two: User, op: ProcessOp): Sharing | null {
  const va = hex(two.leaf.va) as Hex;
  const pair = `${one.label} at ${hex(one.leaf.va)} and ${two.label} at ${va}`;
  const leaves = [leafName(one.label, one.leaf.va), leafName(two.label, two.leaf.va)] as const;
  const mismatch = { expected: 'each has a frame of its own', va };
  const pages = [one.page, two.page].filter((page) => page !== undefined);
  const place = { pages, leaves, va: two.leaf.va, frame: two.leaf.frame };
  const isWritable = ((one.leaf.rights | two.leaf.rights) & WRITE) !== 0;
  if (one.page?.forked !== true || two.page?.forked !== true || !areCopies(one, two)) {
    return {
      mismatch: {
        ...mismatch,
        rule: 'LP-22',
        // Read-only pages may share a frame: then only the right to write is wrong.
        perhaps: one.isWidened || two.isWidened ? ['LP-10'] : [],
        summary: `two pages share one frame: ${pair}`,
        observed: `both lead to frame ${hex(two.leaf.frame)}`,
      },
      areCopies: false,
      ...place,
    };
  }
  if (one.page.group === two.page.group && !isWritable) return null;
  const isWrite = isWriteTo(op, two.leaf.va);
  const summary = isWrite
    ? `a write did not get a page of its own: ${pair} still share one`
    : isWritable
      ? `a shared page can be written: ${pair}`
      : `a page that was copied is shared again: ${pair}`;
  return {
    mismatch: {
      ...mismatch,
      rule: isWrite ? 'CW-8' : 'CW-3',
      summary,
      expected: 'shared pages are read-only until they are copied',
      observed: `frame ${hex(two.leaf.frame)} is shared${isWritable ? ' and writable' : ''}`,
    },
    areCopies: true,
    ...place,
  };
}

/** Whether the operation should have given the page at `va` a frame of its own. */
function isWriteTo(op: ProcessOp, va: number): boolean {
  if (op.op === 'page-fault') return (op.code & 3) === 3;
  if (op.op !== 'access' || op.kind !== 'write') return false;
  const start = Number(BigInt(op.addr));
  return start < va + 4096 && va < start + op.length;
}

function areCopies(one: User, two: User): boolean {
  return one.leaf.va === two.leaf.va && one.process.relatives === two.process.relatives;
}

/** A leaf that the fork `op` should have left on its frame, or put there. */
export interface Unshared {
  readonly mismatch: Mismatch;
  readonly va: number;
  /** The process whose leaf it is. */
  readonly space: string;
}

/**
 * Right after a fork every page that the parent had loaded is mapped in both, on the same frame. After one that failed (`child` is `null`) that holds
 * for the parent alone.
 */
export function unsharedAtFork(
  model: AddressSpaceModel,
  now: Leaves,
  before: Leaves,
  parent: string,
  child: string | null,
): Unshared[] {
  const found: Unshared[] = [];
  const pages = model.processes.get(parent)?.pages;
  for (const space of child === null ? [parent] : [parent, child]) {
    const leaves = new Map((now.get(space) ?? []).map((leaf) => [leaf.va, leaf]));
    for (const { va, frame } of before.get(parent) ?? []) {
      const leaf = leaves.get(va);
      if (pages?.has(va) !== true || leaf?.frame === frame) continue;
      const mismatch = {
        rule: child === null ? 'CW-9' : 'CW-2',
        summary:
          child === null
            ? `after the fork failed ${space} has lost the page at ${hex(va)}`
            : `after the fork ${space} does not share the page at ${hex(va)}`,
        expected: `${hex(va)} still leads to frame ${hex(frame)}`,
        observed: leaf === undefined ? 'no translation' : `frame ${hex(leaf.frame)}`,
        va: hex(va) as Hex,
      };
      found.push({ mismatch, va, space });
    }
  }
  return found;
}
