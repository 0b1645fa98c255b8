/** Judges what the machine itself finds wrong with processes: facts that it sees after an operation, and panics in one. */
import type { Outcome } from '../protocol/trace.ts';
import { factText } from './facts.ts';
import { amongRelatives, refusalRule, staleRule } from './fork-rules.ts';
import { entryCharge, FRAMES, panicCharge } from './machine-charges.ts';
import type { Charge, ProcessExpectation } from './mismatch.ts';
import type { ProcessRecord } from './process-record.ts';
import { failureRule, type Scene } from './scene.ts';
import type { Divergence } from './verdict.ts';
import { outcomeText } from './words.ts';

/** Notes the facts that disturb nothing. What it returns ends the comparison. */
export function judgeFacts(record: ProcessRecord, scene: Scene): Divergence | null {
  const { op, step, space, process } = scene;
  for (const fact of step.facts) {
    const { summary, expected, observed, va, sites = null } = factText(fact);
    const found = (charge: Charge): Divergence => {
      const place = { summary, expected, observed, ...(va === null ? {} : { va }) };
      return { ...record.divergence({ ...charge, ...place }, space), sites };
    };
    switch (fact.kind) {
      case 'stale-translation': {
        const rule = staleRule(record.model, process, op, step, fact.va);
        record.known.stale.set(fact.va, rule);
        record.note(found({ rule }));
        break;
      }
      // Graded programs run on processors that remember no structures.
      case 'stale-structure':
        break;
      case 'kernel-half':
        return found({ rule: refusalRule(process, 'code' in op ? op : {}, step, 'LP-24') });
      case 'bad-entry':
        return found({ rule: failureRule(scene, op.op === 'fork' ? 'CW-12' : 'LP-10') });
      case 'shared-table':
      case 'dangling-entry':
      case 'under-owned': {
        const charge = entryCharge(record, scene, fact);
        if (charge.rule !== 'CW-14') return found(charge);
        // One of several has too few owners: the others go on.
        record.known.loose.add(fact.frame);
        record.note(found(charge));
        break;
      }
      case 'leak':
        return found({ rule: failureRule(scene, FRAMES) });
    }
  }
  return null;
}

/** What an operation that ended in a panic has broken. */
export function judgePanic(
  record: ProcessRecord,
  scene: Scene,
  outcome: Extract<Outcome, { kind: 'panic' }>,
  expectation: ProcessExpectation,
): Divergence {
  const { op, step, space, process } = scene;
  const { panic } = outcome;
  const observed = outcomeText(outcome);
  const summary = panic.kind === 'todo' ? observed : `${op.op} did not survive: ${panic.message}`;
  const va = 'addr' in op ? op.addr : undefined;
  const mismatch = {
    summary,
    expected: expectation.text,
    observed,
    ...(expectation.perhaps === undefined ? {} : { perhaps: expectation.perhaps }),
    ...(va === undefined ? {} : { va }),
  };
  const expected = expectation.panicRule?.(step) ?? expectation.rule;
  const rule = refusalRule(process, 'code' in op ? op : {}, step, expected);
  const natural = amongRelatives(process, op, { ...mismatch, rule });
  const charge = panic.kind === 'todo' ? natural : panicCharge(record, scene, panic.about, natural);
  const sites = panic.sites ?? null;
  return { ...record.divergence({ ...mismatch, ...charge }, space), panic, sites };
}
