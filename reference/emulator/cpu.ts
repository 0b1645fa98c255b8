/**
 * One processor: CR3, its TLB, and a memory access with everything that can happen to it.
 *
 * The TLB keeps every translation until software invalidates it, the most a real one may do. A page fault drops the entry of the
 * faulting page on this processor; absent pages are never cached.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", section "Caching Translation Information" (subsections "Operations that
 * Invalidate TLBs and Paging-Structure Caches", "Propagation of Paging-Structure Changes to Multiple Processors").
 */
import { type PagingControls, PF } from '../x86/access.ts';
import { isCanonical, toLinear } from '../x86/address.ts';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import { type Access, accessBits, isAllowed, type Translation, walk } from './walker.ts';

/** What an access came to. */
export type AccessOutcome =
  | { readonly kind: 'done'; readonly pa: number }
  | { readonly kind: 'page-fault'; readonly code: number; readonly cr2: number }
  | { readonly kind: 'general-protection' };

export class Cpu {
  readonly id: number;
  readonly controls: PagingControls;
  /** Physical address in CR3. */
  cr3: number;
  /** Translations by page-aligned signed linear address. */
  readonly tlb = new Map<number, Translation>();
  /** Times a translation or all of them were dropped by software. */
  invalidations = 0;
  readonly #memory: PhysicalMemory;

  constructor(id: number, memory: PhysicalMemory, controls: PagingControls, cr3: number) {
    this.id = id;
    this.#memory = memory;
    this.controls = controls;
    this.cr3 = cr3;
  }

  /** Translates and checks one access that does not cross a page. Does not move any data. */
  access(address: bigint, access: Access): AccessOutcome {
    if (!isCanonical(address)) return { kind: 'general-protection' };
    const linear = toLinear(address);
    const page = Math.floor(linear / PAGE_SIZE) * PAGE_SIZE;
    const cached = this.tlb.get(page);
    if (cached !== undefined) {
      if (!isAllowed(cached, access, this.controls)) {
        return this.#fault(page, PF.PRESENT | accessBits(access, this.controls), linear);
      }
      // A write through an entry that a read filled must set the dirty flag in memory, so it walks again.
      if (access.kind !== 'write' || cached.dirty) return done(cached, linear);
    }
    const result = walk(this.#memory, this.cr3, linear, access, this.controls);
    if (!result.ok) return this.#fault(page, result.code, linear);
    this.tlb.set(page, result.translation);
    return done(result.translation, linear);
  }

  #fault(page: number, code: number, cr2: number): AccessOutcome {
    this.tlb.delete(page);
    return { kind: 'page-fault', code, cr2 };
  }

  /** INVLPG. */
  invalidatePage(linear: number): void {
    this.invalidations++;
    this.tlb.delete(Math.floor(linear / PAGE_SIZE) * PAGE_SIZE);
  }

  /** MOV to CR3: loads the root and drops all translations (no PCID, no global pages in KeOS). */
  loadCr3(pa: number): void {
    this.cr3 = pa;
    this.tlb.clear();
  }

  /** Drops all translations. */
  flush(): void {
    this.invalidations++;
    this.tlb.clear();
  }
}

function done(translation: Translation, linear: number): AccessOutcome {
  const offset = ((linear % translation.span) + translation.span) % translation.span;
  return { kind: 'done', pa: translation.base + offset };
}
