/** Which rule is charged for what the machine itself finds wrong with processes: frames and tables that are not owned as they should be, and panics. */
import type { Fact } from '../../reference/contract/machine-facts.ts';
import { hasForked, staleRule } from './fork-rules.ts';
import type { Charge, Mismatch } from './mismatch.ts';
import type { ProcessRecord } from './process-record.ts';
import { pageOf } from './region-rules.ts';
import { failureRule, type Scene } from './scene.ts';
import { leafName, strayRule } from './space-rules.ts';

/** Everything is released in the end. */
export const FRAMES = 'LP-21';

/** The rule about frames that live too short; `frame`: which, if that is known. */
function framesCharge(
  { forks, known }: ProcessRecord,
  { op, process }: Scene,
  frame?: number,
): Charge {
  const isShared =
    frame === undefined ? hasForked(process) : forks.hasFrame(frame) || known.loose.size > 0;
  return isShared || op.op === 'fork' ? { rule: 'CW-14', unforked: [FRAMES] } : { rule: FRAMES };
}

/** The rule about frames that live too long, if that leaves none to go on with. */
export function hoardingCharge({ process }: Scene): Charge {
  // Not `unforked`: processes that share nothing need more frames, whoever is to blame.
  return hasForked(process) ? { rule: 'CW-15', perhaps: [FRAMES] } : { rule: FRAMES };
}

/** The rule that an entry breaks whose frame it does not own, or not alone. */
export function entryCharge(
  record: ProcessRecord,
  scene: Scene,
  fact: Extract<Fact, { kind: 'shared-table' | 'dangling-entry' | 'under-owned' }>,
): Charge {
  const isLoose = record.known.loose.size > 0;
  if (fact.kind === 'shared-table' && scene.op.op === 'fork' && !isLoose) return { rule: 'CW-1' };
  const charge = framesCharge(record, scene, fact.frame);
  const rule = failureRule(scene, charge.rule);
  if (rule === charge.rule || !record.model.forked) return { ...charge, rule };
  // What fails without a failure, too, is not made worse by one.
  return { ...charge, rule, perhaps: [charge.rule] };
}

/**
 * The rule that a panic of the machine breaks.
 *
 * @param about what the machine says that it is about
 * @param natural what is charged if that says nothing
 */
export function panicCharge(
  record: ProcessRecord,
  scene: Scene,
  about: string | undefined,
  natural: Mismatch,
): Charge {
  const { op, step, process, copies } = scene;
  if (about === 'leaves') return strayCharge(record, scene);
  const page = natural.va === undefined ? -1 : pageOf(natural.va);
  // A copy that leaves its translation pending has not come about.
  const stale = copies ? 'CW-4' : staleRule(record.model, process, op, step, page);
  const charge: Charge =
    about === 'frames' && natural.rule !== 'LP-24'
      ? framesCharge(record, scene)
      : about === 'invalidation'
        ? { rule: stale }
        : about === 'kernel-half'
          ? { rule: 'LP-24' }
          : natural;
  return { ...charge, rule: failureRule(scene, charge.rule) };
}

/** What is present beyond all that was ever mapped lies in no region: it is charged as what did so before, if anything did, and else as new. */
function strayCharge({ model, leaves, known }: ProcessRecord, { op, step }: Scene): Charge {
  for (const [label, process] of model.processes) {
    for (const { va } of leaves.get(label) ?? []) {
      if (model.regionAt(process, va) !== undefined) continue;
      const before = known.chargeOf(leafName(label, va));
      if (before !== undefined) return before;
    }
  }
  return { rule: strayRule(model, op, step) };
}
