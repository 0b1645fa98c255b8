/** What was seen to be wrong in one trace so far: what goes wrong later may have that as its cause, and is charged to it. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { faultedPages, hasForked, SHARED } from './fork-rules.ts';
import type { ProcessOp } from '../protocol/program.ts';
import type { Step } from '../protocol/trace.ts';
import type { Charge, Mismatch } from './mismatch.ts';
import type { PageContents } from './page-contents.ts';
import { pageOf } from './region-rules.ts';
import type { Scene } from './scene.ts';
import { leafName, type PlacedMismatch, type WrongRights } from './space-rules.ts';

const WRITE = 2;
const USER = 8;
const NEEDED = { read: 1, write: WRITE, fetch: 4 };

/** A leaf that is wrong by itself. */
interface WrongLeaf {
  readonly charge: Charge;
  /** Left out for one that should not be there at all. */
  readonly rights?: WrongRights;
}

export class KnownFaults {
  /** Pages for which some processor was seen to hold an old translation, by address, with the rule that this broke. */
  readonly stale = new Map<number, string>();
  /** Leaves that were seen to be wrong, as long as they do not change: there may be thousands, which need not be looked at in every step. */
  readonly wrong = new Set<Leaf>();
  /** Leaves that are wrong by themselves, by name. */
  readonly #leaves = new Map<string, WrongLeaf>();
  /** Leaves that share a frame which they must not share, or not so. */
  readonly sharing = new Set<string>();
  /** Frames that are, at the moment, shared by pages that are no copies of each other, with what those of them hold that were touched. */
  readonly crowded = new Map<number, readonly PageContents[]>();
  /** Pages of relatives that share a frame so since some operation after the fork, by address, with the rule that this broke. */
  readonly unprotected = new Map<number, string>();
  /** Shared frames that were seen with too few owners. */
  readonly loose = new Set<number>();

  isKnown({ leaf }: PlacedMismatch): boolean {
    return this.#leaves.has(leaf);
  }

  /** The leaf is wrong, and `charge` says by which rule. */
  addLeaf({ leaf, rights }: PlacedMismatch, charge: Charge): void {
    this.#leaves.set(leaf, { charge, ...(rights === undefined ? {} : { rights }) });
  }

  /** What is charged for a wrong leaf. */
  chargeOf(leaf: string): Charge | undefined {
    return this.#leaves.get(leaf)?.charge;
  }

  /** What is wrong with the leaf of `parent` at `va` is wrong with the one of `child`, too. */
  inherit(parent: string, child: string, va: number): void {
    const wrong = this.#leaves.get(leafName(parent, va));
    if (wrong !== undefined) this.#leaves.set(leafName(child, va), wrong);
  }

  /** The rule by which a leaf can be written that should not, whether it is shared or not. */
  widening(leaf: string): string | undefined {
    const wrong = this.#leaves.get(leaf);
    return ((wrong?.rights?.extra ?? 0) & WRITE) === 0 ? undefined : wrong?.charge.rule;
  }

  /** The mismatch, charged to what has caused it. `leaves`: those of the process. */
  cause(
    { op, step, process, space }: Scene,
    mismatch: Mismatch,
    leaves: readonly Leaf[],
  ): Mismatch {
    const page = mismatch.va === undefined ? -1 : pageOf(mismatch.va);
    const forked = hasForked(process);
    const looks = op.op === 'access' || (op.op === 'get-user-page' && forked);
    const stale = this.stale.get(page);
    if (looks && stale !== undefined && !isFoundAbsent(step, page)) {
      // What an old translation lets through changes nothing, unless it is a store.
      const isStore = op.op === 'access' && op.kind === 'write';
      return {
        ...charged(mismatch, { rule: stale }),
        harmless: !isStore || mismatch.harmless === true,
      };
    }
    const frame = leaves.find(({ va }) => va === page)?.frame;
    // What others store there shows. Pages that were touched before know nothing more: see the judge.
    const isOthers = mismatch.harmless === true && mismatch.perhaps?.includes(SHARED) === true;
    const intruders = frame === undefined ? undefined : this.crowded.get(frame);
    if (op.op === 'access' && isOthers && intruders !== undefined) {
      const { va = '0x0', byte = -1 } = mismatch;
      const isTheirs = intruders.some((each) => each.holds(Number(BigInt(va) & 0xfffn), byte));
      const shared = charged(mismatch, { rule: SHARED });
      return isTheirs ? { ...shared, instead: SHARED } : shared;
    }
    if (!forked) return mismatch;
    const wrong = this.#leaves.get(leafName(space, page));
    const isBasic = mismatch.rule === 'CW-1' || mismatch.rule === 'CW-4';
    if (looks && !isBasic && wrong !== undefined && explains(wrong, op, mismatch))
      return charged(mismatch, wrong.charge);
    if (frame !== undefined && this.loose.has(frame))
      return charged(mismatch, { rule: 'CW-14', unforked: ['LP-21'] });
    const unprotected = this.unprotected.get(page);
    if (unprotected === undefined || unprotected === mismatch.rule) return mismatch;
    return { ...mismatch, perhaps: [...(mismatch.perhaps ?? []), unprotected] };
  }
}

/** Whether a fault has said that the page is not there: then the processor had no translation of it, old or new. */
function isFoundAbsent({ faults }: Step, page: number): boolean {
  return faultedPages(faults.filter(({ code }) => (code & 1) === 0)).has(page);
}

/** Whether a wrong leaf has `mismatch` as a consequence: wrong bytes come only from a store that should have been refused. */
function explains({ rights }: WrongLeaf, op: ProcessOp, { harmless }: Mismatch): boolean {
  if (rights === undefined || op.op !== 'access') return true;
  const { extra, missing } = rights;
  if (harmless === true) return (extra & WRITE) !== 0;
  const needed = NEEDED[op.kind] | (op.mode === 'user' ? USER : 0);
  return ((extra | missing) & needed) !== 0;
}

function charged(
  mismatch: Mismatch,
  { rule, perhaps = [], surely = [], unforked = [] }: Charge,
): Mismatch {
  return { ...mismatch, rule, perhaps, surely, unforked, instead: mismatch.rule };
}
