/**
 * A whole machine as plain data: for a look, a diff, or a file. It can be turned into JSON and back without loss, reads only, and the same machine gives the
 * same bytes: everything is sorted. Addresses and words are strings, `0x…`, linear ones in their unsigned 64-bit form; frames, processors and counts numbers.
 */
import type { FrameOwners, FrameSites } from '../contract/machine-facts.ts';
import type { AccessMode, PagingControls } from '../x86/access.ts';
import { hex } from '../x86/address.ts';
import { TABLE_NAME } from '../x86/page-table-entry.ts';
import type { Cpu } from './cpu.ts';
import type { Machine } from './machine.ts';
import type { CachedStructure } from './paging-structure-cache.ts';
import { agrees, peek } from './peek.ts';
import { spaceSnapshot, type SpaceSnapshot } from './table-snapshot.ts';
import type { TlbEntry, TlbPolicy } from './tlb.ts';
import type { CombinedRights } from './walker.ts';

/** Everything about a machine but the bytes of pages. */
export interface MachineSnapshot {
  /** Operation of the program that is running; -1 before the first. */
  readonly operation: number;
  /** Processor that student code runs on. */
  readonly current: number;
  readonly processors: readonly ProcessorSnapshot[];
  /** The boot table, every live root, and what else is in CR3 of a processor; by address. */
  readonly spaces: readonly SpaceSnapshot[];
  /** Every frame that was ever allocated, by number. */
  readonly frames: readonly FrameSnapshot[];
  /** Files with a name or an open handle, by inode number. */
  readonly files: readonly FileSnapshot[];
  /** Invalidations that the kernel owes, described. */
  readonly pendingInvalidations: readonly string[];
}

/** A processor: its registers, and all that it keeps. */
export interface ProcessorSnapshot {
  readonly id: number;
  /** Physical address of the root in CR3, and the process-context identifier there. */
  readonly cr3: string;
  readonly pcid: number;
  readonly mode: AccessMode;
  readonly ac: boolean;
  /** CR0.WP, CR4.SMEP, SMAP, PGE and PCIDE, EFER.NXE, and MAXPHYADDR. */
  readonly controls: PagingControls;
  readonly policy: TlbPolicy;
  /** By address, then context. */
  readonly tlb: readonly TranslationSnapshot[];
  /** Structures that it remembers; `null` if it remembers none ever. By address, then level. */
  readonly structures: readonly StructureSnapshot[] | null;
  /** Interrupts that it has not taken yet. */
  readonly interruptsWaiting: number;
}

/** A translation in a TLB. */
export interface TranslationSnapshot extends CombinedRights {
  readonly va: string;
  /** Physical address of the page. */
  readonly page: string;
  readonly pageSize: number;
  readonly pcid: number;
  readonly global: boolean;
  readonly dirty: boolean;
  /** The table that the processor runs says otherwise of its first address. Only told of translations that serve it now. */
  readonly stale?: true;
}

/** A structure at which a processor begins walks. */
export interface StructureSnapshot extends CombinedRights {
  /** First linear address that it serves. */
  readonly va: string;
  readonly pcid: number;
  /** `PDPT`, `PD` or `PT`. */
  readonly name: string;
  /** Its physical address. */
  readonly table: string;
}

/** A page frame. */
export interface FrameSnapshot {
  readonly number: number;
  /** 0: free. */
  readonly references: number;
  /** Who holds the references. Only of frames that are not free. */
  readonly owners?: FrameOwners;
  /** Operation in which it was last allocated. */
  readonly operation: number;
  /** How often it was freed. */
  readonly releases: number;
  /** Where it was last allocated and released, as raw stacks. Only if sites are recorded. */
  readonly sites?: FrameSites;
}

/** A file, but for its bytes. */
export interface FileSnapshot {
  readonly ino: number;
  /** `null`: unlinked, and still open. */
  readonly name: string | null;
  readonly size: number;
  readonly openHandles: number;
  /** Blocks in the page cache, ascending; `null` if the file is not cached. */
  readonly cachedBlocks: readonly { readonly block: number; readonly frame: number }[] | null;
}

/** The state of `machine`. Changes nothing; may be taken at any time, by a sink of events too. */
export function snapshot(machine: Machine): MachineSnapshot {
  const { bootRoot, roots, cpus, current } = machine;
  const all = new Set([bootRoot, ...roots, ...cpus.map(({ cr3 }) => cr3)]);
  return {
    operation: machine.op,
    current: current.id,
    processors: cpus.map((cpu) => processorSnapshot(machine, cpu)),
    spaces: [...all]
      .sort((a, b) => a - b)
      .map((root) => spaceSnapshot(machine, root, controlsFor(machine, root))),
    frames: frameSnapshots(machine),
    files: fileSnapshots(machine),
    pendingInvalidations: [...machine.pendingInvalidations.values()].sort(),
  };
}

/** Those of the first processor that runs the root, else of the one that student code runs on. */
function controlsFor({ cpus, current }: Machine, root: number): PagingControls {
  return (cpus.find(({ cr3 }) => cr3 === root) ?? current).controls;
}

function processorSnapshot(machine: Machine, cpu: Cpu): ProcessorSnapshot {
  const { id, cr3, pcid, mode, ac, controls, tlb, structures } = cpu;
  return {
    id,
    cr3: hex(cr3),
    pcid,
    mode,
    ac,
    controls: { ...controls },
    policy: { ...tlb.policy },
    tlb: [...tlb.entries()]
      .sort((a, b) => a.linear - b.linear || a.span - b.span || a.pcid - b.pcid)
      .map((entry) => translationSnapshot(machine, cpu, entry)),
    structures:
      structures === null
        ? null
        : [...structures.reachable()]
            .sort((a, b) => a.linear - b.linear || b.level - a.level || a.pcid - b.pcid)
            .map(structureSnapshot),
    interruptsWaiting: machine.shootdowns.waiting(cpu),
  };
}

function translationSnapshot(machine: Machine, cpu: Cpu, entry: TlbEntry): TranslationSnapshot {
  const { linear, base, span, pcid, global, dirty, writable, user, executable } = entry;
  const serves = global || pcid === cpu.pcid;
  const now = serves ? peek(machine.memory, cpu.cr3, linear, cpu.controls) : null;
  return {
    va: hex(linear),
    page: hex(base),
    pageSize: span,
    pcid,
    global,
    dirty,
    writable,
    user,
    executable,
    ...(serves && !agrees(entry, linear, now) ? { stale: true } : {}),
  };
}

function structureSnapshot(structure: CachedStructure): StructureSnapshot {
  const { linear, pcid, level, table, writable, user, executable } = structure;
  const [va, name] = [hex(linear), TABLE_NAME[level]];
  return { va, pcid, name, table: hex(table), writable, user, executable };
}

function frameSnapshots({ frames, recordsSites }: Machine): FrameSnapshot[] {
  return [...frames.used()].map((frame) => ({
    number: frame.number,
    references: frame.references,
    ...(frame.references > 0 ? { owners: frame.owners } : {}),
    operation: frame.op,
    releases: frame.generation,
    ...(recordsSites ? { sites: frame.sites } : {}),
  }));
}

function fileSnapshots({ files, pageCache }: Machine): FileSnapshot[] {
  return [...files.all()].map(({ name, file }) => ({
    ino: file.ino,
    name,
    size: file.size,
    openHandles: files.openHandles(file),
    cachedBlocks: file.cached
      ? pageCache.blocksOf(file.ino).map(({ block, frame }) => ({ block, frame: frame.number }))
      : null,
  }));
}
