/** Regions in an AVL tree by start address. */
import type { Permission, Va } from 'keos';

export interface Region {
  readonly start: Va;
  /** Exclusive. */
  readonly end: bigint;
  readonly prot: Permission;
}

/** A tree is a node or nothing; nodes are never changed. */
interface Node {
  readonly region: Region;
  readonly left: Tree;
  readonly right: Tree;
  readonly height: number;
}

export type Tree = Node | null;

function heightOf(tree: Tree): number {
  return tree === null ? 0 : tree.height;
}

function node(left: Tree, region: Region, right: Tree): Node {
  return { region, left, right, height: 1 + Math.max(heightOf(left), heightOf(right)) };
}

/** A balanced tree of parts that differ by at most two in height. */
function balanced(left: Tree, region: Region, right: Tree): Node {
  const lean = heightOf(left) - heightOf(right);
  if (left !== null && lean > 1) {
    const { left: far, right: near } = left;
    if (near !== null && heightOf(near) > heightOf(far))
      return node(node(far, left.region, near.left), near.region, node(near.right, region, right));
    return node(far, left.region, node(near, region, right));
  }
  if (right !== null && lean < -1) {
    const { left: near, right: far } = right;
    if (near !== null && heightOf(near) > heightOf(far))
      return node(node(left, region, near.left), near.region, node(near.right, right.region, far));
    return node(node(left, region, near), right.region, far);
  }
  return node(left, region, right);
}

export function inserted(tree: Tree, region: Region): Node {
  if (tree === null) return node(null, region, null);
  return region.start < tree.region.start
    ? balanced(inserted(tree.left, region), tree.region, tree.right)
    : balanced(tree.left, tree.region, inserted(tree.right, region));
}

export function without(tree: Tree, start: bigint): Tree {
  if (tree === null) return null;
  const { left, region, right } = tree;
  if (start < region.start) return balanced(without(left, start), region, right);
  if (start > region.start) return balanced(left, region, without(right, start));
  if (right === null) return left;
  let next = right;
  while (next.left !== null) next = next.left;
  return balanced(left, next.region, without(right, next.region.start));
}

/** The region with the highest start below `limit`. */
export function lastBelow(tree: Tree, limit: bigint): Region | null {
  if (tree === null) return null;
  if (tree.region.start >= limit) return lastBelow(tree.left, limit);
  return lastBelow(tree.right, limit) ?? tree.region;
}
