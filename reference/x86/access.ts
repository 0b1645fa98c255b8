/**
 * One memory access, and the page-fault error code that describes why it failed.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", sections "Determination of Access Rights" and "Page-Fault Exceptions".
 */

/** What an access does: data read, data write, or instruction fetch. */
export type AccessKind = 'read' | 'write' | 'fetch';

/** Privilege of an access: user mode (CPL 3) or supervisor mode (CPL 0..2). Source: Intel SDM vol. 3A, "Determination of Access Rights". */
export type AccessMode = 'user' | 'supervisor';

/** Bits of the error code a #PF pushes. Source: Intel SDM vol. 3A, "Page-Fault Exceptions", its figure of the error code. */
export const PF = {
  /** 0: a paging-structure entry was not present; 1: a right or a reserved bit was violated. */
  PRESENT: 0x01,
  WRITE: 0x02,
  USER: 0x04,
  /** A reserved bit was set in an entry used by the walk. */
  RESERVED: 0x08,
  /** The access was an instruction fetch (reported only with NXE or SMEP on). */
  FETCH: 0x10,
} as const;

/** Processor controls that take part in translation. Source: Intel SDM vol. 3A, "Paging-Mode Modifiers", "Control Registers". */
export interface PagingControls {
  /** CR0.WP: supervisor writes obey read-only pages. */
  readonly wp: boolean;
  /** CR4.SMEP: supervisor may not fetch from user pages. */
  readonly smep: boolean;
  /** CR4.SMAP: supervisor data access to user pages needs RFLAGS.AC. */
  readonly smap: boolean;
  /** EFER.NXE: bit 63 of an entry is execute-disable (otherwise reserved). */
  readonly nxe: boolean;
  /** CR4.PGE: bit 8 of a leaf makes its translation global. Source: Intel SDM vol. 3A, "Global Pages". */
  readonly pge: boolean;
  /** CR4.PCIDE: bits 0..11 of CR3 are a process-context identifier. Source: Intel SDM vol. 3A, "Process-Context Identifiers (PCIDs)". */
  readonly pcide: boolean;
  /** MAXPHYADDR, 36..52: entry bits from here up to 51 are reserved. Source: Intel SDM vol. 3A, "Enumeration of Paging Features by CPUID". */
  readonly maxPhyAddr: number;
}

/** The controls KeOS runs with: WP and NXE on, everything else off. */
export const KEOS_CONTROLS: PagingControls = {
  wp: true,
  smep: false,
  smap: false,
  nxe: true,
  pge: false,
  pcide: false,
  maxPhyAddr: 52,
};

/** Words for the bits of a page-fault error code, as a person would say them. */
export function describePageFault(code: number): string {
  const what = (code & PF.FETCH) !== 0 ? 'fetch' : (code & PF.WRITE) !== 0 ? 'write' : 'read';
  const who = (code & PF.USER) !== 0 ? 'user' : 'kernel';
  const why =
    (code & PF.RESERVED) !== 0
      ? 'a reserved bit is set'
      : (code & PF.PRESENT) !== 0
        ? 'protection violation'
        : 'page not present';
  return `${who} ${what}, ${why}`;
}
