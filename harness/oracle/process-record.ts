/** What the judge of a trace of processes keeps while it goes along: the model, what is mapped, what was seen to be wrong, and what it makes of it. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hex } from '../../reference/x86/address.ts';
import type { Hex, Program } from '../protocol/program.ts';
import { AddressSpaceModel } from './address-space-model.ts';
import { ForkHistory } from './fork-history.ts';
import { amongRelatives, refusalRule, RELATIVES } from './fork-rules.ts';
import { KnownFaults } from './known-faults.ts';
import { leftOver } from './left-over.ts';
import type { Mismatch } from './mismatch.ts';
import { doOverlap, type Extent, USER_END } from './region-rules.ts';
import type { Scene } from './scene.ts';
import type { PlacedMismatch } from './space-rules.ts';
import { Unseen } from './unseen.ts';
import { type Divergence, type Excused, type Verdict, verdictOf } from './verdict.ts';

/** Leaves of all address spaces, by the label of the process. */
export type Leaves = ReadonlyMap<string, readonly Leaf[]>;

export class ProcessRecord {
  readonly program: Program;
  readonly model: AddressSpaceModel;
  /** After the operation that is judged. */
  readonly leaves = new Map<string, readonly Leaf[]>();
  readonly forks = new ForkHistory();
  readonly known = new KnownFaults();
  readonly unseen = new Unseen();
  readonly excused: Excused[] = [];
  /** Index of the operation that is judged; the number of operations: the release of everything. */
  step = 0;
  readonly #noted: Divergence[] = [];
  /** By their rule: refusals of what had to work. */
  readonly #refused = new Map<string, Divergence>();
  /** Those that hide what is in some pages, as long as nobody has asked for it. */
  readonly #latent: { readonly refusal: Divergence; readonly pages: Extent }[] = [];

  constructor(program: Program) {
    this.program = program;
    this.model = new AddressSpaceModel(program.pager === 'eager');
  }

  /** What all this amounts to, if `broken` has ended the comparison, or nothing has. */
  verdict(broken: Divergence | null): Verdict {
    const excused = [...this.excused, ...this.unseen.excused];
    return verdictOf(broken, this.#noted, excused, [...this.#refused.values()]);
  }

  /** Keeps the first divergence from each rule that does not disturb the world; the comparison goes on. */
  note(divergence: Divergence): void {
    if (!this.#noted.some(({ rule }) => rule === divergence.rule)) this.#noted.push(divergence);
  }

  /** What would have come of something that was refused, nobody sees: at all, or in some pages. */
  hide(refusal: Divergence, what: true | Extent): void {
    if (what === true) this.#refused.set(refusal.rule, refusal);
    else this.#latent.push({ refusal, pages: what });
  }

  /** Pages are asked for. */
  ask(pages: Extent): void {
    for (const each of this.#latent)
      if (doOverlap(each.pages, pages)) this.hide(each.refusal, true);
  }

  /** A leaf that is wrong, with the rule that this breaks in the process that it is in. */
  placed({ op, step }: Scene, mismatch: PlacedMismatch): Divergence {
    const process = this.model.processes.get(mismatch.space);
    const rule =
      mismatch.rule === 'LP-11'
        ? refusalRule(process, 'code' in op ? op : {}, step, mismatch.rule)
        : mismatch.rule;
    const placed = { ...mismatch, rule };
    const ofRelatives = amongRelatives(process, op, placed);
    // What a process leaves of its own region is no matter of its relatives, unless they are known to be one.
    const isOwn = op.op === 'munmap' && op.process === mismatch.space && ofRelatives !== placed;
    const told = isOwn
      ? { ...placed, perhaps: [...(placed.perhaps ?? []), RELATIVES] }
      : ofRelatives;
    return this.divergence(told, mismatch.space);
  }

  /** A mismatch in the operation that is judged; `space`: label of the process that it is in, empty for none. */
  divergence(mismatch: Mismatch, space: string): Divergence {
    const { rule, unforked = [], surely = [], summary, expected, observed, va, byte } = mismatch;
    // Where a region was before, munmap may have left it, or something of it.
    const process = this.model.processes.get(space);
    const former =
      va === undefined || process === undefined ? [] : leftOver(process, BigInt(va), byte);
    const perhaps = [...(mismatch.perhaps ?? []), ...former.filter((each) => each !== rule)];
    const focus =
      va === undefined || BigInt(va) >= USER_END ? null : { space, va: hex(BigInt(va)) as Hex };
    return {
      rule,
      ...(perhaps.length === 0 ? {} : { perhaps }),
      ...(surely.length === 0 ? {} : { surely }),
      ...(unforked.length === 0 ? {} : { unforked }),
      step: this.step,
      summary,
      expected,
      observed,
      focus,
      panic: null,
      sites: null,
    };
  }
}
