/** Follows the address spaces of a trace from step to step. */
import type { Leaf, SpaceChange } from '../../reference/contract/machine-facts.ts';
import type { Step } from '../protocol/trace.ts';

/** Brings `known` (all leaves of each space by label, ascending) up to date with a step. Leaves that have not changed stay the same objects. */
export function applySpaces(known: Map<string, readonly Leaf[]>, spaces: Step['spaces']): void {
  for (const [label, change] of Object.entries(spaces)) {
    if (change === null) known.delete(label);
    else known.set(label, 'gone' in change ? changed(known.get(label) ?? [], change) : change);
  }
}

function changed(before: readonly Leaf[], { gone, leaves }: SpaceChange): readonly Leaf[] {
  const byAddress = new Map(before.map((leaf) => [leaf.va, leaf]));
  for (const va of gone) byAddress.delete(va);
  for (const leaf of leaves) byAddress.set(leaf.va, leaf);
  return [...byAddress.values()].sort((a, b) => a.va - b.va);
}
