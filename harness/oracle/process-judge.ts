/**
 * Judges a trace of operations on processes with a demand pager: results against the address-space model, page tables against what the model allows
 * them to hold, and the machine's facts.
 */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp, Program } from '../protocol/program.ts';
import type { Outcome, Step, Trace } from '../protocol/trace.ts';
import { AddressSpaceModel } from './address-space-model.ts';
import { effortMismatch } from './effort-rules.ts';
import { factText, ownersText } from './facts.ts';
import { inEagerRules } from './eager-rules.ts';
import { leftOver } from './left-over.ts';
import type { Mismatch, ProcessExpectation } from './mismatch.ts';
import { expectProcessOp } from './process-expectation.ts';
import {
  disappearance,
  forkMismatch,
  leafMismatches,
  missingPage,
  sharingMismatches,
  wrongUserPage,
} from './space-rules.ts';
import type { Divergence, Verdict } from './verdict.ts';
import { outcomeText } from './words.ts';
import { applySpaces } from './space-changes.ts';

const FRAMES = 'LP-21';
/** Whoever dies while everything is released leaves open what else would not have been. */
const JUDGED_AT_THE_END = [FRAMES, 'LP-23', 'CW-9'];

/** Judges `trace`, which came from running `program` (process operations only). */
export function judgeProcesses(program: Program, trace: Trace): Verdict {
  const verdict = new Judge(program, trace).run();
  return program.pager === 'eager' ? inEagerRules(verdict) : verdict;
}

class Judge {
  readonly #program: Program;
  readonly #trace: Trace;
  readonly #model: AddressSpaceModel;
  readonly #noted: Divergence[] = [];
  readonly #leaves = new Map<string, readonly Leaf[]>();
  /** Pages for which some processor was seen to hold an old translation: what goes wrong there later has that as its cause. */
  readonly #stale = new Set<number>();
  /** Leaves that were found wrong: later operations are not to blame for them. */
  readonly #wrongLeaves = new Set<string>();
  #step = 0;

  constructor(program: Program, trace: Trace) {
    this.#program = program;
    this.#trace = trace;
    this.#model = new AddressSpaceModel(program.pager === 'eager');
  }

  run(): Verdict {
    for (const [index, op] of this.#program.ops.entries()) {
      const step = this.#trace.steps[index];
      if (step === undefined) break;
      this.#step = index;
      if (step.outcome.kind === 'skipped') continue;
      const broken = this.#judge(op as ProcessOp, step);
      if (broken !== null) return { broken, noted: this.#noted };
    }
    const broken = this.#tearDown();
    return broken === null
      ? { broken, noted: this.#noted }
      : { broken, noted: this.#noted, unjudged: JUDGED_AT_THE_END };
  }

  #judge(op: ProcessOp, step: Step): Divergence | null {
    const before = new Map(this.#leaves);
    applySpaces(this.#leaves, step.spaces);
    const space = 'process' in op ? op.process : '';
    const process = this.#model.processes.get(space);
    const expectation = expectProcessOp(this.#model, op);
    const { outcome } = step;
    if (outcome.kind === 'panic') return this.#panic(op, step, outcome, expectation);
    // Sharing is looked at before results: bytes that are wrong because two pages share a frame have that as their cause.
    if (op.op === 'access' && outcome.kind === 'ok') this.#sharing(space);
    const result = expectation.judge(step);
    if (result === null) this.#errorKind(op, outcome, expectation.text);
    const mismatch =
      this.#result(op, result, space) ??
      (op.op === 'fork' && outcome.kind === 'ok'
        ? forkMismatch(this.#model, this.#leaves, op.process, op.child, before)
        : null) ??
      missingPage(this.#model, this.#leaves, op, step) ??
      disappearance(this.#model, this.#leaves, before, step.injected);
    if (mismatch !== null) return this.#divergence(mismatch, space);
    if (op.op === 'get-user-page' && outcome.kind === 'ok' && outcome.frame !== undefined) {
      const wrong = wrongUserPage(this.#leaves.get(space) ?? [], op, outcome.frame);
      if (wrong !== null) this.#note(this.#divergence(wrong, space));
    }
    this.#sharing(space);
    for (const each of leafMismatches(this.#model, this.#leaves, op, step)) {
      if (!this.#wrongLeaves.has(each.leaf)) this.#note(this.#divergence(each, space));
      this.#wrongLeaves.add(each.leaf);
    }
    const needless = effortMismatch(op, step, process, this.#model.eager);
    if (needless !== null) this.#note(this.#divergence(needless, space));
    return this.#facts(op, step, space);
  }

  /** A mismatch on which nothing depends is noted; anything else that is wrong ends the comparison. */
  #result(op: ProcessOp, mismatch: Mismatch | null, space: string): Mismatch | null {
    if (mismatch === null) return null;
    const page = mismatch.va === undefined ? -1 : Number(BigInt(mismatch.va) & ~0xfffn);
    const isStale = op.op === 'access' && this.#stale.has(page);
    // What an old translation lets through changes nothing, unless it is a store.
    const cause = isStale
      ? { ...mismatch, rule: 'LP-16', harmless: op.kind !== 'write' || mismatch.harmless === true }
      : mismatch;
    if (cause.harmless !== true) return cause;
    this.#note(this.#divergence(cause, space));
    return null;
  }

  /** Pages that share a frame and must not are wrong for themselves: what is in them says nothing more. */
  #sharing(space: string): void {
    for (const { pages, ...mismatch } of sharingMismatches(this.#model, this.#leaves)) {
      this.#note(this.#divergence(mismatch, space));
      for (const page of pages) page.contents.forget();
    }
  }

  #panic(
    op: ProcessOp,
    step: Step,
    outcome: Extract<Outcome, { kind: 'panic' }>,
    expectation: ProcessExpectation,
  ): Divergence {
    const { panic } = outcome;
    const expected = expectation.text;
    const rule = expectation.panicRule?.(step) ?? expectation.rule;
    const observed = outcomeText(outcome);
    const natural =
      panic.about === 'frames' && rule !== 'LP-24'
        ? FRAMES
        : panic.about === 'invalidation'
          ? 'LP-16'
          : panic.about === 'kernel-half'
            ? 'LP-24'
            : rule;
    const broken = panic.kind === 'todo' ? rule : failureRule(op, step, natural);
    const summary = panic.kind === 'todo' ? observed : `${op.op} did not survive: ${panic.message}`;
    const va = 'addr' in op ? op.addr : undefined;
    const mismatch = {
      rule: broken,
      summary,
      expected,
      observed,
      ...(expectation.perhaps === undefined ? {} : { perhaps: expectation.perhaps }),
      ...(va === undefined ? {} : { va }),
    };
    const sites = panic.sites ?? null;
    return { ...this.#divergence(mismatch, 'process' in op ? op.process : ''), panic, sites };
  }

  /** A pager reports failure with a KernelError; another error of the interface is noted once, and otherwise taken as a refusal. */
  #errorKind(op: ProcessOp, outcome: Outcome, expected: string): void {
    if (outcome.kind !== 'error' && outcome.kind !== 'killed') return;
    if (!outcome.error.startsWith('PageTableMappingError.')) return;
    this.#note(
      this.#divergence(
        {
          rule: 'LP-25',
          perhaps: this.#leftOver(op),
          summary: `${op.op} lets a ${outcome.error} out`,
          expected: `a KernelError (${expected})`,
          observed: outcomeText(outcome),
        },
        'process' in op ? op.process : '',
      ),
    );
  }

  /** Rules that explain much if a region is not forgotten where the operation is about. */
  #leftOver(op: ProcessOp): readonly string[] {
    const process = 'process' in op ? this.#model.processes.get(op.process) : undefined;
    return process === undefined || !('addr' in op) ? [] : leftOver(process, BigInt(op.addr));
  }

  #facts(op: ProcessOp, step: Step, space: string): Divergence | null {
    for (const fact of step.facts) {
      const { summary, expected, observed, va, sites = null } = factText(fact);
      const found = (rule: string): Divergence => ({
        ...this.#divergence(
          { rule, summary, expected, observed, ...(va === null ? {} : { va }) },
          space,
        ),
        sites,
      });
      switch (fact.kind) {
        case 'stale-translation':
          this.#stale.add(fact.va);
          this.#note(found(op.op === 'munmap' || !this.#model.forked ? 'LP-16' : 'CW-6'));
          break;
        // Graded programs run on processors that remember no structures.
        case 'stale-structure':
          break;
        case 'kernel-half':
          return found('LP-24');
        case 'bad-entry':
          return found(failureRule(op, step, 'LP-10'));
        case 'dangling-entry':
        case 'shared-table':
        case 'under-owned':
        case 'leak':
          return found(failureRule(op, step, FRAMES));
      }
    }
    return null;
  }

  #tearDown(): Divergence | null {
    const { teardown } = this.#trace;
    if (teardown === null) return null;
    this.#step = this.#program.ops.length;
    const { outcome } = teardown;
    if (outcome.kind !== 'ok') {
      const observed = outcomeText(outcome);
      const mismatch = {
        rule: FRAMES,
        summary: `the exit of the processes failed: ${observed}`,
        expected: 'every process exits',
        observed,
      };
      return {
        ...this.#divergence(mismatch, ''),
        panic: outcome.kind === 'panic' ? outcome.panic : null,
        sites: outcome.kind === 'panic' ? (outcome.panic.sites ?? null) : null,
      };
    }
    const leaks = teardown.leaks.filter((fact) => fact.kind === 'leak');
    const isInjected = (leak: { op: number }): boolean =>
      this.#trace.steps[leak.op]?.injected === true;
    // A failure that was injected is to blame only if nothing leaks without one: whatever loses every frame loses those, too.
    const leak = leaks.find((each) => !isInjected(each)) ?? leaks[0];
    if (leak === undefined) return null;
    const count = leaks.length;
    const injected = isInjected(leak);
    const isShort = this.#trace.steps.some((step) => step.injected);
    const mismatch = {
      rule: injected ? 'LP-23' : FRAMES,
      // A call that was cut short may lose a frame that it had not allocated.
      perhaps: injected ? [FRAMES] : isShort ? ['LP-23', 'CW-9'] : [],
      summary:
        count === 1
          ? 'one page frame is never released'
          : `${String(count)} page frames are never released`,
      expected: 'every frame is free once all processes have exited',
      observed: `${count === 1 ? 'the frame was' : 'the first of them was'} allocated ${leak.op < 0 ? 'while the processes exited' : `in step ${String(leak.op + 1)}`} and is still owned${ownersText(leak.owners)}`,
    };
    this.#note({
      ...this.#divergence(mismatch, ''),
      sites: { allocated: leak.site, released: '' },
    });
    return null;
  }

  /** Keeps the first divergence from each rule that does not disturb the world; the comparison goes on. */
  #note(divergence: Divergence): void {
    if (!this.#noted.some(({ rule }) => rule === divergence.rule)) this.#noted.push(divergence);
  }

  #divergence(mismatch: Mismatch, space: string): Divergence {
    const { rule, summary, expected, observed, va } = mismatch;
    // Where a region was before, munmap may have left it, or something of it.
    const process = this.#model.processes.get(space);
    const former = va === undefined || process === undefined ? [] : leftOver(process, BigInt(va));
    const perhaps = [...(mismatch.perhaps ?? []), ...former.filter((each) => each !== rule)];
    const focus =
      va === undefined || BigInt(va) >= 0x8000_0000_0000n
        ? null
        : { space, va: hex(BigInt(va)) as Hex };
    return {
      rule,
      ...(perhaps.length === 0 ? {} : { perhaps }),
      step: this.#step,
      summary,
      expected,
      observed,
      focus,
      panic: null,
      sites: null,
    };
  }
}

/** The rule that an operation breaks in which a failure was injected, or `otherwise`. */
function failureRule(op: ProcessOp, { injected }: Step, otherwise: string): string {
  if (!injected) return otherwise;
  return op.op === 'fork' ? 'CW-9' : 'LP-23';
}
