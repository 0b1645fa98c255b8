/**
 * Judges a trace of operations on processes with a demand pager: results against the address-space model, page tables against what the model allows
 * them to hold, and the machine's facts.
 */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import type { ProcessOp, Program } from '../protocol/program.ts';
import type { Step, Trace } from '../protocol/trace.ts';
import { isRefusal } from './answers.ts';
import { inEagerRules } from './eager-rules.ts';
import { effortMismatch, needlessCopy } from './effort-rules.ts';
import { adopt, adoptLoaded, judgeFork, judgeSharing } from './fork-judge.ts';
import {
  amongRelatives,
  extentOfOp,
  hasForked,
  pagesToCopy,
  refusalRule,
  RELATIVES,
} from './fork-rules.ts';
import { judgeLeaves } from './leaf-judge.ts';
import { leakMismatches } from './leak-rules.ts';
import { leftOver, ofOthers } from './left-over.ts';
import { FRAMES, hoardingCharge } from './machine-charges.ts';
import { judgeFacts, judgePanic } from './machine-judge.ts';
import type { Mismatch, ProcessExpectation } from './mismatch.ts';
import { expectProcessOp } from './process-expectation.ts';
import { type Leaves, ProcessRecord } from './process-record.ts';
import { failureRule, type Scene } from './scene.ts';
import { meetSituations } from './situations.ts';
import { applySpaces } from './space-changes.ts';
import { disappearance, missingPage, wrongUserPage } from './space-rules.ts';
import { isStarved, leavesFrames, starvationText } from './starvation.ts';
import { type Divergence, excusedBy, type Verdict } from './verdict.ts';
import { outcomeText } from './words.ts';

/** Rules that are judged when everything has been released. */
const JUDGED_AT_THE_END: readonly string[] = [FRAMES, 'LP-23', 'CW-9', 'CW-14', 'CW-15'];

/** Judges `trace`, which came from running `program` (process operations only). */
export function judgeProcesses(program: Program, trace: Trace): Verdict {
  const verdict = judgeTrace(new ProcessRecord(program), trace);
  return program.pager === 'eager' ? inEagerRules(verdict) : verdict;
}

function judgeTrace(record: ProcessRecord, trace: Trace): Verdict {
  for (const [index, op] of record.program.ops.entries()) {
    const step = trace.steps[index];
    if (step === undefined) break;
    record.step = index;
    if (step.outcome.kind === 'skipped') continue;
    const broken = judgeOperation(record, op as ProcessOp, step);
    if (broken !== null) return record.verdict(broken);
  }
  const broken = judgeRelease(record, trace);
  const verdict = record.verdict(broken);
  return broken === null ? verdict : { ...verdict, unjudged: JUDGED_AT_THE_END };
}

function judgeOperation(record: ProcessRecord, op: ProcessOp, step: Step): Divergence | null {
  const before = new Map(record.leaves);
  applySpaces(record.leaves, step.spaces);
  const space = 'process' in op ? op.process : '';
  const process = record.model.processes.get(space);
  const copied = pagesToCopy(process, op);
  const scene = { op, step, space, process, copies: copied.length > 0 };
  record.model.mayCopy(copied);
  if (op.op === 'fork' && process !== undefined) adopt(record, process, before.get(space) ?? []);
  const expectation = expectProcessOp(record.model, op);
  if (step.outcome.kind === 'panic') return judgePanic(record, scene, step.outcome, expectation);

  meetSituations(record, scene);
  // Sharing is looked at before results: bytes that are wrong because two pages share a frame have that as their cause.
  if (op.op === 'access' && step.outcome.kind === 'ok') judgeSharing(record, scene, false);
  const broken =
    judgeResult(record, scene, expectation, before) ??
    judgeFork(record, scene, before) ??
    judgeMissing(record, scene) ??
    judgeDisappearance(record, scene, before);
  if (broken !== null) return broken;
  record.forks.follow(record.step, op, scene.copies, record.model, before, record.leaves);
  if (op.op === 'fork' && process !== undefined) {
    judgeLeaves(record, scene);
    adoptLoaded(record, process, space, op.child);
  }
  judgeUserPage(record, scene);
  judgeSharing(record, scene, true);
  judgeLeaves(record, scene);
  judgeEffort(record, scene, before.get(space) ?? []);
  return judgeFacts(record, scene);
}

/** `getUserPage` has returned a page that is not the one at the address. */
function judgeUserPage(record: ProcessRecord, scene: Scene): void {
  const wrong = otherPage(record, scene);
  if (wrong !== null) record.note(record.divergence(wrong, scene.space));
}

function otherPage({ leaves }: ProcessRecord, { op, step, space }: Scene): Mismatch | null {
  const { outcome } = step;
  if (op.op !== 'get-user-page' || outcome.kind !== 'ok' || outcome.frame === undefined)
    return null;
  return wrongUserPage(leaves.get(space) ?? [], op, outcome.frame);
}

/** A mismatch on which nothing depends is noted; anything else that is wrong ends the comparison. */
function judgeResult(
  record: ProcessRecord,
  scene: Scene,
  expectation: ProcessExpectation,
  before: Leaves,
): Divergence | null {
  const { op, step, space, process } = scene;
  const asked = extentOfOp(op);
  if (asked !== null) record.ask(asked);
  const doubts = process?.doubtful.length;
  const mismatch = ofOtherPage(record, scene, expectation.judge(step));
  if (mismatch === null) {
    judgeErrorKind(record, scene, expectation.text);
    return null;
  }
  if (isStarved(record.program, step) && leavesFrames(record.program, record.model)) {
    const observed = outcomeText(step.outcome);
    const hoarded = { ...starvationText(record.program), observed };
    return record.divergence({ ...hoarded, ...hoardingCharge(scene) }, space);
  }
  const caused = record.known.cause(scene, mismatch, record.leaves.get(space) ?? []);
  const found = record.divergence(amongRelatives(process, op, caused), space);
  record.excused.push(...excusedBy(found.rule, [caused.instead ?? found.rule]));
  // What comes of a doubtful mapping is charged to what it was charged to.
  const seers = found.rule === RELATIVES ? process?.relatives : [process];
  for (const doubt of process?.doubtful.slice(doubts) ?? [])
    for (const seer of seers ?? [])
      if (seer !== process || doubt.rule !== found.rule)
        seer?.doubtful.push({ ...doubt, rule: found.rule });
  const isHarmless =
    mismatch.harmless === 'unless mapped' ? areSame(before, record.leaves) : mismatch.harmless;
  if (isHarmless !== true) return found;
  record.note(found);
  if (mismatch.hides !== undefined) record.hide(found, mismatch.hides);
  return null;
}

/** Whether no page table has changed. */
function areSame(before: Leaves, now: Leaves): boolean {
  return [...now].every(([space, leaves]) => before.get(space) === leaves);
}

/** What is wrong in another page than the one asked for is wrong because it is another page. */
function ofOtherPage(
  record: ProcessRecord,
  scene: Scene,
  mismatch: Mismatch | null,
): Mismatch | null {
  const wrong = mismatch === null ? null : otherPage(record, scene);
  return wrong === null ? mismatch : { ...wrong, harmless: true };
}

/** A pager reports failure with a KernelError; another error of the interface is noted once, and otherwise taken as a refusal. */
function judgeErrorKind(
  record: ProcessRecord,
  { op, step, space, process }: Scene,
  expected: string,
): void {
  const { outcome } = step;
  if (!isRefusal(outcome)) return;
  if (!outcome.error.startsWith('PageTableMappingError.')) return;
  const isKnown = process !== undefined && 'addr' in op;
  record.note(
    record.divergence(
      {
        rule: refusalRule(process, 'code' in op ? op : {}, step, 'LP-25'),
        // Rules that explain much if a region is not forgotten where the operation is about.
        perhaps: isKnown
          ? [
              ...leftOver(process, BigInt(op.addr)),
              ...ofOthers(record.model, process, BigInt(op.addr)),
            ]
          : [],
        summary: `${op.op} lets a ${outcome.error} out`,
        expected: `a KernelError (${expected})`,
        observed: outcomeText(outcome),
      },
      space,
    ),
  );
}

function judgeMissing(record: ProcessRecord, { op, step, space }: Scene): Divergence | null {
  const missing = missingPage(record.model, record.leaves, op, step);
  return missing === null ? null : record.divergence(missing, space);
}

function judgeDisappearance(
  record: ProcessRecord,
  scene: Scene,
  before: Leaves,
): Divergence | null {
  const { op, space, process } = scene;
  const rule = failureRule(scene, 'LP-18');
  const gone = disappearance(record.model, record.leaves, before, rule);
  // What a fork does to the pages of the parent was looked at already.
  if (gone === null || (op.op === 'fork' && gone.space === space)) return null;
  const isRelative = hasForked(process) && gone.space !== space;
  // The pages of a region that munmap has taken for the one that was meant.
  const isCall = op.op === 'sys-munmap';
  const perhaps =
    isCall || op.op === 'munmap' ? ['LP-14', 'LP-15', ...(isCall ? ['AS-27'] : [])] : [];
  return record.divergence(
    {
      ...gone,
      perhaps: [...(gone.perhaps ?? []), ...perhaps],
      ...(isRelative ? { rule: RELATIVES } : {}),
    },
    gone.space,
  );
}

function judgeEffort(record: ProcessRecord, scene: Scene, before: readonly Leaf[]): void {
  const { op, space } = scene;
  // A fork that loads pages is charged for that.
  if (op.op === 'fork' && (record.leaves.get(op.child)?.length ?? 0) > before.length) return;
  const { cpus } = record.program.world;
  const needless =
    effortMismatch(scene, before, cpus, record.model.eager) ??
    needlessCopy(scene, before, record.leaves.get(space) ?? []);
  if (needless !== null) record.note(record.divergence(needless, space));
}

function judgeRelease(record: ProcessRecord, trace: Trace): Divergence | null {
  const { teardown } = trace;
  if (teardown === null) return null;
  record.step = record.program.ops.length;
  const { outcome } = teardown;
  if (outcome.kind !== 'ok') {
    const observed = outcomeText(outcome);
    const mismatch = {
      ...(record.model.forked ? { rule: 'CW-14', unforked: [FRAMES] } : { rule: FRAMES }),
      summary: `the exit of the processes failed: ${observed}`,
      expected: 'every process exits',
      observed,
    };
    return {
      ...record.divergence(mismatch, ''),
      panic: outcome.kind === 'panic' ? outcome.panic : null,
      sites: outcome.kind === 'panic' ? (outcome.panic.sites ?? null) : null,
    };
  }
  const leaks = teardown.leaks.filter((fact) => fact.kind === 'leak');
  for (const mismatch of leakMismatches(trace, leaks, record.forks)) {
    const lost = mismatch.leaks;
    const sites = { allocated: lost[0]?.site ?? '', released: '' };
    record.excused.push(...excusedBy(mismatch.rule, [mismatch.instead ?? mismatch.rule]));
    record.note({ ...record.divergence(mismatch, ''), lost, sites });
  }
  return null;
}
