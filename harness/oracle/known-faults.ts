/** What was seen to be wrong in one trace so far: what goes wrong later may have that as its cause, and is charged to it. */
import type { Leaf } from '../../reference/contract/machine-facts.ts';
import { hasForked } from './fork-rules.ts';
import type { Charge, Mismatch } from './mismatch.ts';
import type { Scene } from './scene.ts';
import { leafName } from './space-rules.ts';

export class KnownFaults {
  /** Pages for which some processor was seen to hold an old translation, by address, with the rule that this broke. */
  readonly stale = new Map<number, string>();
  /** Leaves that are wrong by themselves, with what this was charged to. */
  readonly leaves = new Map<string, Charge>();
  /** Leaves that share a frame which they must not share, or not so. */
  readonly sharing = new Set<string>();
  /** Pages of relatives that share a frame so since some operation after the fork, by address, with the rule that this broke. */
  readonly unprotected = new Map<number, string>();
  /** Shared frames that were seen with too few owners. */
  readonly loose = new Set<number>();

  /** The mismatch, charged to what has caused it. `leaves`: those of the process. */
  cause({ op, process, space }: Scene, mismatch: Mismatch, leaves: readonly Leaf[]): Mismatch {
    const page = mismatch.va === undefined ? -1 : Number(BigInt(mismatch.va) & ~0xfffn);
    const forked = hasForked(process);
    const looks = op.op === 'access' || (op.op === 'get-user-page' && forked);
    const stale = this.stale.get(page);
    if (looks && stale !== undefined) {
      // What an old translation lets through changes nothing, unless it is a store.
      const isStore = op.op === 'access' && op.kind === 'write';
      return {
        ...charged(mismatch, { rule: stale }),
        harmless: !isStore || mismatch.harmless === true,
      };
    }
    if (!forked) return mismatch;
    const wrong = this.leaves.get(leafName(space, page));
    const isBasic = mismatch.rule === 'CW-1' || mismatch.rule === 'CW-4';
    if (looks && !isBasic && wrong !== undefined) return charged(mismatch, wrong);
    const frame = leaves.find(({ va }) => va === page)?.frame;
    if (frame !== undefined && this.loose.has(frame))
      return charged(mismatch, { rule: 'CW-14', unforked: ['LP-21'] });
    const unprotected = this.unprotected.get(page);
    if (unprotected === undefined || unprotected === mismatch.rule) return mismatch;
    return { ...mismatch, perhaps: [...(mismatch.perhaps ?? []), unprotected] };
  }
}

function charged(mismatch: Mismatch, { rule, perhaps = [], unforked = [] }: Charge): Mismatch {
  return { ...mismatch, rule, perhaps, unforked };
}
