/**
 * Judges a trace of operations on processes with a demand pager: results against the address-space model, page tables against what the model allows
 * them to hold, and the machine's facts.
 */
import type { Fact, Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, ProcessOp, Program } from '../protocol/program.ts';
import type { Outcome, Step, Trace } from '../protocol/trace.ts';
import { AddressSpaceModel, type ModelProcess } from './address-space-model.ts';
import { effortMismatch } from './effort-rules.ts';
import { factText, ownersText } from './facts.ts';
import { inEagerRules } from './eager-rules.ts';
import { ForkHistory } from './fork-history.ts';
import { amongRelatives, hasForked, isCopying, refusalRule, staleRule } from './fork-rules.ts';
import type { Mismatch, ProcessExpectation } from './mismatch.ts';
import { expectProcessOp } from './process-expectation.ts';
import { forbiddenSharing, unsharedAtFork } from './sharing-rules.ts';
import { applySpaces } from './space-changes.ts';
import {
  disappearance,
  leafMismatches,
  leafName,
  missingPage,
  type PlacedMismatch,
} from './space-rules.ts';
import type { Divergence, Verdict } from './verdict.ts';
import { outcomeText } from './words.ts';

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

const FRAMES = 'LP-21';

/** Judges `trace`, which came from running `program` (process operations only). */
export function judgeProcesses(program: Program, trace: Trace): Verdict {
  const verdict = new Judge(program, trace).run();
  return program.pager === 'eager' ? inEagerRules(verdict) : verdict;
}

/** What an operation was, and what it found. */
interface Scene {
  readonly op: ProcessOp;
  readonly step: Step;
  /** Label of the process that it is on; empty for none. */
  readonly space: string;
  readonly process: ModelProcess | undefined;
  /** It writes to a page that a fork has made read-only. */
  readonly copies: boolean;
}

class Judge {
  readonly #program: Program;
  readonly #trace: Trace;
  readonly #model: AddressSpaceModel;
  readonly #noted: Divergence[] = [];
  readonly #leaves = new Map<string, readonly Leaf[]>();
  readonly #forks = new ForkHistory();
  /**
   * Pages for which some processor was seen to hold an old translation, by address, with the rule that this broke: what goes wrong there later has
   * that as its cause.
   */
  readonly #stale = new Map<number, string>();
  /** Leaves that were found wrong, with the rule that this broke: later operations are not to blame for them. */
  readonly #wrongLeaves = new Map<string, Pick<Mismatch, 'rule' | 'suspects'>>();
  /** Leaves that share a frame which they must not share, or not so. */
  readonly #wrongShares = new Set<string>();
  /** Pages of relatives, by address, that were seen to share a frame so, with the rule that this broke: wrong bytes have that as their cause. */
  readonly #unprotected = new Map<number, string>();
  /** Shared frames that were seen with too few owners: what goes wrong with them later has that as its cause. */
  readonly #loose = new Set<number>();
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
    return { broken: this.#tearDown(), noted: this.#noted };
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
      this.#leavesOf(scene);
      this.#adoptLoaded(process, space, op.child);
    }
    this.#sharing(scene, true);
    this.#leavesOf(scene);
    const isLoading =
      op.op === 'fork' &&
      (this.#leaves.get(op.child)?.length ?? 0) > (before.get(space)?.length ?? 0);
    const needless = isLoading
      ? null
      : effortMismatch(scene, before.get(space) ?? [], this.#program.world.cpus, this.#model.eager);
    if (needless !== null) this.#note(this.#divergence(needless, space));
    return this.#facts(scene);
  }

  /** Leaves that are wrong by themselves. */
  #leavesOf(scene: Scene): void {
    for (const each of leafMismatches(this.#model, this.#leaves, scene.op, scene.step)) {
      if (this.#wrongLeaves.has(each.leaf)) continue;
      const found = this.#placed(scene, each);
      this.#note(found);
      this.#wrongLeaves.set(each.leaf, found);
    }
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

  /** A mismatch on which nothing depends is noted; anything else that is wrong ends the comparison. */
  #result(scene: Scene, expectation: ProcessExpectation): Divergence | null {
    const { step, space } = scene;
    const mismatch = expectation.judge(step);
    if (mismatch === null) {
      this.#errorKind(scene, expectation.text);
      return null;
    }
    const found = this.#divergence(this.#cause(scene, mismatch), space);
    if (mismatch.harmless !== true) return found;
    this.#note(found);
    return null;
  }

  /** What went wrong before may be the cause of what goes wrong now. */
  #cause({ op, process, space }: Scene, mismatch: Mismatch): Mismatch {
    const page = mismatch.va === undefined ? -1 : Number(BigInt(mismatch.va) & ~0xfffn);
    const isLook = op.op === 'access' || (op.op === 'get-user-page' && hasForked(process));
    const stale = isLook ? this.#stale.get(page) : undefined;
    if (stale !== undefined) return { ...mismatch, rule: stale, suspects: [] };
    const wrong = this.#wrongLeaves.get(leafName(space, page));
    const isMissing = mismatch.rule === 'CW-1' || mismatch.rule === 'CW-4';
    if (isLook && !isMissing && wrong !== undefined && hasForked(process))
      return { ...mismatch, rule: wrong.rule, suspects: wrong.suspects ?? [] };
    const frame = this.#leaves.get(space)?.find(({ va }) => va === page)?.frame;
    if (frame !== undefined && this.#loose.has(frame))
      return { ...mismatch, rule: 'CW-14', suspects: [FRAMES] };
    const shared = this.#unprotected.get(page);
    if (shared !== undefined && shared !== mismatch.rule)
      return { ...mismatch, suspects: [...(mismatch.suspects ?? []), shared] };
    return amongRelatives(process, op, mismatch);
  }

  /** After a fork: what it shares, or has lost if it failed. */
  #fork({ op, step, space, process }: Scene, before: Leaves): Divergence | null {
    if (op.op !== 'fork' || process === undefined) return null;
    const child = step.outcome.kind === 'ok' ? op.child : null;
    if (child === null) this.#forks.fail(before.get(space) ?? []);
    else this.#inherit(op);
    const unshared = unsharedAtFork(this.#model, this.#leaves, before, space, child);
    const [first] = unshared;
    if (first === undefined) return null;
    const rule = failureRule({ op, step, copies: false }, first.mismatch.rule);
    const found = this.#divergence({ ...first.mismatch, rule }, first.space);
    if (child === null) return found;
    this.#note(found);
    for (const { space: where, va } of unshared) {
      const page = this.#model.processes.get(where)?.pages.get(va);
      if (page !== undefined) this.#model.setApart(page, rule);
    }
    return null;
  }

  /** What was wrong with a leaf of the parent is wrong with the child's too, and no fault of the fork. */
  #inherit({ process, child }: Extract<ProcessOp, { op: 'fork' }>): void {
    for (const { va } of this.#leaves.get(process) ?? []) {
      const wrong = this.#wrongLeaves.get(leafName(process, va));
      if (wrong !== undefined) this.#wrongLeaves.set(leafName(child, va), wrong);
    }
  }

  /**
   * Pages that share a frame and must not are wrong for themselves: what is in them says nothing more. Those of which a fork has made copies may share
   * one until they are written, so the model has to have `followed` the operation first.
   */
  #sharing(scene: Scene, followed: boolean): void {
    const { op, space } = scene;
    for (const sharing of forbiddenSharing(this.#model, this.#leaves, op)) {
      const { mismatch, areCopies, pages, leaves, va, frame } = sharing;
      if (!areCopies) {
        if (!this.#loose.has(frame)) this.#note(this.#divergence(mismatch, space));
        for (const page of pages) page.contents.forget();
      } else if (followed) {
        const isKnown = leaves.some(
          (leaf) => this.#wrongShares.has(leaf) || this.#wrongLeaves.has(leaf),
        );
        const rule = failureRule(scene, mismatch.rule);
        if (!isKnown && !this.#stale.has(va)) {
          this.#note(this.#divergence({ ...mismatch, rule }, space));
          this.#unprotected.set(va, rule);
        }
        for (const leaf of leaves) this.#wrongShares.add(leaf);
        this.#model.rejoin(pages);
      }
    }
  }

  #missingPage({ op, step, space }: Scene): Divergence | null {
    const missing = missingPage(this.#model, this.#leaves, op, step);
    return missing === null ? null : this.#divergence(missing, space);
  }

  #disappearance(scene: Scene, before: Leaves): Divergence | null {
    const { op, step, space, process } = scene;
    const gone = disappearance(this.#model, this.#leaves, before, step.injected);
    // What a fork does to the pages of the parent was looked at already.
    if (gone === null || (op.op === 'fork' && gone.space === space)) return null;
    const isRelative = hasForked(process) && gone.space !== space;
    const rule = isRelative ? 'CW-13' : failureRule(scene, gone.rule);
    return this.#divergence({ ...gone, rule }, gone.space);
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
      ...(va === undefined ? {} : { va }),
    };
    const rule = refusalRule(process, 'code' in op ? op : {}, step, panicRule(expectation, step));
    let natural: Mismatch = amongRelatives(process, op, { ...mismatch, rule });
    if (panic.kind !== 'todo') {
      if (panic.about === 'frames') natural = { ...mismatch, ...this.#framesRule(scene) };
      if (panic.about === 'invalidation') {
        const page = va === undefined ? -1 : Number(BigInt(va) & ~0xfffn);
        const rule = staleRule(this.#model, process, op, step, page);
        natural = { ...mismatch, rule: scene.copies ? 'CW-4' : rule };
      }
      natural = { ...natural, rule: failureRule(scene, natural.rule) };
    }
    const sites = panic.sites ?? null;
    return { ...this.#divergence(natural, space), panic, sites };
  }

  /** A pager reports failure with a KernelError; another error of the interface is noted once, and otherwise taken as a refusal. */
  #errorKind({ op, step, space, process }: Scene, expected: string): void {
    const { outcome } = step;
    if (outcome.kind !== 'error' && outcome.kind !== 'killed') return;
    if (!outcome.error.startsWith('PageTableMappingError.')) return;
    this.#note(
      this.#divergence(
        {
          rule: refusalRule(process, 'code' in op ? op : {}, step, 'LP-25'),
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
      const found = ({ rule, suspects = [] }: Pick<Mismatch, 'rule' | 'suspects'>): Divergence => {
        const charged = failureRule(scene, rule);
        const where = va === null ? {} : { va };
        // What fails without a failure, too, is not made worse by one.
        const others = charged === rule ? suspects : [...suspects, rule];
        const told = { rule: charged, summary, expected, observed, suspects: others, ...where };
        return { ...this.#divergence(told, space), sites };
      };
      switch (fact.kind) {
        case 'stale-translation': {
          const rule = staleRule(this.#model, process, op, step, fact.va);
          this.#stale.set(fact.va, rule);
          this.#note({ ...found({ rule }), rule });
          break;
        }
        // Graded programs run on processors that remember no structures.
        case 'stale-structure':
          break;
        case 'kernel-half': {
          const rule = refusalRule(process, 'code' in op ? op : {}, step, 'LP-24');
          return { ...found({ rule }), rule: op.op === 'fork' ? 'CW-1' : rule };
        }
        case 'bad-entry':
          return found(op.op === 'fork' ? { rule: 'CW-12' } : { rule: 'LP-10' });
        case 'shared-table':
          if (this.#loose.size > 0) return found(this.#framesRule(scene, fact.frame));
          return found(op.op === 'fork' ? { rule: 'CW-1' } : { rule: FRAMES });
        case 'dangling-entry':
        case 'under-owned': {
          const divergence = found(this.#framesRule(scene, fact.frame));
          if (divergence.rule !== 'CW-14') return divergence;
          // One of several has too few owners: the others go on.
          this.#loose.add(fact.frame);
          this.#note(divergence);
          break;
        }
        case 'leak':
          return found({ rule: FRAMES });
      }
    }
    return null;
  }

  /** The rule about frames that live too short; `frame`: which, if that is known. */
  #framesRule(
    { op, process }: Pick<Scene, 'op' | 'process'>,
    frame?: number,
  ): Pick<Mismatch, 'rule' | 'suspects'> {
    const isShared =
      frame === undefined
        ? hasForked(process)
        : this.#forks.hasFrame(frame) || this.#loose.size > 0;
    return isShared || op.op === 'fork' ? { rule: 'CW-14', suspects: [FRAMES] } : { rule: FRAMES };
  }

  #tearDown(): Divergence | null {
    const { teardown } = this.#trace;
    if (teardown === null) return null;
    this.#step = this.#program.ops.length;
    const { outcome } = teardown;
    if (outcome.kind !== 'ok') {
      const observed = outcomeText(outcome);
      const mismatch = {
        ...(this.#model.forked ? { rule: 'CW-14', suspects: [FRAMES] } : { rule: FRAMES }),
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
    this.#leaks(teardown.leaks.filter((fact) => fact.kind === 'leak'));
    return null;
  }

  #leaks(leaks: readonly Extract<Fact, { kind: 'leak' }>[]): void {
    // A failure that was injected is to blame only if nothing leaks without one: whatever loses every frame loses those, too.
    const isInjected = ({ op }: { op: number }): boolean =>
      this.#trace.steps[op]?.injected === true;
    const plain = leaks.filter((leak) => !isInjected(leak));
    const blamed = plain.length > 0 ? plain : leaks;
    const ofForks = blamed.filter(
      ({ op, frame }) => this.#forks.hasOperation(op) || this.#forks.hasFrame(frame),
    );
    const others = blamed.filter((leak) => !ofForks.includes(leak));
    const injected = plain.length === 0;
    const both = ofForks.length > 0 && others.length > 0;
    // A fork that failed may have left a reference to what it was about to share.
    const undone = blamed.some(({ frame }) => this.#forks.hasSurvivor(frame));
    const ofForksRule =
      injected || undone
        ? { rule: 'CW-9', suspects: injected ? [] : ['CW-15', FRAMES] }
        : { rule: 'CW-15', suspects: [FRAMES] };
    for (const [some, rule] of [
      [ofForks, ofForksRule],
      [
        others,
        undone
          ? { rule: 'CW-9', suspects: ['CW-15', FRAMES] }
          : { rule: injected ? 'LP-23' : FRAMES },
      ],
    ] as const) {
      const [leak] = some;
      if (leak === undefined) continue;
      const count = both ? some.length : leaks.length;
      const mismatch = {
        ...rule,
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
    }
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
    // What a process leaves of its own region is no matter of its relatives.
    const own = op.op === 'munmap' && op.process === mismatch.space;
    return this.#divergence(own ? placed : amongRelatives(process, op, placed), mismatch.space);
  }

  #divergence(mismatch: Mismatch, space: string): Divergence {
    const { rule, summary, expected, observed, va, suspects = [] } = mismatch;
    const focus =
      va === undefined || BigInt(va) >= 0x8000_0000_0000n
        ? null
        : { space, va: hex(BigInt(va)) as Hex };
    const told = { rule, step: this.#step, summary, expected, observed, focus };
    return { ...told, panic: null, sites: null, ...(suspects.length === 0 ? {} : { suspects }) };
  }
}

/** A panic inside a pager that `MmStruct` asked is the pager's. */
function panicRule({ rule, pagerRule }: ProcessExpectation, { asked = [] }: Step): string {
  const isPagers = asked.some(
    ({ answer }) => answer.type === 'thrown' && !answer.value.startsWith('KernelError.'),
  );
  return isPagers ? (pagerRule ?? rule) : rule;
}

/** The rule that an operation breaks in which a failure was injected, or `otherwise`. */
function failureRule(
  { op, step, copies }: Pick<Scene, 'op' | 'step' | 'copies'>,
  otherwise: string,
): string {
  if (!step.injected) return otherwise;
  return op.op === 'fork' || copies ? 'CW-9' : 'LP-23';
}
