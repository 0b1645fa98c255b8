/**
 * Judges a trace of operations on bare page tables against a model that is nothing but a map from addresses to pages.
 *
 * Which rule a mismatch breaks is decided by what was expected, not by how the student's code is written.
 */
import type { Fact, Leaf } from '../../reference/contract/machine-facts.ts';
import { isCanonical, toLinear } from '../../reference/x86/address.ts';
import type { Hex, PageTableOp, Program } from '../protocol/program.ts';
import type { Outcome, Panic, Step, Trace } from '../protocol/trace.ts';
import { factText, ownersText } from './facts.ts';
import type { Mismatch } from './mismatch.ts';
import { entryMismatch, flagsMismatch } from './page-table-entry.ts';
import { PageTableModel } from './page-table-model.ts';
import { type Done, misplacedPage, pagesWithOtherRights } from './page-table-spaces.ts';
import { applySpaces } from './space-changes.ts';
import { isStarved, starvationText } from './starvation.ts';
import { type Divergence, type Excused, excusedBy, verdictOf, type Verdict } from './verdict.ts';
import { outcomeText } from './words.ts';

/** Rules that facts and panics break, whatever operation they turn up in. */
const FRAMES = 'PT-15';
const INVALIDATION = 'PT-11';
const KERNEL_HALF = 'PT-16';
const OTHERS = 'PT-8';
const CLEAR = 'PT-14';
/** Whatever goes wrong in a call in which a frame allocation failed. */
const OUT_OF_MEMORY = 'PT-17';
/** Whoever dies while everything is released leaves open what else would not have been. */
const JUDGED_AT_THE_END = [CLEAR, FRAMES, OUT_OF_MEMORY];

/** Judges `trace`, which came from running `program` (page-table operations only). */
export function judgePageTable(program: Program, trace: Trace): Verdict {
  return new Judge(program, trace).run();
}

class Judge {
  readonly #program: Program;
  readonly #trace: Trace;
  readonly #model = new PageTableModel();
  readonly #noted: Divergence[] = [];
  readonly #excused: Excused[] = [];
  /** What had to work, and was refused. */
  readonly #refused: Divergence[] = [];
  readonly #leaves = new Map<string, readonly Leaf[]>();
  /** Pages, by address, for which some processor was seen to hold an old translation, with the rule: what goes wrong there later has that as its cause. */
  readonly #stale = new Map<number, string>();
  /** Pages, by table and address, that were seen with wrong rights, or on a frame that is not theirs, with the rule: as above. */
  readonly #wrong = new Map<string, string>();
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
      applySpaces(this.#leaves, step.spaces);
      const expectation = this.#model.expect(op as PageTableOp, step.injected);
      const broken = this.#judge({ op: op as PageTableOp, expectation, step });
      if (broken !== null) return this.#verdict(broken);
    }
    const broken = this.#tearDown();
    const verdict = this.#verdict(broken);
    return broken === null ? verdict : { ...verdict, unjudged: JUDGED_AT_THE_END };
  }

  #verdict(broken: Divergence | null): Verdict {
    return verdictOf(broken, this.#noted, this.#excused, this.#refused);
  }

  #judge(done: Done): Divergence | null {
    return (
      this.#outcome(done) ??
      this.#structures(done) ??
      this.#placed(misplacedPage(done, this.#model.tables, this.#leaves)) ??
      this.#owners(done) ??
      this.#remarks(done)
    );
  }

  /** Compares result, error and bytes, and lets the model follow. */
  #outcome(done: Done): Divergence | null {
    const { op, expectation, step } = done;
    const { outcome } = step;
    const focus = focusOf(op);
    if (outcome.kind === 'panic') return this.#panic(done, outcome.panic);
    // The entry was looked at before the handle changed anything.
    const mapped =
      'table' in op && 'va' in op ? this.#model.table(op.table)?.pages.get(op.va) : undefined;
    if (!expectation.accepts(outcome)) {
      if (isStarved(this.#program, step)) {
        const hoarded = { ...starvationText(this.#program), observed: outcomeText(outcome) };
        return this.#divergence({ rule: FRAMES, ...hoarded }, focus);
      }
      const cause = op.op === 'probe' ? this.#causeOf(op) : undefined;
      const rule = cause ?? expectation.blame?.(outcome) ?? expectation.rule;
      const { text: expected } = expectation;
      const observed = outcomeText(outcome);
      const summary = expectation.complaint(outcome);
      const wrong = this.#divergence({ rule, summary, expected, observed }, focus);
      if (expectation.survives?.(outcome) === true) expectation.apply(outcome);
      else if (expectation.refuse !== undefined && isUnchanged(outcome, step)) {
        expectation.refuse();
        this.#refused.push(wrong);
      } else return wrong;
      this.#note(wrong);
      return null;
    }
    expectation.apply(outcome);
    // Rights that are known to be wrong are no news.
    const isKnown = this.#causeOf(op) !== undefined;
    // What is mapped at the address from now on is as it should be, or is found out below.
    const isChange = outcome.kind === 'ok' && op.op !== 'probe' && !isQuestion(op);
    if ('va' in op && 'table' in op && isChange) this.#wrong.delete(placeOf(op.table, op.va));
    if (outcome.kind !== 'ok' || outcome.entry === undefined || mapped === undefined) return null;
    const mismatch = entryMismatch(op, outcome.entry, mapped);
    if (mismatch !== null && !isQuestion(op)) return this.#divergence(mismatch, focus);
    const remark = mismatch ?? flagsMismatch(outcome.entry, mapped);
    if (remark !== null && (remark === mismatch || !isKnown))
      this.#note(this.#divergence(remark, focus));
    return null;
  }

  /** What the page that the operation is about was spoilt by before, if that is known. */
  #causeOf(op: PageTableOp): string | undefined {
    if (!('va' in op) || op.op === 'indices') return undefined;
    if (op.op !== 'probe') return this.#wrong.get(placeOf(op.table, op.va));
    const table = this.#model.runningOn(op.cpu) ?? '';
    return this.#stale.get(pageOf(op.va)) ?? this.#wrong.get(placeOf(table, op.va));
  }

  #panic({ op, expectation, step }: Done, panic: Panic): Divergence {
    const cause = this.#causeOf(op);
    const isOwnersCause = cause === FRAMES || cause === OUT_OF_MEMORY;
    const natural = {
      // Who only looks releases nothing, and has kept something too long.
      frames: isOwnersCause ? cause : op.op === 'walk' ? 'PT-12' : FRAMES,
      invalidation: op.op === 'walk-mut' ? expectation.rule : INVALIDATION,
      'kernel-half': KERNEL_HALF,
      leaves: OTHERS,
      call: expectation.blame?.(step.outcome) ?? expectation.rule,
    }[panic.about ?? 'call'];
    const observed = outcomeText({ kind: 'panic', panic });
    const mismatch = {
      rule: step.injected ? OUT_OF_MEMORY : natural,
      summary: panic.kind === 'todo' ? observed : `${op.op} did not survive: ${panic.message}`,
      expected: expectation.text,
      observed,
    };
    return { ...this.#divergence(mismatch, focusOf(op)), panic, sites: panic.sites ?? null };
  }

  /** Facts about the structures that all pages are reached through. */
  #structures(done: Done): Divergence | null {
    for (const fact of done.step.facts) {
      if (fact.kind === 'kernel-half') this.#note(this.#found(fact, KERNEL_HALF, done));
      const isAboutTable =
        fact.kind === 'shared-table' || (fact.kind === 'dangling-entry' && fact.level > 1);
      if (isAboutTable) return this.#found(fact, ownershipRule(done), done);
      if (fact.kind === 'bad-entry')
        return this.#found(fact, done.step.injected ? OUT_OF_MEMORY : badEntryRule(fact), done);
    }
    return null;
  }

  /**
   * Facts about who owns the frames of pages. While frames are not reused, such a page is still what it was, so the comparison goes on until
   * that shows.
   */
  #owners(done: Done): Divergence | null {
    for (const fact of done.step.facts) {
      if (fact.kind !== 'dangling-entry' && fact.kind !== 'under-owned') continue;
      const found = this.#found(fact, ownershipRule(done), done);
      if (this.#program.world.policy !== 'quarantine') return found;
      this.#note(found);
      const place = `${'table' in done.op ? done.op.table : ''} ${String(fact.va)}`;
      if (!this.#wrong.has(place)) this.#wrong.set(place, found.rule);
    }
    return null;
  }

  /** What disturbs nothing: rights, old translations, needless work. */
  #remarks(done: Done): null {
    const { op, step } = done;
    for (const mismatch of pagesWithOtherRights(done, this.#model.tables, this.#leaves)) {
      const place = placeOf(mismatch.space, mismatch.va);
      // A later operation is not to blame for what was wrong before.
      if (this.#wrong.has(place)) continue;
      this.#note(this.#placed(mismatch)!);
      this.#wrong.set(place, mismatch.rule);
    }
    for (const fact of step.facts) {
      if (fact.kind !== 'stale-translation') continue;
      const rule = this.#stale.get(fact.va) ?? this.#staleRule(done, fact.va);
      this.#stale.set(fact.va, rule);
      this.#note(this.#found(fact, rule, done));
    }
    const { frames } = step.effort;
    if (op.op === 'walk' && frames > 0) {
      const summary = 'walk allocates page frames';
      const observed = `${String(frames)} page frames allocated`;
      const mismatch = { rule: 'PT-12', summary, expected: 'walk only looks', observed };
      this.#note(this.#divergence(mismatch, focusOf(op)));
    }
    return null;
  }

  /** Rule that an old translation breaks that has become one in this operation. */
  #staleRule({ op, step }: Done, va: number): string {
    if (step.injected) return OUT_OF_MEMORY;
    if (op.op === 'walk-mut') return 'PT-13';
    // Nothing was unmapped: somebody changed the rights of another page.
    if (op.op !== 'map' && op.op !== 'do-map') return INVALIDATION;
    return this.#wrong.get(`${op.table} ${String(va)}`) ?? 'PT-8';
  }

  /** Everything is released at the end: it must not panic, and leave no frame behind. */
  #tearDown(): Divergence | null {
    const { teardown } = this.#trace;
    if (teardown === null) return null;
    this.#step = this.#program.ops.length;
    const { outcome } = teardown;
    if (outcome.kind !== 'ok') return this.#failedEnd(outcome);
    const leaks = teardown.leaks.filter((fact) => fact.kind === 'leak');
    const rules = leaks.map((leak) => this.#leakRule(leak));
    // A shortage of memory is to blame only if nothing leaks without one: whatever loses every frame loses those, too.
    const place = Math.max(
      0,
      rules.findIndex((each) => each !== OUT_OF_MEMORY),
    );
    const [leak, rule] = [leaks[place], rules[place]];
    if (leak === undefined || rule === undefined) return null;
    this.#excused.push(...excusedBy(rule, rules));
    const count = leaks.length;
    const where = leak.op < 0 ? 'while everything was released' : `in step ${String(leak.op + 1)}`;
    const mismatch = {
      rule,
      summary:
        count === 1
          ? 'one page frame is never released'
          : `${String(count)} page frames are never released`,
      expected: 'every frame is free once all page tables and pages are dropped',
      observed: `${count === 1 ? 'the frame was' : 'the first of them was'} allocated ${where} and is still owned${ownersText(leak.owners)}`,
    };
    const sites = { allocated: leak.site, released: '' };
    // Whose reference is left, that of the entry or one that a refused call kept, cannot be told.
    const perhaps = rule === CLEAR && this.#hasRefusedPage ? { perhaps: [FRAMES] } : {};
    this.#note({ ...this.#divergence(mismatch, null), ...perhaps, sites });
    return null;
  }

  /** Whether a page was handed over to a call that refused it. */
  get #hasRefusedPage(): boolean {
    return this.#program.ops.some(
      ({ op }, index) =>
        (op === 'map' || op === 'do-map') && this.#trace.steps[index]?.outcome.kind === 'error',
    );
  }

  #failedEnd(outcome: Outcome): Divergence {
    const panic = outcome.kind === 'panic' ? outcome.panic : null;
    const rule = {
      frames: FRAMES,
      'kernel-half': KERNEL_HALF,
      invalidation: CLEAR,
      leaves: OTHERS,
      call: CLEAR,
    };
    const mismatch = {
      rule: rule[panic?.about ?? 'call'],
      summary: `dropping the page tables failed: ${outcomeText(outcome)}`,
      expected: 'success',
      observed: outcomeText(outcome),
    };
    return { ...this.#divergence(mismatch, null), panic, sites: panic?.sites ?? null };
  }

  /**
   * A frame that an entry owned until its table was cleared is a matter of `clear`; one lost on any other way, of ownership; one lost in an operation that
   * ran out of memory, of that.
   */
  #leakRule({ op, owners, lost }: Extract<Fact, { kind: 'leak' }>): string {
    const wasInjected = (step: number): boolean => this.#trace.steps[step]?.injected === true;
    if (wasInjected(op) || (lost !== undefined && wasInjected(lost))) return OUT_OF_MEMORY;
    // A Page that was not dropped, or the root.
    if (lost === undefined || owners?.outside === 0) return FRAMES;
    const where = lost < 0 ? 'drop-table' : this.#program.ops[lost]?.op;
    return where === 'clear-table' || where === 'drop-table' ? CLEAR : FRAMES;
  }

  #found(fact: Fact, rule: string, { op }: Done): Divergence {
    const { summary, expected, observed, va, sites = null } = factText(fact);
    const space = 'table' in op ? op.table : '';
    const focus = va === null ? null : { space, va };
    return { ...this.#divergence({ rule, summary, expected, observed }, focus), sites };
  }

  #placed(mismatch: ReturnType<typeof misplacedPage>): Divergence | null {
    if (mismatch === null) return null;
    const { space, va } = mismatch;
    return this.#divergence(mismatch, { space, va });
  }

  /** Keeps the first divergence from each rule that does not disturb the world; the comparison goes on. */
  #note(divergence: Divergence): void {
    if (!this.#noted.some(({ rule }) => rule === divergence.rule)) this.#noted.push(divergence);
  }

  #divergence(mismatch: Mismatch, focus: Divergence['focus']): Divergence {
    const { rule, summary, expected, observed } = mismatch;
    return { rule, step: this.#step, summary, expected, observed, focus, panic: null, sites: null };
  }
}

/** Whether it was refused, and no table is another one. */
function isUnchanged({ kind }: Outcome, { spaces }: Step): boolean {
  return kind === 'error' && Object.keys(spaces).length === 0;
}

/** Operations that only ask: a wrong answer changes nothing, so the comparison can go on. */
function isQuestion(op: PageTableOp): boolean {
  return op.op === 'walk' || op.op === 'indices' || (op.op === 'walk-mut' && op.then === 'look');
}

/** Rule that a frame with too few owners breaks. */
function ownershipRule({ op, step }: Done): string {
  if (step.injected) return OUT_OF_MEMORY;
  return op.op === 'clear-table' || op.op === 'drop-table' ? CLEAR : FRAMES;
}

/** Rule that an entry with bits it must not have breaks: a leaf, or a table that takes away all that is below it. */
function badEntryRule({ level }: Extract<Fact, { kind: 'bad-entry' }>): string {
  return level === 1 ? 'PT-4' : 'PT-7';
}

function pageOf(va: Hex): number {
  return toLinear(BigInt(va) & ~0xfffn);
}

function placeOf(table: string, va: Hex): string {
  return `${table} ${String(pageOf(va))}`;
}

function focusOf(op: PageTableOp): Divergence['focus'] {
  return 'va' in op && 'table' in op && isCanonical(BigInt(op.va))
    ? { space: op.table, va: op.va }
    : null;
}
