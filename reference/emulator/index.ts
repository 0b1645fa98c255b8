/**
 * The emulator as a library: an x86-64 machine as far as paging goes. See README.md beside this file, and `examples/emulator/`.
 *
 * Everything exported here may be relied on; everything else of the folder is how it is done.
 */

// The machine, and what it is made of.
export {
  type Allocation,
  DIRECT_MAP_BASE,
  DIRECT_MAP_SLOT,
  KERNEL_BASE_SLOT,
  Machine,
  type MachineOptions,
} from './machine.ts';
export { PhysicalMemory, type PresentEntry } from './physical-memory.ts';
export { type AllocationPolicy, FIRST_FRAME, type Frame, POISON } from './frames.ts';
export { KernelPanic, type Stop } from './kernel-panic.ts';
export { type FileStore } from './file-store.ts';
export { type StoredFile } from './regular-file.ts';
export { type FaultInjector } from './fault-injector.ts';
export type { FileSpec } from '../contract/file-rule.ts';
export { enumerateInjections, type Injection, injectionText } from '../contract/injection.ts';

// Processors and what they keep.
export { type AccessOutcome, Cpu, type CpuOptions, type CpuWatch } from './cpu.ts';
export { RETAIN, Tlb, type TlbEntry, type TlbPolicy } from './tlb.ts';
export { type CachedStructure, PagingStructureCache } from './paging-structure-cache.ts';
export { type Delivery, type Shootdown, type Shootdowns } from './shootdown.ts';
export { type StaleHit, type TranslationHistory } from './translation-history.ts';

// The walk, with and without an access.
export {
  type Access,
  type CombinedRights,
  type Translation,
  walk,
  type WalkResult,
  type WalkStart,
  type WalkStep,
} from './walker.ts';
export { peek } from './peek.ts';

// Looking at it.
export { audit, type Audit } from './audit.ts';
export type { Fact, Leaf } from '../contract/machine-facts.ts';
export { decodeEntry, type DecodedEntry } from './decoded-entry.ts';
export type { EventSink, MachineEvent } from './events.ts';
export { eventText } from './event-text.ts';
export { printFullWalk } from './full-walk-printer.ts';
export { printWalk } from './page-walk-printer.ts';
export { type MachineSnapshot, snapshot } from './snapshot.ts';

// Hosting a kernel written against one of the interfaces: make its machine the active one, and hand it `keos` or `veridian`.
export { activate, machine as activeMachine } from './keos/active-machine.ts';
export { closeFile, openFile } from './keos/file.ts';
export { keos } from './keos/index.ts';
export { veridian } from './veridian/index.ts';

// Words of the architecture.
export {
  type AccessKind,
  type AccessMode,
  describePageFault,
  KEOS_CONTROLS,
  type PagingControls,
  PF,
} from '../x86/access.ts';
export { fromLinear, hex, isCanonical, SPAN, tableIndex, toLinear } from '../x86/address.ts';
export {
  entryAddress,
  ENTRY_NAME,
  HI_EXECUTE_DISABLE,
  type Level,
  LO,
  PAGE_SIZE,
  TABLE_NAME,
} from '../x86/page-table-entry.ts';
