/** Judges a trace of operations on demand-paging managers: results against the manager model, bytes of frames, and who owns them. */
import type { Fact } from '../../reference/contract/machine-facts.ts';
import { GLOBAL_MANAGER, isManagerOp } from '../protocol/manager-op.ts';
import type { ManagerOp, Op, ProcessOp, Program } from '../protocol/program.ts';
import type { Outcome, Step, Trace } from '../protocol/trace.ts';
import { judgeFreed } from './frame-judge.ts';
import { type Expectation, expectManagerOp } from './manager-expectation.ts';
import { ManagerModel } from './manager-model.ts';
import { RULE, type RuleId } from './manager-rules.ts';
import type { Mismatch } from './mismatch.ts';
import { type Divergence, excusedBy, verdictOf, type Verdict } from './verdict.ts';
import { outcomeText } from './words.ts';

/** Judges `trace`, which came from running `program` (operations on managers, frames and files only). */
export function judgeManagers(program: Program, trace: Trace): Verdict {
  return new Judge(program, trace).run();
}

class Judge {
  readonly #program: Program;
  readonly #trace: Trace;
  readonly #model = new ManagerModel();
  readonly #noted: Divergence[] = [];
  /** What had to work, and was refused. */
  readonly #refused: Divergence[] = [];
  #step = 0;

  constructor(program: Program, trace: Trace) {
    this.#program = program;
    this.#trace = trace;
  }

  run(): Verdict {
    for (const [index, op] of this.#program.ops.entries()) {
      const step = this.#trace.steps[index];
      if (step === undefined) break;
      this.#step = index;
      if (step.outcome.kind === 'skipped') continue;
      const ended = isManagerOp(op) ? this.#judge(op, step) : this.#file(op, step);
      if (ended !== null) return this.#verdict(ended);
    }
    this.#leaks();
    return this.#verdict(null);
  }

  #verdict(broken: Divergence | null): Verdict {
    return verdictOf(broken, this.#noted, this.#model.excused, this.#refused);
  }

  #judge(op: ManagerOp, step: Step): Divergence | null {
    const { outcome } = step;
    const expectation = expectManagerOp(this.#model, op);
    if (outcome.kind === 'panic') return this.#panic(op, step, outcome, expectation);
    if (isLostCallback(op, outcome))
      return this.#divergence({
        rule: RULE.global,
        summary: 'withManagerMut does not hand its manager to the function as it should',
        expected: 'withManagerMut(f) calls f once with the manager, and returns what f returns',
        observed: outcomeText(outcome),
      });
    const findings = expectation.judge(step);
    const freed = step.freed ?? [];
    const misfreed = judgeFreed(this.#model, op, freed);
    // What a call got wrong in which it freed a frame has mostly to do with that.
    const sites = freed[0] === undefined ? null : { allocated: '', released: freed[0].site };
    for (const mismatch of [...findings.noted, ...misfreed]) {
      const found = { ...this.#divergence(mismatch), sites };
      this.#note(found);
      if (mismatch.hides === true) this.#refused.push(found);
    }
    if (findings.broken !== null) return { ...this.#divergence(findings.broken), sites };
    const needless = effortMismatch(op, step);
    if (needless !== null) this.#note(this.#divergence(needless));
    return null;
  }

  /** Files are made and changed by operations that managers share with processes. */
  #file(op: Exclude<Op, ManagerOp>, { outcome }: Step): null {
    if (outcome.kind !== 'ok') return null;
    followFile(this.#model, op as ProcessOp);
    return null;
  }

  #panic(
    op: ManagerOp,
    step: Step,
    outcome: Extract<Outcome, { kind: 'panic' }>,
    { rule, text }: Expectation,
  ): Divergence | null {
    if (rule === null) return null;
    const { panic } = outcome;
    const observed = outcomeText(outcome);
    const natural = panic.about === 'frames' ? RULE.frames : rule;
    const mismatch = {
      rule: panic.kind === 'todo' ? rule : step.injected ? failureRule(op) : natural,
      summary: panic.kind === 'todo' ? observed : `${op.op} did not survive: ${panic.message}`,
      expected: text,
      observed,
    };
    return { ...this.#divergence(mismatch), panic, sites: panic.sites ?? null };
  }

  #leaks(): void {
    const leaks = (this.#trace.teardown?.leaks ?? []).filter(isLeak);
    const isInjected = (leak: { op: number }): boolean =>
      this.#trace.steps[leak.op]?.injected === true;
    // A failure that was injected is to blame only if nothing leaks without one: whatever loses every frame loses those, too.
    const leak = leaks.find((each) => !isInjected(each)) ?? leaks[0];
    if (leak === undefined) return;
    const ruleOf = (each: Fact & { kind: 'leak' }): RuleId => {
      const op = this.#program.ops[each.op];
      return isInjected(each) && op !== undefined && isManagerOp(op)
        ? failureRule(op)
        : RULE.frames;
    };
    const rule = ruleOf(leak);
    this.#model.excused.push(...excusedBy(rule, leaks.map(ruleOf)));
    const count = leaks.length;
    this.#step = Math.max(0, leak.op);
    const mismatch = {
      rule,
      summary:
        count === 1
          ? 'a page frame was taken and is nobody’s'
          : `${String(count)} page frames were taken and are nobody’s`,
      expected: 'a call returns every frame that it takes, or frees it',
      observed: `${count === 1 ? 'the frame was' : 'the first of them was'} taken here, and neither returned nor freed`,
    };
    this.#note({
      ...this.#divergence(mismatch),
      // Who loses frames in every call loses them in this one, too.
      ...(rule === RULE.frames ? {} : { perhaps: [RULE.frames] }),
      sites: { allocated: leak.site, released: '' },
    });
  }

  /** Keeps the first divergence from each rule that does not disturb the world; the comparison goes on. */
  #note(divergence: Divergence): void {
    if (!this.#noted.some(({ rule }) => rule === divergence.rule)) this.#noted.push(divergence);
  }

  #divergence(mismatch: Mismatch): Divergence {
    // There is no page table whose walk would tell more.
    return { ...mismatch, step: this.#step, focus: null, panic: null, sites: null };
  }
}

function isLeak(fact: Fact): fact is Extract<Fact, { kind: 'leak' }> {
  return fact.kind === 'leak';
}

/** Whether `withManagerMut` has not done what it is for: then the operation was not carried out. */
function isLostCallback(op: ManagerOp, outcome: Outcome): boolean {
  if (!('manager' in op) || op.manager !== GLOBAL_MANAGER) return false;
  if (outcome.kind === 'bad-value') return outcome.what.startsWith('withManagerMut');
  const isFunction = (op.op === 'register-lazy' || op.op === 'demand-page') && op.within !== true;
  return (
    !isFunction &&
    outcome.kind === 'error' &&
    outcome.error.startsWith('KernelError.NotInitialized')
  );
}

/** The rule about an operation in which something failed on purpose. */
function failureRule(op: ManagerOp): RuleId {
  return 'fault' in op && op.fault.point === 'frame' ? RULE.noMemory : RULE.noRead;
}

/** More than an operation may cost: registering is free, and a fault takes one frame. */
function effortMismatch(op: ManagerOp, { effort, outcome, injected }: Step): Mismatch | null {
  const { frames, fileReads } = effort;
  const observed = `${String(frames)} page frames taken, ${String(fileReads)} file reads`;
  if (op.op === 'register-lazy' && frames + fileReads > 0) {
    const expected = 'takes no frame and reads no file';
    return {
      rule: RULE.lazy,
      summary: 'registerLazy does more than take note',
      expected,
      observed,
    };
  }
  const isFault = op.op === 'demand-page' || op.op === 'cow-fault';
  if (!isFault || outcome.kind !== 'ok' || injected || frames <= 1) return null;
  const expected = 'takes one frame';
  return { rule: RULE.frames, summary: 'a fault takes more than one frame', expected, observed };
}

function followFile(model: ManagerModel, op: ProcessOp): void {
  switch (op.op) {
    case 'file':
      model.files.set(op.file, {
        current: op,
        cached: op.cached ?? false,
        past: [],
        stores: new Set(),
      });
      break;
    case 'truncate':
    case 'rewrite': {
      const file = model.files.get(op.file);
      if (file === undefined) return;
      model.changeFile(file, op.op === 'truncate' ? { size: op.size } : { seed: op.seed });
      break;
    }
    default:
  }
}
