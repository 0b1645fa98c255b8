/**
 * The regions of a process, ordered by address: a treap whose nodes also know where the last region below them ends.
 *
 * Priorities are a hash of the start address, so a tree depends on what is in it, not on chance.
 */
import type { VmAreaStruct } from './lazy-pager';

interface Node {
  readonly region: VmAreaStruct;
  readonly priority: number;
  left: Node | null;
  right: Node | null;
  /** The largest `end` of this node and all below it. */
  maxEnd: bigint;
}

/** 32 bits of the page number, well mixed. */
function priorityOf(start: bigint): number {
  const page = start >> 12n;
  let x = Number(page & 0xffff_ffffn) ^ Math.imul(Number(page >> 32n), 0x9e37_79b1);
  x = Math.imul(x ^ (x >>> 16), 0x7feb_352d);
  x = Math.imul(x ^ (x >>> 15), 0x846c_a68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function update(node: Node): Node {
  let max = node.region.end;
  if (node.left !== null && node.left.maxEnd > max) max = node.left.maxEnd;
  if (node.right !== null && node.right.maxEnd > max) max = node.right.maxEnd;
  node.maxEnd = max;
  return node;
}

/** Takes a tree apart: what starts below `key`, and the rest. */
function split(node: Node | null, key: bigint): [Node | null, Node | null] {
  if (node === null) return [null, null];
  if (node.region.start < key) {
    const [low, high] = split(node.right, key);
    node.right = low;
    return [update(node), high];
  }
  const [low, high] = split(node.left, key);
  node.left = high;
  return [low, update(node)];
}

/** Joins two trees, all of `low` before all of `high`. */
function merge(low: Node | null, high: Node | null): Node | null {
  if (low === null) return high;
  if (high === null) return low;
  if (low.priority >= high.priority) {
    low.right = merge(low.right, high);
    return update(low);
  }
  high.left = merge(low, high.left);
  return update(high);
}

function copy(node: Node | null): Node | null {
  if (node === null) return null;
  return {
    region: node.region.clone(),
    priority: node.priority,
    left: copy(node.left),
    right: copy(node.right),
    maxEnd: node.maxEnd,
  };
}

export class RegionTree {
  #root: Node | null = null;

  /** A region that has an address in `start`..`end` (exclusive), or `null`. */
  overlapping(start: bigint, end: bigint): VmAreaStruct | null {
    let node = this.#root;
    while (node !== null) {
      if (node.region.start < end && node.region.end > start) return node.region;
      node = node.left !== null && node.left.maxEnd > start ? node.left : node.right;
    }
    return null;
  }

  /** The region that contains `address`, or `null`. */
  find(address: bigint): VmAreaStruct | null {
    return this.overlapping(address, address + 1n);
  }

  /** Adds a region that overlaps no other. */
  insert(region: VmAreaStruct): void {
    const [low, high] = split(this.#root, region.start);
    const node: Node = {
      region,
      priority: priorityOf(region.start),
      left: null,
      right: null,
      maxEnd: region.end,
    };
    this.#root = merge(merge(low, node), high);
  }

  /** Removes the region that starts at `start`, if there is one. */
  remove(start: bigint): void {
    const [low, rest] = split(this.#root, start);
    const [, high] = split(rest, start + 1n);
    this.#root = merge(low, high);
  }

  /** The same regions, each a clone. */
  clone(): RegionTree {
    const tree = new RegionTree();
    tree.#root = copy(this.#root);
    return tree;
  }
}
