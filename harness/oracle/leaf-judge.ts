/** Judges the leaves of processes after an operation: which of them are wrong by themselves. */
import { faultedPages } from './fork-rules.ts';
import type { ProcessRecord } from './process-record.ts';
import type { Scene } from './scene.ts';
import { leafMismatches, type PlacedMismatch } from './space-rules.ts';

/** Notes the leaves that are wrong, each once. */
export function judgeLeaves(record: ProcessRecord, scene: Scene): void {
  const { op, step } = scene;
  for (const each of leafMismatches(record.model, record.leaves, op, step, record.known.wrong)) {
    record.known.wrong.add(each.seen);
    if (record.known.isKnown(each)) continue;
    const found = record.placed(scene, letThrough(record, scene, each));
    record.note(found);
    record.known.addLeaf(each, found);
  }
}

/** A store that an old translation has let through raised no fault: that its page still cannot be written follows from that. */
function letThrough(
  record: ProcessRecord,
  { op, step }: Scene,
  mismatch: PlacedMismatch,
): PlacedMismatch {
  const page = Number(BigInt(mismatch.va));
  const stale = record.known.stale.get(page);
  const isStore = op.op === 'access' && op.kind === 'write';
  if (stale === undefined || !isStore || mismatch.rights?.extra !== 0) return mismatch;
  if (faultedPages(step.faults).has(page)) return mismatch;
  return { ...mismatch, perhaps: [...(mismatch.perhaps ?? []), stale], surely: [stale] };
}
