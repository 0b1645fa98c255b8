/**
 * Where every translation in a TLB came from, and which change of the tables it has outlived: a stale one is an invalidation that never came, and whoever
 * looks for it wants to know of which store.
 */
import type { EntryChange, Origin } from '../contract/machine-facts.ts';
import { LO } from '../x86/page-table-entry.ts';
import { grantOf } from './access-code.ts';
import type { Cpu } from './cpu.ts';
import { agrees, peek } from './peek.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import { type Place, siteOf } from './place.ts';
import type { TlbEntry } from './tlb.ts';
import type { WalkStep } from './walker.ts';

/** A TLB answered with a translation that the tables contradict. */
export interface StaleHit {
  readonly cpu: number;
  /** Signed linear address of the access. */
  readonly linear: number;
  readonly entry: TlbEntry;
  readonly filled: Origin;
  /** The first entry on the way, from the top, that is not what it was; `null` if they all are, in other frames. */
  readonly change: EntryChange | null;
}

/** An {@link Origin} that nobody has asked for yet. */
interface Moment {
  readonly op: number;
  readonly place: Place;
}

interface Fill {
  readonly moment: Moment;
  readonly root: number;
  readonly steps: readonly WalkStep[];
}

/** The processor's own flags, which it does not have to be told of. Source: Intel SDM vol. 3A, "Accessed and Dirty Flags". */
const OWN_FLAGS = LO.ACCESSED | LO.DIRTY;

export class TranslationHistory {
  /** In the order in which they happened. */
  readonly staleHits: StaleHit[] = [];
  readonly #memory: PhysicalMemory;
  readonly #now: () => Moment;
  readonly #fills = new WeakMap<TlbEntry, Fill>();
  /** Who stored an entry last, by its physical address. */
  readonly #stores = new Map<number, { readonly moment: Moment; readonly word: string }>();

  /** `now`: the operation under way, and the student's code that runs. */
  constructor(memory: PhysicalMemory, now: () => Moment) {
    this.#memory = memory;
    this.#now = now;
  }

  /** An entry of a paging structure, at this physical address, was stored. */
  stored(at: number): void {
    this.#stores.set(at, { moment: this.#now(), word: this.#plainWord(at) });
  }

  filled(cpu: Cpu, entry: TlbEntry, steps: readonly WalkStep[]): void {
    this.#fills.set(entry, { moment: this.#now(), root: cpu.cr3, steps });
  }

  /** Looks whether the tables still give the translation; if not, the hit is kept and the answer is `true`. */
  hit(cpu: Cpu, entry: TlbEntry, linear: number): boolean {
    const fill = this.#fills.get(entry);
    if (fill === undefined || this.#isCurrent(cpu, entry, fill, linear)) return false;
    this.staleHits.push({ cpu: cpu.id, linear, entry, ...this.explain(entry)! });
    return true;
  }

  /** Where a translation came from and what has changed since, or `null` if it was filled before anyone watched. */
  explain(entry: TlbEntry): Pick<StaleHit, 'filled' | 'change'> | null {
    const fill = this.#fills.get(entry);
    return fill === undefined
      ? null
      : { filled: originOf(fill.moment), change: this.#change(fill) };
  }

  /** The tables may have come to say the same with pages of another size, so the address itself is looked at. */
  #isCurrent(cpu: Cpu, entry: TlbEntry, { root }: Fill, linear: number): boolean {
    const now = peek(this.#memory, root, linear, cpu.controls);
    // Rights that were given since are no danger, but the access may be refused for their sake.
    const isRefused = now !== null && grantOf({ ...now, dirty: entry.dirty }) !== entry.grant;
    return agrees(entry, linear, now) && !isRefused;
  }

  /** Who stored what is there now; `null` if it came there by a way that is not watched (bytes of a page, a frame used anew). */
  #storedBy(at: number): Origin | null {
    const store = this.#stores.get(at);
    return store?.word === this.#plainWord(at) ? originOf(store.moment) : null;
  }

  /** The entry at a physical address without the processor's own flags. */
  #plainWord(at: number): string {
    return word(this.#memory.readU32(at) & ~OWN_FLAGS, this.#memory.readU32(at + 4));
  }

  #change({ steps }: Fill): EntryChange | null {
    for (const { level, at, lo, hi } of steps) {
      const [lowNow, highNow] = [this.#memory.readU32(at), this.#memory.readU32(at + 4)];
      if ((lowNow | OWN_FLAGS) === (lo | OWN_FLAGS) && highNow === hi) continue;
      return {
        level,
        at,
        was: word(lo, hi),
        now: word(lowNow, highNow),
        by: this.#storedBy(at),
      };
    }
    return null;
  }
}

function originOf({ op, place }: Moment): Origin {
  return { op, site: siteOf(place) };
}

function word(lo: number, hi: number): string {
  return `0x${((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString(16)}`;
}
