/**
 * One processor: its control registers, its TLB, and a memory access with everything that can happen to it.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", section "Caching Translation Information" (subsections "Operations that
 * Invalidate TLBs and Paging-Structure Caches", "Propagation of Paging-Structure Changes to Multiple Processors").
 */
import { type AccessKind, type AccessMode, type PagingControls, PF } from '../x86/access.ts';
import { isCanonical, toLinear } from '../x86/address.ts';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import { ACCESSES, accessCode, servedWithoutWalk } from './access-code.ts';
import { PagingStructureCache } from './paging-structure-cache.ts';
import { agrees, peek } from './peek.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import { RETAIN, Tlb, type TlbEntry, type TlbPolicy } from './tlb.ts';
import {
  type Access,
  accessBits,
  isAllowed,
  type Translation,
  walk,
  type WalkStep,
} from './walker.ts';

/** What an access came to. */
export type AccessOutcome =
  | { readonly kind: 'done'; readonly pa: number }
  | { readonly kind: 'page-fault'; readonly code: number; readonly cr2: number }
  | { readonly kind: 'general-protection' };

/** What a processor may keep, and who is told of it. */
export interface CpuOptions {
  /** Default: {@link RETAIN}. */
  readonly tlb?: TlbPolicy;
  /** Remember paging structures too. Default: no, a walk begins at the root. */
  readonly cacheStructures?: boolean;
  readonly watch?: CpuWatch;
}

/** Is told what a processor does. */
export interface CpuWatch {
  /** A walk has filled the TLB; `steps` are the entries that it read. */
  filled(cpu: Cpu, entry: TlbEntry, steps: readonly WalkStep[]): void;
  /** A walk has allowed an access, having read `steps`: the accessed flags of all these entries are set, for a write the dirty flag of the last. */
  walked(cpu: Cpu, kind: AccessKind, steps: readonly WalkStep[]): void;
  /** The TLB has answered without a walk. */
  hit(cpu: Cpu, entry: TlbEntry, linear: number): void;
  faulted(cpu: Cpu, linear: number, code: number): void;
  /** Software made it drop a page, or everything (`null`), in one context or in all (`null`). */
  invalidated(cpu: Cpu, linear: number | null, pcid: number | null): void;
  /** CR3 was loaded. */
  switched(cpu: Cpu): void;
  /** CR0, CR4 or EFER were set. */
  controlled(cpu: Cpu): void;
}

// Source: Intel SDM vol. 2B, "MOV—Move to/from Control Registers"; vol. 3A, "Use of CR3 with Ordinary 4-Level Paging and 5-Level Paging".
/** Bit 63 of a value moved to CR3 while CR4.PCIDE is set: keep what is cached. */
const CR3_KEEP = 1n << 63n;
const CR3_ADDRESS = 0x000f_ffff_ffff_f000n;
const CR3_PCID = 0xfffn;

export class Cpu {
  readonly id: number;
  readonly tlb: Tlb;
  /** `null` unless it was asked for. */
  readonly structures: PagingStructureCache | null;
  /** Physical address of the root in CR3. */
  cr3: number;
  /** Process-context identifier in CR3; 0 while CR4.PCIDE is clear. */
  pcid = 0;
  /** Privilege that {@link run} uses: CPL 3, or below. */
  mode: AccessMode = 'supervisor';
  /** RFLAGS.AC, for {@link run}. */
  ac = false;
  /** Times a translation or all of them were dropped by software. */
  invalidations = 0;
  /**
   * Translations, by linear address, that software has dropped while the tables still gave them: a processor may load them again at any time, without an access
   * of a program. An entry that is changed after that is stale again. For who audits; no access is served by them. Source: Intel SDM vol. 3A, "Caching
   * Translation Information", subsections "Details of TLB Use", "Recommended Invalidation".
   */
  readonly reloadable = new Map<number, TlbEntry>();
  readonly #memory: PhysicalMemory;
  readonly #watch: CpuWatch | null;
  #controls: PagingControls;
  #served: Int32Array;

  constructor(
    id: number,
    memory: PhysicalMemory,
    controls: PagingControls,
    cr3: number,
    { tlb = RETAIN, cacheStructures = false, watch }: CpuOptions = {},
  ) {
    this.id = id;
    this.#memory = memory;
    this.#controls = controls;
    this.#served = servedWithoutWalk(controls);
    this.cr3 = cr3;
    this.tlb = new Tlb(tlb);
    this.structures = cacheStructures ? new PagingStructureCache() : null;
    this.#watch = watch ?? null;
  }

  get controls(): PagingControls {
    return this.#controls;
  }

  /** One access at the processor's own privilege. See {@link access}. */
  run(kind: AccessKind, address: bigint): AccessOutcome {
    return this.access(address, { kind, mode: this.mode, ac: this.ac });
  }

  /** Translates and checks one access that does not cross a page. Does not move any data. */
  access(address: bigint, access: Access): AccessOutcome {
    // Intel SDM vol. 1, "Canonical Addressing"; vol. 3A, "Interrupt 13—General Protection Exception (#GP)".
    if (!isCanonical(address)) return { kind: 'general-protection' };
    const linear = toLinear(address);
    const pa = this.translate(linear, accessCode(access));
    return pa >= 0 ? { kind: 'done', pa } : { kind: 'page-fault', code: ~pa, cr2: linear };
  }

  /**
   * As {@link access}, for a signed canonical address and an {@link accessCode}: the physical address, or `~code` of a page fault, which is
   * negative. A fault drops what was cached for its address, so that the access can be tried again.
   */
  translate(linear: number, access: number): number {
    const cached = this.tlb.lookUp(linear, this.pcid);
    if (cached === undefined) return this.#walk(linear, access);
    this.#watch?.hit(this, cached, linear);
    if (((this.#served[access]! >>> cached.grant) & 1) !== 0) return linear + cached.distance;
    return this.#refuse(linear, access, cached);
  }

  /**
   * The TLB has a translation, but it does not serve the access: a fault, or a write that has to set the dirty flag first. Source: Intel SDM vol. 3A, "Details
   * of TLB Use"; that a processor may fault by a cached translation, "Optional Invalidation".
   */
  #refuse(linear: number, code: number, cached: TlbEntry): number {
    const access = ACCESSES[code]!;
    return isAllowed(cached, access, this.#controls)
      ? this.#walk(linear, code)
      : this.#fault(linear, PF.PRESENT | accessBits(access, this.#controls));
  }

  #walk(linear: number, code: number): number {
    const access = ACCESSES[code]!;
    const { structures } = this;
    const steps: WalkStep[] | null = structures === null && this.#watch === null ? null : [];
    const start = structures?.lookUp(linear, this.pcid) ?? null;
    const found = walk(this.#memory, this.cr3, linear, access, this.#controls, start, steps);
    if (typeof found === 'number') return this.#fault(linear, found);
    if (steps !== null) {
      structures?.remember(linear, this.pcid, start, steps);
      this.#watch?.walked(this, access.kind, steps);
    }
    this.#fill(linear, found, steps);
    return found.base + offsetIn(found.span, linear);
  }

  #fill(linear: number, translation: Translation, steps: readonly WalkStep[] | null): void {
    this.tlb.insert(linear, this.pcid, translation);
    if (this.#watch === null || steps === null) return;
    const entry = this.tlb.lookUp(linear, this.pcid);
    if (entry !== undefined) this.#watch.filled(this, entry, steps);
  }

  /** A page fault invalidates what is cached for its address. Source: Intel SDM vol. 3A, "Operations that Invalidate TLBs and Paging-Structure Caches". */
  #fault(linear: number, code: number): number {
    this.reloadable.delete(pageStart(linear));
    this.tlb.invalidatePage(linear, this.pcid);
    this.structures?.invalidatePage(linear, this.pcid);
    this.#watch?.faulted(this, linear, code);
    return ~code;
  }

  /**
   * INVLPG: drops the page's translation, global or of the current context, and all structures remembered in that. Source: Intel SDM vol. 2A, "INVLPG—Invalidate
   * TLB Entries"; vol. 3A, "Operations that Invalidate TLBs and Paging-Structure Caches", which the methods below follow too.
   */
  invalidatePage(linear: number): void {
    this.invalidations++;
    const page = pageStart(linear);
    const dropped = this.tlb.lookUp(linear, this.pcid) ?? this.reloadable.get(page);
    this.reloadable.delete(page);
    this.tlb.invalidatePage(linear, this.pcid);
    if (dropped !== undefined) this.#mayReload(dropped);
    this.structures?.invalidateContext(this.pcid);
    this.#watch?.invalidated(this, linear, this.pcid);
  }

  /** INVPCID. Source: Intel SDM vol. 2A, "INVPCID—Invalidate Process-Context Identifier". `linear` matters for type 0, `pcid` for types 0 and 1. */
  invalidatePcid(type: 0 | 1 | 2 | 3, pcid: number, linear: number): void {
    this.invalidations++;
    this.#watch?.invalidated(this, type === 0 ? linear : null, type < 2 ? pcid : null);
    switch (type) {
      case 0:
        this.tlb.invalidateOwnPage(linear, pcid);
        this.structures?.invalidateContext(pcid);
        return;
      case 1:
        this.tlb.invalidateContext(pcid);
        this.structures?.invalidateContext(pcid);
        return;
      case 2:
        this.tlb.clear();
        this.structures?.clear();
        return;
      case 3:
        this.tlb.invalidateAllContexts();
        this.structures?.clear();
    }
  }

  /** Loads the root at physical address `pa`, as MOV to CR3 does with process-context identifiers off. */
  loadCr3(pa: number): void {
    this.moveToCr3(BigInt(pa));
  }

  /**
   * MOV to CR3: drops the translations of the context that is loaded, unless `value` says to keep them. Global ones stay.
   * Source: Intel SDM vol. 2B, "MOV—Move to/from Control Registers"; vol. 3A, "Operations that Invalidate TLBs and Paging-Structure Caches".
   */
  moveToCr3(value: bigint): void {
    const { pcide } = this.#controls;
    this.cr3 = Number(value & CR3_ADDRESS);
    this.pcid = pcide ? Number(value & CR3_PCID) : 0;
    this.reloadable.clear();
    this.#watch?.switched(this);
    if (pcide && (value & CR3_KEEP) !== 0n) return;
    this.tlb.invalidateContext(this.pcid);
    this.structures?.invalidateContext(this.pcid);
  }

  /**
   * MOV to CR0 and CR4, and WRMSR to EFER: sets the controls, and drops what changing them invalidates. It is for software not to do what would be a #GP: to set
   * CR4.PCIDE while bits 0..11 of CR3 are not zero. Source: Intel SDM vol. 3A, "Operations that Invalidate TLBs and Paging-Structure Caches", "Control Registers".
   */
  setControls(next: PagingControls): void {
    const before = this.#controls;
    this.reloadable.clear();
    this.#controls = next;
    this.#served = servedWithoutWalk(next);
    // A change of CR4.PGE, and CR4.PCIDE from 1 to 0, drop everything, global translations too.
    // CR4.SMEP from 0 to 1 drops what serves the current context.
    if (before.pge !== next.pge || (before.pcide && !next.pcide)) {
      this.tlb.clear();
      this.structures?.clear();
    } else if (!before.smep && next.smep) {
      this.tlb.invalidateContextAndGlobals(this.pcid);
      this.structures?.invalidateContext(this.pcid);
    }
    // Without CR4.PCIDE the current PCID is 000H: "Process-Context Identifiers (PCIDs)".
    if (!next.pcide) this.pcid = 0;
    this.#watch?.controlled(this);
  }

  /** Drops all translations. */
  flush(): void {
    this.invalidations++;
    const dropped = [...this.reloadable.values(), ...this.tlb.entries()];
    this.reloadable.clear();
    this.tlb.clear();
    for (const entry of dropped) this.#mayReload(entry);
    this.structures?.clear();
    this.#watch?.invalidated(this, null, null);
  }

  /** A translation of a small page was dropped that the current tables may still give. */
  #mayReload(entry: TlbEntry): void {
    if (entry.span !== PAGE_SIZE || entry.global || entry.pcid !== this.pcid) return;
    const now = peek(this.#memory, this.cr3, entry.linear, this.#controls);
    if (agrees(entry, entry.linear, now)) this.reloadable.set(entry.linear, entry);
  }
}

function pageStart(linear: number): number {
  return linear - offsetIn(PAGE_SIZE, linear);
}

function offsetIn(span: number, linear: number): number {
  return linear - Math.floor(linear / span) * span;
}
