/**
 * The hardware page walk: four levels, 4 KiB, 2 MiB and 1 GiB leaves, rights, reserved bits, accessed and dirty flags.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging": sections "Linear-Address Translation with 4-Level Paging and 5-Level Paging",
 * "Access Rights", "Page-Fault Exceptions", "Accessed and Dirty Flags".
 */
import { type AccessKind, type AccessMode, type PagingControls, PF } from '../x86/access.ts';
import { SPAN, tableIndex } from '../x86/address.ts';
import {
  entryAddress,
  HI_ADDRESS_MASK,
  HI_EXECUTE_DISABLE,
  type Level,
  LO,
} from '../x86/page-table-entry.ts';
import type { PhysicalMemory } from './physical-memory.ts';

/** A finished translation, as a TLB keeps it. */
export interface Translation {
  /** Physical address of the leaf's page (4 KiB, 2 MiB or 1 GiB aligned). */
  readonly base: number;
  /** Bytes the leaf covers. */
  readonly span: number;
  /** Rights combined over all levels. */
  readonly writable: boolean;
  readonly user: boolean;
  readonly executable: boolean;
  /** The leaf's dirty flag was set when this was made. */
  readonly dirty: boolean;
  readonly global: boolean;
}

/** Outcome of a walk: a translation, or the error code of the page fault. */
export type WalkResult =
  | { readonly ok: true; readonly translation: Translation }
  | { readonly ok: false; readonly code: number };

export interface Access {
  readonly kind: AccessKind;
  readonly mode: AccessMode;
  /** RFLAGS.AC: lifts SMAP for supervisor data accesses. */
  readonly ac?: boolean;
}

/** The error-code bits that describe the access itself. */
export function accessBits(access: Access, controls: PagingControls): number {
  let code = access.kind === 'write' ? PF.WRITE : 0;
  if (access.mode === 'user') code |= PF.USER;
  if (access.kind === 'fetch' && (controls.nxe || controls.smep)) code |= PF.FETCH;
  return code;
}

/** Whether a translation's combined rights allow the access. */
export function isAllowed(t: Translation, access: Access, controls: PagingControls): boolean {
  if (access.mode === 'user') {
    if (!t.user) return false;
    if (access.kind === 'write') return t.writable;
    return access.kind === 'read' || t.executable;
  }
  if (access.kind === 'fetch') return t.executable && !(t.user && controls.smep);
  if (t.user && controls.smap && access.ac !== true) return false;
  return access.kind === 'read' || t.writable || !controls.wp;
}

/** True if the entry at `level` has a bit set that the manual reserves. */
export function hasReservedBit(
  lo: number,
  hi: number,
  level: Level,
  controls: PagingControls,
): boolean {
  if ((hi & HI_EXECUTE_DISABLE) !== 0 && !controls.nxe) return true;
  const addressBits = controls.maxPhyAddr - 32;
  if (addressBits < 20 && (hi & HI_ADDRESS_MASK) >>> addressBits !== 0) return true;
  if ((lo & LO.PAGE_SIZE) === 0 || level === 1) return false;
  if (level === 4) return true;
  // The address of a large page starts above its offset; the bits between (but for PAT, bit 12) must be zero.
  return (lo & (level === 3 ? 0x3fff_e000 : 0x001f_e000)) !== 0;
}

/**
 * Walks the tables from `root` (a physical address) for one access and sets accessed and dirty flags in memory when it is allowed.
 *
 * @param linear signed canonical address
 */
export function walk(
  memory: PhysicalMemory,
  root: number,
  linear: number,
  access: Access,
  controls: PagingControls,
): WalkResult {
  const path: number[] = [];
  let table = root;
  let writable = true;
  let user = true;
  let executable = true;
  for (let level: Level = 4; ; level = (level - 1) as Level) {
    const at = table + tableIndex(linear, level) * 8;
    const lo = memory.readU32(at);
    const hi = memory.readU32(at + 4);
    if ((lo & LO.PRESENT) === 0) return { ok: false, code: accessBits(access, controls) };
    if (hasReservedBit(lo, hi, level, controls)) {
      return { ok: false, code: PF.PRESENT | PF.RESERVED | accessBits(access, controls) };
    }
    path.push(at);
    writable &&= (lo & LO.WRITABLE) !== 0;
    user &&= (lo & LO.USER) !== 0;
    executable &&= (hi & HI_EXECUTE_DISABLE) === 0;
    if (level > 1 && (lo & LO.PAGE_SIZE) === 0) {
      table = entryAddress(lo, hi);
      continue;
    }
    const span = SPAN[level];
    const translation: Translation = {
      base: Math.floor(entryAddress(lo, hi) / span) * span,
      span,
      writable,
      user,
      executable,
      dirty: access.kind === 'write' || (lo & LO.DIRTY) !== 0,
      global: (lo & LO.GLOBAL) !== 0,
    };
    if (!isAllowed(translation, access, controls)) {
      return { ok: false, code: PF.PRESENT | accessBits(access, controls) };
    }
    for (const entry of path) setFlag(memory, entry, LO.ACCESSED);
    if (access.kind === 'write') setFlag(memory, at, LO.DIRTY);
    return { ok: true, translation };
  }
}

function setFlag(memory: PhysicalMemory, at: number, flag: number): void {
  const lo = memory.readU32(at);
  if ((lo & flag) === 0) memory.writeU32(at, (lo | flag) >>> 0);
}
