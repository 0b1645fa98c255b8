/**
 * An AVL tree of ranges by their start, each node of which knows the highest end below it. Nodes never change: an insertion or a removal builds
 * the few that differ and ends with one assignment of the root.
 */
export interface Span {
  readonly startVaddr: bigint;
  /** One past the last byte. */
  readonly endVaddr: bigint;
  contains(vaddr: bigint): boolean;
}

type Tree<S extends Span> = Node<S> | null;

class Node<S extends Span> {
  readonly height: number;
  readonly maxEnd: bigint;

  constructor(
    readonly left: Tree<S>,
    readonly span: S,
    readonly right: Tree<S>,
  ) {
    this.height = 1 + Math.max(heightOf(left), heightOf(right));
    let maxEnd = span.endVaddr;
    if (left !== null && left.maxEnd > maxEnd) maxEnd = left.maxEnd;
    if (right !== null && right.maxEnd > maxEnd) maxEnd = right.maxEnd;
    this.maxEnd = maxEnd;
  }
}

function heightOf(tree: Tree<Span>): number {
  return tree === null ? 0 : tree.height;
}

/** A node of these parts, whose heights differ by two at most, rotated if they differ by two. */
function balanced<S extends Span>(left: Tree<S>, span: S, right: Tree<S>): Node<S> {
  if (left !== null && left.height > heightOf(right) + 1) {
    const inner = left.right;
    if (inner === null || heightOf(left.left) >= inner.height) {
      return new Node(left.left, left.span, new Node(inner, span, right));
    }
    return new Node(
      new Node(left.left, left.span, inner.left),
      inner.span,
      new Node(inner.right, span, right),
    );
  }
  if (right !== null && right.height > heightOf(left) + 1) {
    const inner = right.left;
    if (inner === null || heightOf(right.right) >= inner.height) {
      return new Node(new Node(left, span, inner), right.span, right.right);
    }
    return new Node(
      new Node(left, span, inner.left),
      inner.span,
      new Node(inner.right, right.span, right.right),
    );
  }
  return new Node(left, span, right);
}

function inserted<S extends Span>(tree: Tree<S>, span: S): Node<S> {
  if (tree === null) return new Node<S>(null, span, null);
  if (span.startVaddr < tree.span.startVaddr) {
    return balanced(inserted(tree.left, span), tree.span, tree.right);
  }
  if (span.startVaddr > tree.span.startVaddr) {
    return balanced(tree.left, tree.span, inserted(tree.right, span));
  }
  return new Node(tree.left, span, tree.right);
}

function removed<S extends Span>(tree: Tree<S>, start: bigint): Tree<S> {
  if (tree === null) return null;
  if (start < tree.span.startVaddr) {
    return balanced(removed(tree.left, start), tree.span, tree.right);
  }
  if (start > tree.span.startVaddr) {
    return balanced(tree.left, tree.span, removed(tree.right, start));
  }
  if (tree.left === null) return tree.right;
  if (tree.right === null) return tree.left;
  const next = firstOf(tree.right);
  return balanced(tree.left, next, removed(tree.right, next.startVaddr));
}

function firstOf<S extends Span>(tree: Node<S>): S {
  let node = tree;
  while (node.left !== null) node = node.left;
  return node.span;
}

function found<S extends Span>(tree: Tree<S>, vaddr: bigint): S | null {
  if (tree === null || vaddr >= tree.maxEnd) return null;
  if (vaddr < tree.span.startVaddr) return found(tree.left, vaddr);
  const later = found(tree.right, vaddr);
  if (later !== null) return later;
  if (tree.span.contains(vaddr)) return tree.span;
  return found(tree.left, vaddr);
}

export class SpanTree<S extends Span> {
  #root: Tree<S> = null;

  /** Adds `span`. It takes the place of one with the same start. */
  insert(span: S): void {
    this.#root = inserted(this.#root, span);
  }

  /** Takes away the one that starts at exactly this address, if there is one. */
  remove(startVaddr: bigint): void {
    this.#root = removed(this.#root, startVaddr);
  }

  /** One that contains the address; if there are several, the one that starts last. */
  containing(vaddr: bigint): S | null {
    return found(this.#root, vaddr);
  }
}
