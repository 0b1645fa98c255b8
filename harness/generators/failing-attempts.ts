/** Programs in which operations are tried under failures before they are carried out. */
import type { Injection } from '../../reference/contract/injection.ts';
import type { Op, Program } from '../protocol/program.ts';

/** A program with attempts in it, and where they are. */
export interface Attempted {
  readonly program: Program;
  /** For each operation with attempts, by its place in the program without: the places of the attempts, and of the operation itself after them. */
  readonly places: ReadonlyMap<
    number,
    { readonly attempts: readonly number[]; readonly last: number }
  >;
}

/**
 * `program` in which each operation that `attempts` has (by its place) is tried before it is carried out: once under each of the failures, in order. A correct
 * pager refuses every attempt whose failure happens, and is left as it was, so that the rest of the program goes as it would have.
 */
export function withAttempts(
  program: Program,
  attempts: ReadonlyMap<number, readonly Injection[]>,
): Attempted {
  const ops: Op[] = [];
  const places = new Map<number, { attempts: readonly number[]; last: number }>();
  const made = new Map<string, Op>();
  for (const [at, op] of program.ops.entries()) {
    if (op.op === 'new-page') made.set(op.page, op);
    const tried = (attempts.get(at) ?? []).map((fault) => {
      ops.push({ ...op, fault } as Op);
      const place = ops.length - 1;
      // `map` uses its page up even when it fails.
      if (op.op === 'map')
        ops.push(made.get(op.page) ?? { op: 'new-page', page: op.page, fill: 1 });
      return place;
    });
    if (tried.length > 0) places.set(at, { attempts: tried, last: ops.length });
    ops.push(op);
  }
  return { program: { ...program, ops }, places };
}
