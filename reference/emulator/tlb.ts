/**
 * The translations that one processor keeps.
 *
 * A processor may keep a translation until software invalidates it, and may drop it at any time. Which of the two happens is the policy: `retain`
 * never drops one by itself, so that a missing invalidation always shows; `none` keeps nothing; `tiny` keeps a few and evicts by seed.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", section "Caching Translation Information", subsections "Translation Lookaside Buffers (TLBs)",
 * "Process-Context Identifiers (PCIDs)" and "Invalidation of TLBs and Paging-Structure Caches".
 */
import { SPAN } from '../x86/address.ts';
import { grantOf } from './access-code.ts';
import { type Keyed, KeyTable } from './key-table.ts';
import { Random } from './random.ts';
import type { Translation } from './walker.ts';

/** What happens to translations that software does not invalidate. */
export type TlbPolicy =
  | { readonly kind: 'retain' }
  | { readonly kind: 'none' }
  /** Room for so many `entries`; which one makes room is decided by `seed`. */
  | { readonly kind: 'tiny'; readonly entries: number; readonly seed: number };

/** The most a processor may do. */
export const RETAIN: TlbPolicy = { kind: 'retain' };

/** A translation as the TLB holds it. */
export interface TlbEntry extends Translation, Keyed {
  /** First signed linear address that it covers, a multiple of `span`. */
  readonly linear: number;
  /** Process-context identifier it belongs to; global entries serve all. */
  readonly pcid: number;
  /** From a linear address to the physical one. */
  readonly distance: number;
  /** See {@link grantOf}. */
  readonly grant: number;
}

/** Stands for the PCID in the keys of global entries: PCIDs have 12 bits. Source: Intel SDM vol. 3A, "Process-Context Identifiers (PCIDs)", "Global Pages". */
const GLOBAL = 4096;
/** Page sizes. Source: Intel SDM vol. 3A, "Page Numbers, Page Frames, and Page Offsets". */
const SPANS = [SPAN[1], SPAN[2], SPAN[3]] as const;

export class Tlb {
  readonly policy: TlbPolicy;
  /** Filled in since this was last cleared, if somebody wants to know: some may be gone again. */
  recent: Set<TlbEntry> | null = null;
  /** By page size, then by page number and context. */
  readonly #tables = SPANS.map((span) => ({ span, entries: new KeyTable<TlbEntry>() }));
  readonly #small = this.#tables[0]!.entries;
  readonly #random: Random;
  /** Entries that a look-up for 4 KiB pages of the current context does not find. */
  #others = 0;

  constructor(policy: TlbPolicy = RETAIN) {
    this.policy = policy;
    this.#random = new Random(policy.kind === 'tiny' ? policy.seed : 1);
  }

  /** Translations kept. */
  get size(): number {
    return this.#tables.reduce((sum, { entries }) => sum + entries.size, 0);
  }

  /** The translation of a signed linear address, in the context of `pcid`. */
  lookUp(linear: number, pcid: number): TlbEntry | undefined {
    const small = this.#small.get(lowOf(linear, 4096), highOf(linear, 4096, pcid));
    return small !== undefined || this.#others === 0 ? small : this.#lookUpOthers(linear, pcid);
  }

  #lookUpOthers(linear: number, pcid: number): TlbEntry | undefined {
    for (const { span, entries } of this.#tables) {
      const low = lowOf(linear, span);
      const found =
        entries.get(low, highOf(linear, span, pcid)) ??
        entries.get(low, highOf(linear, span, GLOBAL));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Keeps a translation, in place of any other for the same address. Source: Intel SDM vol. 3A, "Caching Translations in TLBs"; that a processor may keep several
   * for one address ("Details of TLB Use") is left out.
   */
  insert(linear: number, pcid: number, translation: Translation): void {
    if (this.policy.kind === 'none') return;
    this.invalidatePage(linear, pcid);
    if (this.policy.kind === 'tiny') this.#makeRoom(this.policy.entries);
    const { base, span, writable, user, executable, dirty, global } = translation;
    const start = Math.floor(linear / span) * span;
    this.#put({
      low: lowOf(linear, span),
      high: highOf(linear, span, global ? GLOBAL : pcid),
      linear: start,
      pcid,
      distance: base - start,
      grant: grantOf(translation),
      base,
      span,
      writable,
      user,
      executable,
      dirty,
      global,
    });
  }

  /**
   * Drops what is kept for an address in the context of `pcid`, and global translations of it (INVLPG; a page fault there). Source: Intel SDM vol. 3A, "Operations
   * that Invalidate TLBs and Paging-Structure Caches", which all methods below follow.
   */
  invalidatePage(linear: number, pcid: number): void {
    this.#drop(linear, pcid);
    if (this.#others > 0) this.#drop(linear, GLOBAL);
  }

  /** Drops what is kept for an address in the context of `pcid`, but no global translation (INVPCID, type 0). */
  invalidateOwnPage(linear: number, pcid: number): void {
    this.#drop(linear, pcid);
  }

  /** Drops everything in the context of `pcid` but global translations (MOV to CR3; INVPCID, type 1). */
  invalidateContext(pcid: number): void {
    this.#dropWhere((entry) => !entry.global && entry.pcid === pcid);
  }

  /** Drops everything that serves the context of `pcid`, global translations too (CR4.SMEP set). */
  invalidateContextAndGlobals(pcid: number): void {
    this.#dropWhere((entry) => entry.global || entry.pcid === pcid);
  }

  /** Drops everything but global translations (INVPCID, type 3). */
  invalidateAllContexts(): void {
    this.#dropWhere((entry) => !entry.global);
  }

  /** Drops everything (a change of CR4.PGE; INVPCID, type 2). */
  clear(): void {
    for (const { entries } of this.#tables) entries.clear();
    this.#others = 0;
  }

  /** Everything that is kept, in no particular order. */
  *entries(): Iterable<TlbEntry> {
    for (const { entries } of this.#tables) yield* entries.values();
  }

  #drop(linear: number, context: number): void {
    for (const { span, entries } of this.#tables) {
      if (entries.size === 0) continue;
      const dropped = entries.delete(lowOf(linear, span), highOf(linear, span, context));
      if (dropped && (context === GLOBAL || entries !== this.#small)) this.#others--;
    }
  }

  #dropWhere(matches: (entry: TlbEntry) => boolean): void {
    for (const { entries } of this.#tables) {
      const before = entries.size;
      let globals = 0;
      entries.deleteWhere((entry) => {
        const goes = matches(entry);
        if (goes && entry.global) globals++;
        return goes;
      });
      this.#others -= entries === this.#small ? globals : before - entries.size;
    }
  }

  #put(entry: TlbEntry): void {
    const { entries } = this.#tables.find(({ span }) => span === entry.span)!;
    const before = entries.size;
    entries.set(entry);
    this.recent?.add(entry);
    if (entry.global || entries !== this.#small) this.#others += entries.size - before;
  }

  #makeRoom(most: number): void {
    while (this.size >= most) {
      const victims = [...this.entries()];
      const victim = victims[this.#random.below(victims.length)]!;
      this.#drop(victim.linear, victim.global ? GLOBAL : victim.pcid);
    }
  }
}

// A key is the page number, counted from the lowest canonical address so that none is negative, and the context: 36 bits and 13.

function lowOf(linear: number, span: number): number {
  return ((linear + 2 ** 47) / span) | 0;
}

function highOf(linear: number, span: number, context: number): number {
  return (((linear + 2 ** 47) / (span * 2 ** 32)) << 13) | context;
}
