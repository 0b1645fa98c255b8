/**
 * The hardware page walk: four levels, 4 KiB, 2 MiB and 1 GiB leaves, rights, reserved bits, accessed and dirty flags.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging": sections "Linear-Address Translation with 4-Level Paging and 5-Level Paging",
 * "Access Rights", "Page-Fault Exceptions", "Accessed and Dirty Flags".
 */
import { type AccessKind, type AccessMode, type PagingControls, PF } from '../x86/access.ts';
import { lowerIndices, SPAN, tableIndex } from '../x86/address.ts';
import {
  entryAddress,
  HI_ADDRESS_MASK,
  HI_EXECUTE_DISABLE,
  type Level,
  LO,
} from '../x86/page-table-entry.ts';
import { AROUND_MASK, type PhysicalMemory } from './physical-memory.ts';

/** Rights combined over the levels walked so far. */
export interface CombinedRights {
  readonly writable: boolean;
  readonly user: boolean;
  readonly executable: boolean;
}

/** A finished translation. */
export interface Translation extends CombinedRights {
  /** Physical address of the leaf's page (4 KiB, 2 MiB or 1 GiB aligned). */
  readonly base: number;
  /** Bytes the leaf covers. */
  readonly span: number;
  /** The leaf's dirty flag was set when this was made. */
  readonly dirty: boolean;
  /** Serves all process-context identifiers and survives MOV to CR3. */
  readonly global: boolean;
}

/** Outcome of a walk: a translation, or the error code of the page fault. */
export type WalkResult = Translation | number;

export interface Access {
  readonly kind: AccessKind;
  readonly mode: AccessMode;
  /** RFLAGS.AC: lifts SMAP for supervisor data accesses. */
  readonly ac?: boolean;
}

/** The structure at which a walk begins: the root, or what a paging-structure cache remembers. */
export interface WalkStart extends CombinedRights {
  readonly level: Level;
  /** Physical address of the structure. */
  readonly table: number;
}

/** One entry that a walk has read, as it was then. */
export interface WalkStep {
  readonly level: Level;
  /** Physical address of the entry. */
  readonly at: number;
  readonly lo: number;
  readonly hi: number;
}

/** The error-code bits that describe the access itself; I/D only with EFER.NXE or CR4.SMEP. Source: Intel SDM vol. 3A, "Page-Fault Exceptions". */
export function accessBits(access: Access, controls: PagingControls): number {
  let code = access.kind === 'write' ? PF.WRITE : 0;
  if (access.mode === 'user') code |= PF.USER;
  if (access.kind === 'fetch' && (controls.nxe || controls.smep)) code |= PF.FETCH;
  return code;
}

/** Whether combined rights allow the access. Source: Intel SDM vol. 3A, "Determination of Access Rights". */
export function isAllowed(t: CombinedRights, access: Access, controls: PagingControls): boolean {
  if (access.mode === 'user') {
    if (!t.user) return false;
    if (access.kind === 'write') return t.writable;
    return access.kind === 'read' || t.executable;
  }
  if (access.kind === 'fetch') return t.executable && !(t.user && controls.smep);
  if (t.user && controls.smap && access.ac !== true) return false;
  return access.kind === 'read' || t.writable || !controls.wp;
}

/**
 * True if the present entry at `level` has a bit set that the manual reserves. Source: Intel SDM vol. 3A, the list of reserved bits and the tables of entry
 * formats in "Linear-Address Translation with 4-Level Paging and 5-Level Paging".
 */
export function hasReservedBit(
  lo: number,
  hi: number,
  level: Level,
  controls: PagingControls,
): boolean {
  // Nearly all entries have none of the bits that may be reserved.
  if (hi === 0 && (lo & LO.PAGE_SIZE) === 0) return false;
  // XD is reserved while EFER.NXE is clear: as above, and "Determination of Access Rights".
  if ((hi & HI_EXECUTE_DISABLE) !== 0 && !controls.nxe) return true;
  // From MAXPHYADDR up to bit 51: as above, and "Enumeration of Paging Features by CPUID".
  const addressBits = controls.maxPhyAddr - 32;
  if (addressBits < 20 && (hi & HI_ADDRESS_MASK) >>> addressBits !== 0) return true;
  if ((lo & LO.PAGE_SIZE) === 0 || level === 1) return false;
  // PS is reserved in a PML4E, and PAT in a PTE ("Paging and Memory Typing").
  if (level === 4) return true;
  // The address of a large page starts above its offset; the bits between (but for PAT, bit 12) must be zero.
  return (lo & (level === 3 ? 0x3fff_e000 : 0x001f_e000)) !== 0;
}

/** Entries on the way of the walk under way. Walks never nest. */
const path = [0, 0, 0, 0];

/**
 * Walks the tables from `root` (a physical address) for one access and sets accessed and dirty flags in memory when it is allowed.
 *
 * @param linear signed canonical address
 * @param start where to begin instead, if a paging-structure cache knows
 * @param steps takes the entries read, top level first
 */
export function walk(
  memory: PhysicalMemory,
  root: number,
  linear: number,
  access: Access,
  controls: PagingControls,
  start: WalkStart | null = null,
  steps: WalkStep[] | null = null,
): WalkResult {
  let table = root;
  let level: Level = 4;
  let writable = true;
  let user = true;
  let executable = true;
  let accessed = true;
  if (start !== null) ({ table, level, writable, user, executable } = start);
  const indices = lowerIndices(linear);
  for (let depth = 0; ; depth++, level = (level - 1) as Level) {
    const index = level === 4 ? tableIndex(linear, 4) : (indices >>> (9 * (level - 1))) & 511;
    const at = table + index * 8;
    const view = memory.around(at);
    const lo = view.getUint32(at & AROUND_MASK, true);
    const hi = view.getUint32((at & AROUND_MASK) + 4, true);
    path[depth] = at;
    steps?.push({ level, at, lo, hi });
    // An entry that is not present comes before anything else that is wrong with it or below it: "Page-Fault Exceptions".
    if ((lo & LO.PRESENT) === 0) return accessBits(access, controls);
    if (hasReservedBit(lo, hi, level, controls))
      return PF.PRESENT | PF.RESERVED | accessBits(access, controls);
    // Rights are those that every entry on the way gives: "Determination of Access Rights".
    writable &&= (lo & LO.WRITABLE) !== 0;
    user &&= (lo & LO.USER) !== 0;
    executable &&= (hi & HI_EXECUTE_DISABLE) === 0;
    accessed &&= (lo & LO.ACCESSED) !== 0;
    // Bit 7 ends the walk in a PDPTE or PDE: "Linear-Address Translation with 4-Level Paging and 5-Level Paging".
    if (level > 1 && (lo & LO.PAGE_SIZE) === 0) {
      table = entryAddress(lo, hi);
      continue;
    }
    const span = SPAN[level];
    const address = entryAddress(lo, hi);
    const translation: Translation = {
      base: level === 1 ? address : Math.floor(address / span) * span,
      span,
      writable,
      user,
      executable,
      dirty: access.kind === 'write' || (lo & LO.DIRTY) !== 0,
      // "Global Pages": the leaf decides, and only with CR4.PGE.
      global: controls.pge && (lo & LO.GLOBAL) !== 0,
    };
    // Flags are set only when the access is allowed, A in every entry used, D in the leaf: "Accessed and Dirty Flags".
    if (!isAllowed(translation, access, controls)) return PF.PRESENT | accessBits(access, controls);
    if (!accessed) for (let i = 0; i <= depth; i++) setFlag(memory, path[i]!, LO.ACCESSED);
    if (access.kind === 'write') setFlag(memory, at, LO.DIRTY);
    return translation;
  }
}

function setFlag(memory: PhysicalMemory, at: number, flag: number): void {
  const lo = memory.readU32(at);
  if ((lo & flag) === 0) memory.writeU32(at, (lo | flag) >>> 0);
}
