/** What page tables map, held against what the model says they must. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex, toLinear } from '../../reference/x86/address.ts';
import type { Hex, PageTableOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { Mismatch } from './mismatch.ts';
import type { Expectation, ModelTable } from './page-table-model.ts';
import { permissionText } from './words.ts';

/** An operation that has been carried out, and what it had to come to. */
export interface Done {
  readonly op: PageTableOp;
  readonly expectation: Expectation;
  readonly step: Step;
}

/** A page that is not mapped as it should be. */
export interface PageMismatch extends Mismatch {
  readonly va: Hex;
  /** Label of the page table. */
  readonly space: string;
}

/** The first page of one of `tables` that is not mapped, or to another frame, or that should not be mapped. */
export function misplacedPage(
  done: Done,
  tables: ReadonlyMap<string, ModelTable>,
  now: ReadonlyMap<string, readonly Leaf[]>,
): PageMismatch | null {
  for (const [space, { pages }] of tables) {
    const seen = new Map((now.get(space) ?? []).map((leaf) => [leaf.va, leaf]));
    for (const [va, { frame, label }] of pages) {
      const leaf = seen.get(toLinear(BigInt(va)));
      seen.delete(toLinear(BigInt(va)));
      if (leaf?.frame === frame) continue;
      const isItsOwn = concerns(done, space, va);
      const place = { rule: lossRule(done, space, va), va, space };
      return leaf === undefined
        ? {
            ...place,
            summary: `${va} is not mapped${isItsOwn ? '' : ' any more'}`,
            expected: `${va} leads to ${label}`,
            observed: 'no translation',
          }
        : {
            ...place,
            summary: `${va} leads to the wrong frame`,
            expected: `frame ${hex(frame)} (${label})`,
            observed: `frame ${hex(leaf.frame)}`,
          };
    }
    for (const leaf of seen.values()) {
      const va = hex(leaf.va) as Hex;
      return {
        rule: isAnswerable(done, space, va) ? done.expectation.rule : 'PT-8',
        summary: `${va} is mapped, but should not be`,
        expected: `no translation for ${va}`,
        observed: `${va} leads to frame ${hex(leaf.frame)}`,
        va,
        space,
      };
    }
  }
  return null;
}

/** Pages that are where they should be, with other rights than they were mapped with. */
export function* pagesWithOtherRights(
  done: Done,
  tables: ReadonlyMap<string, ModelTable>,
  now: ReadonlyMap<string, readonly Leaf[]>,
): Generator<PageMismatch> {
  for (const [space, { pages }] of tables) {
    const seen = new Map((now.get(space) ?? []).map((leaf) => [leaf.va, leaf]));
    for (const [va, { perm }] of pages) {
      const leaf = seen.get(toLinear(BigInt(va)));
      if (leaf === undefined || leaf.rights === perm) continue;
      yield {
        rule: rightsRule(done, space, va, leaf, perm),
        summary: `${va} has other rights than it was mapped with`,
        expected: permissionText(perm),
        observed: `${permissionText(leaf.rights)} after combining all four levels`,
        va,
        space,
      };
    }
  }
}

/** Whether the operation is about this page. In another table than its own everything is another mapping. */
function concerns({ op, expectation }: Done, space: string, va: Hex): boolean {
  return 'table' in op && op.table === space && expectation.concerns === va;
}

/** Whether what happened to the page is judged by the rule of the operation. */
function isAnswerable(done: Done, space: string, va: Hex): boolean {
  const { op, step } = done;
  if (step.injected || concerns(done, space, va)) return true;
  // These are about all pages of their table.
  return (op.op === 'clear-table' || op.op === 'drop-table') && op.table === space;
}

/** Rule that a page which is gone breaks. Mapping more pages must not lose those that are there. */
function lossRule(done: Done, space: string, va: Hex): string {
  const { op, expectation, step } = done;
  if (isAnswerable(done, space, va)) return expectation.rule;
  const isMap = (op.op === 'map' || op.op === 'do-map') && op.table === space;
  return isMap && step.outcome.kind === 'ok' ? 'PT-3' : 'PT-8';
}

/** Rule that wrong rights break: those of the leaf itself, or what the tables above it leave of them. */
function rightsRule(done: Done, space: string, va: Hex, leaf: Leaf, perm: number): string {
  const { op, expectation, step } = done;
  if ((leaf.own ?? leaf.rights) === perm) return 'PT-7';
  const isItsOwn = concerns(done, space, va);
  const isRefused = step.outcome.kind === 'error';
  if (isRefused && (step.injected || isItsOwn)) return expectation.rule;
  if (!isItsOwn) return 'PT-8';
  return op.op === 'walk-mut' ? expectation.rule : 'PT-4';
}
