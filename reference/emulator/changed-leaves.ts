/** The leaves of all address spaces, and which of them are not what they were when somebody last asked. */
import type { Leaf, SpaceChange } from '../contract/machine-facts.ts';
import { TooManyLeaves } from './too-many-leaves.ts';

interface Space {
  readonly leaves: Map<number, Leaf>;
  /** Leaves touched since the last {@link ChangedLeaves.take}, as they were then. */
  readonly before: Map<number, Leaf | undefined>;
  isNew: boolean;
}

export class ChangedLeaves {
  readonly #spaces = new Map<number, Space>();
  /** Spaces that {@link take} told of and that are gone. */
  readonly #gone = new Set<number>();
  readonly #most: number;

  /** @param most leaves that a space may have */
  constructor(most = Infinity) {
    this.#most = most;
  }

  addSpace(root: number): void {
    this.#spaces.set(root, { leaves: new Map(), before: new Map(), isNew: true });
  }

  removeSpace(root: number): void {
    const space = this.#spaces.get(root);
    if (space === undefined) return;
    this.#spaces.delete(root);
    if (!space.isNew) this.#gone.add(root);
  }

  get(root: number, va: number): Leaf | undefined {
    return this.#spaces.get(root)?.leaves.get(va);
  }

  /** Throws {@link TooManyLeaves}. */
  set(root: number, leaf: Leaf): void {
    const space = this.#spaces.get(root);
    if (space === undefined) return;
    if (!space.before.has(leaf.va)) space.before.set(leaf.va, space.leaves.get(leaf.va));
    space.leaves.set(leaf.va, leaf);
    if (space.leaves.size > this.#most) throw new TooManyLeaves();
  }

  delete(root: number, va: number): void {
    const space = this.#spaces.get(root);
    if (space === undefined) return;
    if (!space.before.has(va)) space.before.set(va, space.leaves.get(va));
    space.leaves.delete(va);
  }

  /** All leaves of a space, ascending. */
  all(root: number): readonly Leaf[] {
    return [...(this.#spaces.get(root)?.leaves.values() ?? [])].sort((a, b) => a.va - b.va);
  }

  /** Pages that were touched since the last {@link take}. */
  changed(root: number): Iterable<number> {
    return this.#spaces.get(root)?.before.keys() ?? [];
  }

  /** Makes everything what `spaces` says. */
  replace(spaces: ReadonlyMap<number, readonly Leaf[]>): void {
    for (const root of [...this.#spaces.keys()]) if (!spaces.has(root)) this.removeSpace(root);
    for (const [root, leaves] of spaces) {
      if (!this.#spaces.has(root)) this.addSpace(root);
      const now = new Set(leaves.map(({ va }) => va));
      for (const va of [...this.#spaces.get(root)!.leaves.keys()])
        if (!now.has(va)) this.delete(root, va);
      for (const leaf of leaves) this.set(root, leaf);
    }
  }

  /** What has changed since it was last asked. */
  take(): ReadonlyMap<number, SpaceChange | null> {
    const changes = new Map<number, SpaceChange | null>();
    for (const root of this.#gone) changes.set(root, null);
    for (const [root, space] of this.#spaces) {
      const change = changeOf(space);
      if (space.isNew || change.gone.length > 0 || change.leaves.length > 0)
        changes.set(root, change);
      space.isNew = false;
      space.before.clear();
    }
    this.#gone.clear();
    return changes;
  }
}

function changeOf({ leaves, before }: Space): SpaceChange {
  const gone: number[] = [];
  const changed: Leaf[] = [];
  for (const [va, old] of before) {
    const now = leaves.get(va);
    if (now === undefined) {
      if (old !== undefined) gone.push(va);
    } else if (old?.frame !== now.frame || old.rights !== now.rights || old.own !== now.own) {
      changed.push(now);
    }
  }
  return { gone: gone.sort((a, b) => a - b), leaves: changed.sort((a, b) => a.va - b.va) };
}
