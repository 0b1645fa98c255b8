/**
 * Judges a trace of operations on bare page tables against a model that is nothing but a map from addresses to pages.
 *
 * Which rule a mismatch breaks is decided by what was expected, not by how the student's code is written.
 */
import type { Fact, Leaf } from '../../reference/contract/machine-facts.ts';
import { hex, isCanonical, toLinear } from '../../reference/x86/address.ts';
import type { Hex, PageTableOp, Program } from '../protocol/program.ts';
import type { Outcome, Step, Trace } from '../protocol/trace.ts';
import { factText, ownersText } from './facts.ts';
import { type Expectation, type ModelTable, PageTableModel } from './page-table-model.ts';
import type { Divergence, Verdict } from './verdict.ts';
import { outcomeText, permissionText } from './words.ts';
import { applySpaces } from './space-changes.ts';

/** Rules that facts and panics break, whatever operation they turn up in. */
const FRAMES = 'PT-15';
const INVALIDATION = 'PT-11';
const KERNEL_HALF = 'PT-16';
/** Whatever goes wrong in a call in which a frame allocation failed. */
const OUT_OF_MEMORY = 'PT-17';

/** Judges `trace`, which came from running `program` (page-table operations only). */
export function judgePageTable(program: Program, trace: Trace): Verdict {
  return new Judge(program, trace).run();
}

class Judge {
  readonly #program: Program;
  readonly #trace: Trace;
  readonly #model = new PageTableModel();
  readonly #noted: Divergence[] = [];
  readonly #leaves = new Map<string, readonly Leaf[]>();
  /** Pages for which some processor was seen to hold an old translation: what goes wrong there later has that as its cause. */
  readonly #stale = new Set<number>();
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
      const broken = this.#judge(op as PageTableOp, step);
      if (broken !== null) return { broken, noted: this.#noted };
    }
    return { broken: this.#tearDown(), noted: this.#noted };
  }

  #judge(op: PageTableOp, step: Step): Divergence | null {
    const expectation = this.#model.expect(op, step.injected);
    const wrong = this.#outcome(op, expectation, step);
    if (wrong !== null) {
      if (!isQuestion(op) || step.outcome.kind === 'panic') return wrong;
      this.#note(wrong);
    }
    return (
      (wrong === null ? this.#apply(op, expectation, step.outcome) : null) ??
      this.#facts(op, step) ??
      this.#spaces(op, expectation, step)
    );
  }

  /** Compares result, error and bytes. */
  #outcome(
    op: PageTableOp,
    expectation: Expectation,
    { outcome, injected }: Step,
  ): Divergence | null {
    const expected = expectation.text;
    const observed = outcomeText(outcome);
    const focus = focusOf(op);
    if (outcome.kind === 'panic') {
      const { about } = outcome.panic;
      const rule = injected
        ? OUT_OF_MEMORY
        : about === 'frames'
          ? FRAMES
          : about === 'invalidation'
            ? INVALIDATION
            : expectation.rule;
      const summary =
        outcome.panic.kind === 'todo'
          ? observed
          : `${op.op} did not survive: ${outcome.panic.message}`;
      return this.#divergence(rule, summary, expected, observed, focus, outcome.panic);
    }
    if (expectation.accepts(outcome)) return null;
    const page = 'va' in op ? Number(BigInt.asIntN(64, BigInt(op.va) & ~0xfffn)) : -1;
    const rule = op.op === 'probe' && this.#stale.has(page) ? INVALIDATION : expectation.rule;
    return this.#divergence(rule, expectation.complaint(outcome), expected, observed, focus);
  }

  /** Lets the model follow, and compares what a leaf entry looks like. */
  #apply(op: PageTableOp, expectation: Expectation, outcome: Outcome): Divergence | null {
    // The entry was looked at before the handle changed anything.
    const mapped =
      'table' in op && 'va' in op ? this.#model.table(op.table)?.pages.get(op.va) : undefined;
    expectation.apply(outcome);
    if (outcome.kind !== 'ok' || outcome.entry === undefined || mapped === undefined) return null;
    const { entry } = outcome;
    const rule = op.op === 'walk' ? 'PT-12' : 'PT-13';
    const focus = focusOf(op);
    if (!entry.live) {
      return this.#divergence(
        rule,
        'the entry returned is not the one in the page table',
        'a view of the leaf entry itself',
        'a view of another entry',
        focus,
      );
    }
    if (entry.frame !== mapped.frame) {
      const observed =
        entry.frame === null ? 'an entry without P' : `an entry for frame ${hex(entry.frame)}`;
      return this.#divergence(
        'PT-3',
        'the entry leads to another frame',
        `an entry for ${mapped.label} (frame ${hex(mapped.frame)})`,
        observed,
        focus,
      );
    }
    // Accessed and dirty are the hardware's; a fresh entry that no processor has used must have exactly the defined bits.
    const flags = BigInt(entry.flags) & (mapped.touched ? ~0x60n : ~0n);
    const exact = exactFlags(mapped.perm);
    if (flags === exact) return null;
    this.#note(
      this.#divergence(
        'PT-4',
        `the leaf entry does not say ${permissionText(mapped.perm)}`,
        `flags ${flagNames(exact)}`,
        `flags ${flagNames(flags)}`,
        focus,
      ),
    );
    return null;
  }

  #facts(op: PageTableOp, { facts, injected }: Step): Divergence | null {
    for (const fact of facts) {
      const { summary, expected, observed, va, sites = null } = factText(fact);
      const space = 'table' in op ? op.table : '';
      const focus = va === null ? null : { space, va };
      const found = (rule: string): Divergence => ({
        ...this.#divergence(rule, summary, expected, observed, focus),
        sites,
      });
      switch (fact.kind) {
        case 'stale-translation':
          this.#stale.add(fact.va);
          this.#note(found(op.op === 'walk-mut' ? 'PT-13' : INVALIDATION));
          break;
        // Graded programs run on processors that remember no structures.
        case 'stale-structure':
          break;
        case 'kernel-half':
          return found(KERNEL_HALF);
        case 'bad-entry':
          return found(injected ? OUT_OF_MEMORY : 'PT-4');
        case 'dangling-entry':
        case 'shared-table':
        case 'under-owned':
        case 'leak':
          return found(injected ? OUT_OF_MEMORY : FRAMES);
      }
    }
    return null;
  }

  /** Every table must map exactly what the model says, with the effective rights of the leaf. */
  #spaces(op: PageTableOp, expectation: Expectation, step: Step): Divergence | null {
    applySpaces(this.#leaves, step.spaces);
    for (const [label, table] of this.#model.tables) {
      // In another table than that of the operation everything is another mapping.
      const concerns = 'table' in op && op.table === label ? expectation.concerns : null;
      const found = this.#space(
        label,
        table,
        this.#leaves.get(label) ?? [],
        { ...expectation, concerns },
        step.injected,
      );
      if (found !== null) return found;
    }
    return null;
  }

  #space(
    label: string,
    table: ModelTable,
    leaves: readonly Leaf[],
    expectation: Expectation,
    injected: boolean,
  ): Divergence | null {
    const seen = new Map(leaves.map((leaf) => [leaf.va, leaf]));
    for (const [va, mapped] of table.pages) {
      const leaf = seen.get(toLinear(BigInt(va)));
      const focus = { space: label, va };
      const concerned = injected || expectation.concerns === va;
      if (leaf === undefined) {
        const rule = concerned ? expectation.rule : 'PT-8';
        return this.#divergence(
          rule,
          `${va} is not mapped${expectation.concerns === va ? '' : ' any more'}`,
          `${va} leads to ${mapped.label}`,
          'no translation',
          focus,
        );
      }
      if (leaf.frame !== mapped.frame) {
        const rule = concerned ? expectation.rule : 'PT-8';
        return this.#divergence(
          rule,
          `${va} leads to the wrong frame`,
          `frame ${hex(mapped.frame)} (${mapped.label})`,
          `frame ${hex(leaf.frame)}`,
          focus,
        );
      }
      if (leaf.rights !== mapped.perm) {
        this.#note(
          this.#divergence(
            (leaf.own ?? leaf.rights) === mapped.perm ? 'PT-7' : 'PT-4',
            `${va} has other rights than it was mapped with`,
            permissionText(mapped.perm),
            `${permissionText(leaf.rights)} after combining all four levels`,
            focus,
          ),
        );
      }
      seen.delete(toLinear(BigInt(va)));
    }
    for (const leaf of seen.values()) {
      const va = hex(leaf.va) as Hex;
      const rule = injected || expectation.concerns === va ? expectation.rule : 'PT-8';
      return this.#divergence(
        rule,
        `${va} is mapped, but should not be`,
        `no translation for ${va}`,
        `${va} leads to frame ${hex(leaf.frame)}`,
        { space: label, va },
      );
    }
    return null;
  }

  /** Everything is released at the end: it must not panic, and leave no frame behind. */
  #tearDown(): Divergence | null {
    const { teardown } = this.#trace;
    if (teardown === null) return null;
    this.#step = this.#program.ops.length;
    const { outcome } = teardown;
    if (outcome.kind !== 'ok') {
      const panic = outcome.kind === 'panic' ? outcome.panic : null;
      const rule = panic?.about === 'frames' ? FRAMES : 'PT-14';
      return this.#divergence(
        rule,
        `dropping the page tables failed: ${outcomeText(outcome)}`,
        'success',
        outcomeText(outcome),
        null,
        panic,
      );
    }
    for (const { pages } of this.#model.tables.values())
      for (const { frame } of pages.values()) this.#model.cleared.add(frame);
    const leaks = teardown.leaks.filter((fact) => fact.kind === 'leak');
    const rules = leaks.map((leak) => this.#leakRule(leak));
    // A shortage of memory is to blame only if nothing leaks without one: whatever loses every frame loses those, too.
    const place = Math.max(
      0,
      rules.findIndex((each) => each !== OUT_OF_MEMORY),
    );
    const [leak, rule] = [leaks[place], rules[place]];
    if (leak === undefined || rule === undefined) return null;
    const count = leaks.length;
    const summary =
      count === 1
        ? 'one page frame is never released'
        : `${String(count)} page frames are never released`;
    const where = leak.op < 0 ? 'while everything was released' : `in step ${String(leak.op + 1)}`;
    this.#note({
      ...this.#divergence(
        rule,
        summary,
        'every frame is free once all page tables and pages are dropped',
        `${count === 1 ? 'the frame was' : 'the first of them was'} allocated ${where} and is still owned${ownersText(leak.owners)}`,
        null,
      ),
      sites: { allocated: leak.site, released: '' },
    });
    return null;
  }

  /**
   * A frame that was mapped when its table was dropped, or a table that a successful map made, is a matter of `clear`; a frame lost on any other
   * way, of ownership; one lost in an operation that ran out of memory, of that.
   */
  #leakRule(leak: Extract<Fact, { kind: 'leak' }>): string {
    const step = this.#trace.steps[leak.op];
    if (step?.injected === true) return OUT_OF_MEMORY;
    if (this.#model.cleared.has(leak.frame)) return 'PT-14';
    const op = this.#program.ops[leak.op];
    return (op?.op === 'map' || op?.op === 'do-map') && step?.outcome.kind === 'ok'
      ? 'PT-14'
      : FRAMES;
  }

  /** Keeps the first divergence from each rule that does not disturb the world; the comparison goes on. */
  #note(divergence: Divergence): void {
    if (!this.#noted.some(({ rule }) => rule === divergence.rule)) this.#noted.push(divergence);
  }

  #divergence(
    rule: string,
    summary: string,
    expected: string,
    observed: string,
    focus: Divergence['focus'],
    panic: Divergence['panic'] = null,
  ): Divergence {
    return {
      rule,
      step: this.#step,
      summary,
      expected,
      observed,
      focus,
      panic,
      sites: panic?.sites ?? null,
    };
  }
}

/** Operations that only ask: a wrong answer changes nothing, so the comparison can go on. */
function isQuestion(op: PageTableOp): boolean {
  return op.op === 'walk' || op.op === 'indices' || (op.op === 'walk-mut' && op.then === 'look');
}

function focusOf(op: PageTableOp): Divergence['focus'] {
  return 'va' in op && 'table' in op && isCanonical(BigInt(op.va))
    ? { space: op.table, va: op.va }
    : null;
}

/** The exact flag word of a fresh leaf: present, RW = WRITE, US = USER, XD unless EXECUTABLE. */
function exactFlags(perm: number): bigint {
  return (
    1n |
    ((perm & 2) !== 0 ? 2n : 0n) |
    ((perm & 8) !== 0 ? 4n : 0n) |
    ((perm & 4) !== 0 ? 0n : 1n << 63n)
  );
}

function flagNames(flags: bigint): string {
  const names: [bigint, string][] = [
    [1n, 'P'],
    [2n, 'RW'],
    [4n, 'US'],
    [0x20n, 'A'],
    [0x40n, 'D'],
    [1n << 63n, 'XD'],
  ];
  const known = names.filter(([bit]) => (flags & bit) !== 0n).map(([, name]) => name);
  const rest = names.reduce((left, [bit]) => left & ~bit, flags);
  return [...known, ...(rest === 0n ? [] : [hex(rest)])].join(' | ') || 'none';
}
