/**
 * Judges a trace of operations on processes with a demand pager: results against the address-space model, page tables against what the model allows
 * them to hold, and the machine's facts.
 */
import type { Fact, Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp, Program } from '../protocol/program.ts';
import type { Outcome, Step, Trace } from '../protocol/trace.ts';
import { AddressSpaceModel, type ModelProcess } from './address-space-model.ts';
import { isRefusal } from './answers.ts';
import { effortMismatch } from './effort-rules.ts';
import { factText } from './facts.ts';
import { inEagerRules } from './eager-rules.ts';
import { ForkHistory } from './fork-history.ts';
import {
  amongRelatives,
  hasForked,
  isCopying,
  faultedPages,
  pagesOf,
  refusalRule,
  staleRule,
} from './fork-rules.ts';
import { KnownFaults } from './known-faults.ts';
import { leakMismatches } from './leak-rules.ts';
import { leftOver } from './left-over.ts';
import type { Charge, Mismatch, ProcessExpectation } from './mismatch.ts';
import { expectProcessOp } from './process-expectation.ts';
import { pageOf, USER_END } from './region-rules.ts';
import { failureRule, type Scene } from './scene.ts';
import { forbiddenSharing, unsharedAtFork } from './sharing-rules.ts';
import { applySpaces } from './space-changes.ts';
import { isStarved, starvationText } from './starvation.ts';
import {
  disappearance,
  leafMismatches,
  leafName,
  missingPage,
  type PlacedMismatch,
  strayRule,
  wrongUserPage,
} from './space-rules.ts';
import { COPY_RULES, LAZY, loadRules, PROTECTION_RULES, SHARES, Unseen } from './unseen.ts';
import { type Divergence, type Excused, excusedBy, verdictOf, type Verdict } from './verdict.ts';
import { outcomeText } from './words.ts';

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

const FRAMES = 'LP-21';
/** Rules that are judged when everything has been released. */
const JUDGED_AT_THE_END: readonly string[] = [FRAMES, 'LP-23', 'CW-9', 'CW-14', 'CW-15'];

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
  readonly #excused: Excused[] = [];
  readonly #leaves = new Map<string, readonly Leaf[]>();
  readonly #forks = new ForkHistory();
  readonly #known = new KnownFaults();
  readonly #unseen = new Unseen();
  /** Leaves of {@link KnownFaults.leaves}, as long as they do not change: there may be thousands, which need not be looked at in every step. */
  readonly #wrong = new Set<Leaf>();
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
      if (broken !== null) return this.#verdict(broken);
    }
    const broken = this.#tearDown();
    const verdict = this.#verdict(broken);
    return broken === null ? verdict : { ...verdict, unjudged: JUDGED_AT_THE_END };
  }

  #verdict(broken: Divergence | null): Verdict {
    return verdictOf(broken, this.#noted, [...this.#excused, ...this.#unseen.excused]);
  }

  #judge(op: ProcessOp, step: Step): Divergence | null {
    const before = new Map(this.#leaves);
    applySpaces(this.#leaves, step.spaces);
    const space = 'process' in op ? op.process : '';
    const process = this.#model.processes.get(space);
    const scene = { op, step, space, process, copies: isCopying(process, op) };
    if (op.op === 'fork' && process !== undefined) this.#adopt(process, before.get(space) ?? []);
    const expectation = expectProcessOp(this.#model, op);
    if (step.outcome.kind === 'panic') return this.#panic(scene, step.outcome, expectation);

    this.#situations(scene);
    // Sharing is looked at before results: bytes that are wrong because two pages share a frame have that as their cause.
    if (op.op === 'access' && step.outcome.kind === 'ok') this.#sharing(scene, false);
    const broken =
      this.#result(scene, expectation) ??
      this.#fork(scene, before) ??
      this.#missingPage(scene) ??
      this.#disappearance(scene, before);
    if (broken !== null) return broken;
    this.#forks.follow(this.#step, op, scene.copies, this.#model, before, this.#leaves);
    if (op.op === 'fork' && process !== undefined) {
      this.#wrongLeaves(scene);
      this.#adoptLoaded(process, space, op.child);
    }
    this.#userPage(scene);
    this.#sharing(scene, true);
    this.#wrongLeaves(scene);
    this.#effort(scene, before.get(space) ?? []);
    return this.#facts(scene);
  }

  /** `getUserPage` has returned a page that is not the one at the address. */
  #userPage({ op, step: { outcome }, space }: Scene): void {
    if (op.op !== 'get-user-page' || outcome.kind !== 'ok' || outcome.frame === undefined) return;
    const wrong = wrongUserPage(this.#leaves.get(space) ?? [], op, outcome.frame);
    if (wrong !== null) this.#note(this.#divergence(wrong, space));
  }

  /** What the parent has in its page table is loaded, whether the model knows why or not, and nothing else is. */
  #adopt(process: ModelProcess, leaves: readonly Leaf[]): void {
    for (const { va } of leaves) {
      const region = this.#model.regionAt(process, va);
      if (region !== undefined) this.#model.adopt(process, region, va);
    }
    process.maybeLoaded.clear();
  }

  /** Pages that the fork has loaded, against the rules: from now on they are shared like all others. */
  #adoptLoaded(parent: ModelProcess, space: string, child: string): void {
    const childs = new Map(this.#leaves.get(child)?.map(({ va, frame }) => [va, frame]));
    for (const { va, frame } of this.#leaves.get(space) ?? []) {
      const region = this.#model.regionAt(parent, va);
      if (region === undefined || parent.pages.has(va) || childs.get(va) !== frame) continue;
      this.#model.adopt(parent, region, va);
      this.#model.share(parent, child, va);
    }
  }

  /** What an access meets before the model follows it: pages to be loaded or copied, or, because of what is broken, none. */
  #situations({ op, step, space, process }: Scene): void {
    if (op.op !== 'access' || step.outcome.kind !== 'ok' || process === undefined) return;
    if (this.#model.eager) return;
    const faulted = faultedPages(step.faults);
    for (const page of pagesOf(op.addr, op.length)) {
      const region = this.#model.regionAt(process, page);
      if (region === undefined) continue;
      const known = process.pages.get(page);
      if (known === undefined) {
        const rules = loadRules(process, region, page);
        if (faulted.has(page)) this.#unseen.see(...rules);
        else if (this.#known.chargeOf(leafName(space, page))?.rule === LAZY)
          this.#unseen.miss(LAZY, ...rules);
      } else if (op.kind === 'write' && known.shared) {
        const isApart = [...process.relatives].some(
          ({ pages }) => pages.get(page)?.apart === SHARES,
        );
        if (faulted.has(page)) this.#unseen.see(...COPY_RULES);
        else if (isApart) this.#unseen.miss(SHARES, ...COPY_RULES);
      }
    }
  }

  /** A mismatch on which nothing depends is noted; anything else that is wrong ends the comparison. */
  #result(scene: Scene, expectation: ProcessExpectation): Divergence | null {
    const { op, step, space, process } = scene;
    const mismatch = expectation.judge(step);
    if (mismatch === null) {
      this.#errorKind(scene, expectation.text);
      return null;
    }
    if (isStarved(this.#program, step)) {
      const observed = outcomeText(step.outcome);
      const hoarded = { ...starvationText(this.#program), observed };
      return this.#divergence({ ...hoarded, ...this.#framesCharge(scene) }, space);
    }
    const caused = this.#known.cause(scene, mismatch, this.#leaves.get(space) ?? []);
    const found = this.#divergence(amongRelatives(process, op, caused), space);
    this.#excused.push(...excusedBy(found.rule, [caused.instead ?? found.rule]));
    if (mismatch.harmless !== true) return found;
    this.#note(found);
    return null;
  }

  /** After a fork: what it shares, or has lost if it failed. */
  #fork(scene: Scene, before: Leaves): Divergence | null {
    const { op, step, space, process } = scene;
    if (op.op !== 'fork' || process === undefined) return null;
    const child = step.outcome.kind === 'ok' ? op.child : null;
    if (child === null) this.#forks.fail(before.get(space) ?? []);
    else this.#inherit(op);
    const unshared = unsharedAtFork(this.#model, this.#leaves, before, space, child);
    const [first] = unshared;
    const loaded = before.get(space)?.length ?? 0;
    if (child !== null && loaded > unshared.length) this.#unseen.see(...PROTECTION_RULES);
    if (first === undefined) return null;
    const rule = failureRule(scene, first.mismatch.rule);
    const found = this.#divergence({ ...first.mismatch, rule }, first.space);
    if (child === null) return found;
    this.#note(found);
    if (rule === SHARES) this.#unseen.miss(SHARES, ...PROTECTION_RULES);
    for (const { space: where, va } of unshared) {
      const page = this.#model.processes.get(where)?.pages.get(va);
      if (page !== undefined) this.#model.setApart(page, rule);
    }
    return null;
  }

  /** What was wrong with a leaf of the parent is wrong with the child's too, and no fault of the fork. */
  #inherit({ process, child }: Extract<ProcessOp, { op: 'fork' }>): void {
    for (const { va } of this.#leaves.get(process) ?? []) this.#known.inherit(process, child, va);
  }

  /**
   * Pages that share a frame and must not are wrong for themselves: what is in them says nothing more. Those of which a fork has made copies may share
   * one until they are written, so the model has to have `followed` the operation first.
   */
  #sharing(scene: Scene, followed: boolean): void {
    const { op, space } = scene;
    const { loose, stale, crowded, sharing: known, unprotected } = this.#known;
    crowded.clear();
    for (const sharing of forbiddenSharing(this.#model, this.#leaves, op)) {
      const { mismatch, areCopies, pages, leaves, va, frame } = sharing;
      if (!areCopies) {
        if (!loose.has(frame)) this.#note(this.#divergence(mismatch, space));
        const contents = pages.map((page) => page.contents);
        for (const each of contents) each.blame(contents);
        crowded.set(frame, contents);
      } else if (followed) {
        const rule = failureRule(scene, mismatch.rule);
        const cause =
          stale.get(va) ?? leaves.map((leaf) => this.#known.widening(leaf)).find(Boolean);
        const isNews = !leaves.some((leaf) => known.has(leaf));
        if (isNews && cause !== undefined) this.#excused.push({ rule, cause });
        else if (isNews) {
          this.#note(this.#divergence({ ...mismatch, rule }, space));
          // A fork that does not protect isolates nobody: two rules, not one.
          if (op.op !== 'fork') unprotected.set(va, rule);
        }
        for (const leaf of leaves) known.add(leaf);
        this.#model.rejoin(pages);
      }
    }
  }

  #missingPage({ op, step, space }: Scene): Divergence | null {
    const missing = missingPage(this.#model, this.#leaves, op, step);
    return missing === null ? null : this.#divergence(missing, space);
  }

  #disappearance(scene: Scene, before: Leaves): Divergence | null {
    const { op, space, process } = scene;
    const rule = failureRule(scene, 'LP-18');
    const gone = disappearance(this.#model, this.#leaves, before, rule);
    // What a fork does to the pages of the parent was looked at already.
    if (gone === null || (op.op === 'fork' && gone.space === space)) return null;
    const isRelative = hasForked(process) && gone.space !== space;
    return this.#divergence({ ...gone, ...(isRelative ? { rule: 'CW-13' } : {}) }, gone.space);
  }

  /** Leaves that are wrong by themselves. */
  #wrongLeaves(scene: Scene): void {
    const { op, step } = scene;
    for (const each of leafMismatches(this.#model, this.#leaves, op, step, this.#wrong)) {
      this.#wrong.add(each.seen);
      if (this.#known.isKnown(each)) continue;
      const found = this.#placed(scene, this.#letThrough(scene, each));
      this.#note(found);
      this.#known.addLeaf(each, found);
    }
  }

  /** A store that an old translation has let through raised no fault: that its page still cannot be written follows from that. */
  #letThrough({ op, step }: Scene, mismatch: PlacedMismatch): PlacedMismatch {
    const page = Number(BigInt(mismatch.va));
    const stale = this.#known.stale.get(page);
    const isStore = op.op === 'access' && op.kind === 'write';
    if (stale === undefined || !isStore || mismatch.rights?.extra !== 0) return mismatch;
    if (faultedPages(step.faults).has(page)) return mismatch;
    return { ...mismatch, perhaps: [...(mismatch.perhaps ?? []), stale], surely: [stale] };
  }

  #effort(scene: Scene, before: readonly Leaf[]): void {
    const { op, space } = scene;
    // A fork that loads pages is charged for that.
    if (op.op === 'fork' && (this.#leaves.get(op.child)?.length ?? 0) > before.length) return;
    const { cpus } = this.#program.world;
    const needless = effortMismatch(scene, before, cpus, this.#model.eager);
    if (needless !== null) this.#note(this.#divergence(needless, space));
  }

  #panic(
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
    const charge = panic.kind === 'todo' ? natural : this.#panicCharge(scene, panic.about, natural);
    const sites = panic.sites ?? null;
    return { ...this.#divergence({ ...mismatch, ...charge }, space), panic, sites };
  }

  #panicCharge(scene: Scene, about: string | undefined, natural: Mismatch): Charge {
    const { op, step, process, copies } = scene;
    if (about === 'leaves') return this.#strayCharge(scene);
    const page = natural.va === undefined ? -1 : pageOf(natural.va);
    // A copy that leaves its translation pending has not come about.
    const stale = copies ? 'CW-4' : staleRule(this.#model, process, op, step, page);
    const charge: Charge =
      about === 'frames' && natural.rule !== 'LP-24'
        ? this.#framesCharge(scene)
        : about === 'invalidation'
          ? { rule: stale }
          : about === 'kernel-half'
            ? { rule: 'LP-24' }
            : natural;
    return { ...charge, rule: failureRule(scene, charge.rule) };
  }

  /** What is present beyond all that was ever mapped lies in no region: it is charged as what did so before, if anything did, and else as new. */
  #strayCharge({ op, step }: Scene): Charge {
    for (const [label, process] of this.#model.processes) {
      for (const { va } of this.#leaves.get(label) ?? []) {
        if (this.#model.regionAt(process, va) !== undefined) continue;
        const known = this.#known.chargeOf(leafName(label, va));
        if (known !== undefined) return known;
      }
    }
    return { rule: strayRule(this.#model, op, step) };
  }

  /** A pager reports failure with a KernelError; another error of the interface is noted once, and otherwise taken as a refusal. */
  #errorKind({ op, step, space, process }: Scene, expected: string): void {
    const { outcome } = step;
    if (!isRefusal(outcome)) return;
    if (!outcome.error.startsWith('PageTableMappingError.')) return;
    const isKnown = process !== undefined && 'addr' in op;
    this.#note(
      this.#divergence(
        {
          rule: refusalRule(process, 'code' in op ? op : {}, step, 'LP-25'),
          // Rules that explain much if a region is not forgotten where the operation is about.
          perhaps: isKnown ? leftOver(process, BigInt(op.addr)) : [],
          summary: `${op.op} lets a ${outcome.error} out`,
          expected: `a KernelError (${expected})`,
          observed: outcomeText(outcome),
        },
        space,
      ),
    );
  }

  #facts(scene: Scene): Divergence | null {
    const { op, step, space, process } = scene;
    for (const fact of step.facts) {
      const { summary, expected, observed, va, sites = null } = factText(fact);
      const found = (charge: Charge): Divergence => {
        const place = { summary, expected, observed, ...(va === null ? {} : { va }) };
        return { ...this.#divergence({ ...charge, ...place }, space), sites };
      };
      switch (fact.kind) {
        case 'stale-translation': {
          const rule = staleRule(this.#model, process, op, step, fact.va);
          this.#known.stale.set(fact.va, rule);
          this.#note(found({ rule }));
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
          const charge = this.#entryCharge(scene, fact);
          if (charge.rule !== 'CW-14') return found(charge);
          // One of several has too few owners: the others go on.
          this.#known.loose.add(fact.frame);
          this.#note(found(charge));
          break;
        }
        case 'leak':
          return found({ rule: failureRule(scene, FRAMES) });
      }
    }
    return null;
  }

  /** The rule that an entry breaks whose frame it does not own, or not alone. */
  #entryCharge(
    scene: Scene,
    fact: Extract<Fact, { kind: 'shared-table' | 'dangling-entry' | 'under-owned' }>,
  ): Charge {
    const isLoose = this.#known.loose.size > 0;
    if (fact.kind === 'shared-table' && scene.op.op === 'fork' && !isLoose) return { rule: 'CW-1' };
    const charge = this.#framesCharge(scene, fact.frame);
    const rule = failureRule(scene, charge.rule);
    if (rule === charge.rule || !this.#model.forked) return { ...charge, rule };
    // What fails without a failure, too, is not made worse by one.
    return { ...charge, rule, perhaps: [charge.rule] };
  }

  /** The rule about frames that live too short; `frame`: which, if that is known. */
  #framesCharge({ op, process }: Scene, frame?: number): Charge {
    const isShared =
      frame === undefined
        ? hasForked(process)
        : this.#forks.hasFrame(frame) || this.#known.loose.size > 0;
    return isShared || op.op === 'fork' ? { rule: 'CW-14', unforked: [FRAMES] } : { rule: FRAMES };
  }

  #tearDown(): Divergence | null {
    const { teardown } = this.#trace;
    if (teardown === null) return null;
    this.#step = this.#program.ops.length;
    const { outcome } = teardown;
    if (outcome.kind !== 'ok') {
      const observed = outcomeText(outcome);
      const mismatch = {
        ...(this.#model.forked ? { rule: 'CW-14', unforked: [FRAMES] } : { rule: FRAMES }),
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
    for (const mismatch of leakMismatches(this.#trace, leaks, this.#forks)) {
      const sites = { allocated: mismatch.leak.site, released: '' };
      this.#excused.push(...excusedBy(mismatch.rule, [mismatch.instead ?? mismatch.rule]));
      this.#note({ ...this.#divergence(mismatch, ''), sites });
    }
    return null;
  }

  /** Keeps the first divergence from each rule that does not disturb the world; the comparison goes on. */
  #note(divergence: Divergence): void {
    if (!this.#noted.some(({ rule }) => rule === divergence.rule)) this.#noted.push(divergence);
  }

  /** A leaf that is wrong, with the rule that this breaks in the process that it is in. */
  #placed({ op, step }: Scene, mismatch: PlacedMismatch): Divergence {
    const process = this.#model.processes.get(mismatch.space);
    const rule =
      mismatch.rule === 'LP-11'
        ? refusalRule(process, 'code' in op ? op : {}, step, mismatch.rule)
        : mismatch.rule;
    const placed = { ...mismatch, rule };
    const ofRelatives = amongRelatives(process, op, placed);
    // What a process leaves of its own region is no matter of its relatives, unless they are known to be one.
    const isOwn = op.op === 'munmap' && op.process === mismatch.space && ofRelatives !== placed;
    const told = isOwn ? { ...placed, perhaps: [ofRelatives.rule] } : ofRelatives;
    return this.#divergence(told, mismatch.space);
  }

  #divergence(mismatch: Mismatch, space: string): Divergence {
    const { rule, unforked = [], surely = [], summary, expected, observed, va } = mismatch;
    // Where a region was before, munmap may have left it, or something of it.
    const process = this.#model.processes.get(space);
    const former = va === undefined || process === undefined ? [] : leftOver(process, BigInt(va));
    const perhaps = [...(mismatch.perhaps ?? []), ...former.filter((each) => each !== rule)];
    const focus =
      va === undefined || BigInt(va) >= USER_END ? null : { space, va: hex(BigInt(va)) as Hex };
    return {
      rule,
      ...(perhaps.length === 0 ? {} : { perhaps }),
      ...(surely.length === 0 ? {} : { surely }),
      ...(unforked.length === 0 ? {} : { unforked }),
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
