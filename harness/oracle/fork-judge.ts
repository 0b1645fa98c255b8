/** Judges what forks come to: what parent and child share afterwards, and which pages share a frame and must not. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import type { ProcessOp } from '../protocol/program.ts';
import type { ModelProcess } from './model-process.ts';
import type { Leaves, ProcessRecord } from './process-record.ts';
import { failureRule, type Scene } from './scene.ts';
import { forbiddenSharing, unsharedAtFork } from './sharing-rules.ts';
import { PROTECTION_RULES, SHARES } from './unseen.ts';
import type { Divergence } from './verdict.ts';

/** Before a fork is judged: what the parent has in its page table is loaded, whether the model knows why or not, and nothing else is. */
export function adopt(
  { model }: ProcessRecord,
  parent: ModelProcess,
  leaves: readonly Leaf[],
): void {
  for (const { va } of leaves) {
    const region = model.regionAt(parent, va);
    if (region !== undefined) model.adopt(parent, region, va);
  }
  parent.maybeLoaded.clear();
}

/** After a fork was judged: pages that it has loaded, against the rules, are shared like all others from now on. */
export function adoptLoaded(
  { model, leaves }: ProcessRecord,
  parent: ModelProcess,
  space: string,
  child: string,
): void {
  const childs = new Map(leaves.get(child)?.map(({ va, frame }) => [va, frame]));
  for (const { va, frame } of leaves.get(space) ?? []) {
    const region = model.regionAt(parent, va);
    if (region === undefined || parent.pages.has(va) || childs.get(va) !== frame) continue;
    model.adopt(parent, region, va);
    model.share(parent, child, va);
  }
}

/** After a fork: what it shares, or has lost if it failed. `before`: the leaves before it. */
export function judgeFork(record: ProcessRecord, scene: Scene, before: Leaves): Divergence | null {
  const { op, step, space, process } = scene;
  if (op.op !== 'fork' || process === undefined) return null;
  const { model, leaves, forks, unseen } = record;
  const child = step.outcome.kind === 'ok' ? op.child : null;
  if (child === null) forks.fail(before.get(space) ?? []);
  else inherit(record, op);
  const unshared = unsharedAtFork(model, leaves, before, space, child);
  const [first] = unshared;
  const loaded = before.get(space)?.length ?? 0;
  if (child !== null && loaded > unshared.length) unseen.see(...PROTECTION_RULES);
  if (first === undefined) return null;
  const rule = failureRule(scene, first.mismatch.rule);
  const found = record.divergence({ ...first.mismatch, rule }, first.space);
  if (child === null) return found;
  record.note(found);
  if (rule === SHARES) unseen.miss(SHARES, ...PROTECTION_RULES);
  for (const { space: where, va } of unshared) {
    const page = model.processes.get(where)?.pages.get(va);
    if (page !== undefined) model.setApart(page, rule);
  }
  return null;
}

/** What was wrong with a leaf of the parent is wrong with the child's too, and no fault of the fork. */
function inherit(
  { leaves, known }: ProcessRecord,
  { process, child }: Extract<ProcessOp, { op: 'fork' }>,
): void {
  for (const { va } of leaves.get(process) ?? []) known.inherit(process, child, va);
}

/**
 * Pages that share a frame and must not are wrong for themselves: what is in them says nothing more. Those of which a fork has made copies may share
 * one until they are written, so the model has to have `followed` the operation first.
 */
export function judgeSharing(record: ProcessRecord, scene: Scene, followed: boolean): void {
  const { op, space } = scene;
  const { loose, stale, crowded, sharing: known, unprotected } = record.known;
  crowded.clear();
  for (const sharing of forbiddenSharing(record.model, record.leaves, op)) {
    const { mismatch, areCopies, pages, leaves, va, frame } = sharing;
    if (!areCopies) {
      if (!loose.has(frame)) record.note(record.divergence(mismatch, space));
      const contents = pages.map((page) => page.contents);
      for (const each of contents) each.blame(contents);
      crowded.set(frame, contents);
    } else if (followed) {
      const rule = failureRule(scene, mismatch.rule);
      const cause =
        stale.get(va) ?? leaves.map((leaf) => record.known.widening(leaf)).find(Boolean);
      const isNews = !leaves.some((leaf) => known.has(leaf));
      if (isNews && cause !== undefined) record.excused.push({ rule, cause });
      else if (isNews) {
        record.note(record.divergence({ ...mismatch, rule }, space));
        // A fork that does not protect isolates nobody: two rules, not one.
        if (op.op !== 'fork') unprotected.set(va, rule);
      }
      for (const leaf of leaves) known.add(leaf);
      record.model.rejoin(pages);
    }
  }
}
