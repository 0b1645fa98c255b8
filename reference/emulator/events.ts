/**
 * What happens in a machine, as data: for who wants to follow it step by step. Hand a sink to `MachineOptions.events`; `eventText` prints one.
 *
 * Told are all changes that the machine's own calls make and all that processors do, in the order in which they happen, each once, as soon as it is done. Not
 * told are translations found in the TLB (unless they are stale), what a small TLB evicts, and bytes of pages: a kernel that writes a page table through the
 * bytes of its page is seen by the processors only.
 */
import type { InjectionPoint } from '../contract/injection.ts';
import type { AccessKind, PagingControls } from '../x86/access.ts';
import { type Level, LO } from '../x86/page-table-entry.ts';
import type { CpuWatch } from './cpu.ts';
import type { TranslationHistory } from './translation-history.ts';
import type { WalkStep } from './walker.ts';

/**
 * One thing that happened. `at`, `base` and `root` are physical addresses, `linear` signed linear ones, frames and processors are numbers.
 */
export type MachineEvent = ProgramEvent | FrameEvent | EntryEvent | ProcessorEvent | FileEvent;

type ProgramEvent =
  /** An operation of the program begins; -1: what follows belongs to none. */
  | { readonly kind: 'operation'; readonly index: number }
  /** Execution has moved to another processor. */
  | { readonly kind: 'runs-on'; readonly cpu: number }
  /** The nth call at a point within operation `op` fails: because that was `armed`, or because it always does (a block that cannot be read). */
  | {
      readonly kind: 'injected';
      readonly op: number;
      readonly point: InjectionPoint;
      readonly nth: number;
      readonly armed: boolean;
    };

type FrameEvent =
  /** A frame was allocated; it has one reference. */
  | { readonly kind: 'frame-taken'; readonly frame: number }
  /** One reference more. */
  | { readonly kind: 'frame-shared'; readonly frame: number; readonly references: number }
  /** One reference less; the frame is free when none is left. */
  | { readonly kind: 'frame-released'; readonly frame: number; readonly references: number };

type EntryEvent =
  /** An address space begins or ends to exist. */
  | { readonly kind: 'root-made' | 'root-dropped'; readonly root: number }
  /** Software stored an entry of a paging structure. */
  | {
      readonly kind: 'entry-stored';
      readonly level: Level;
      readonly at: number;
      readonly before: bigint;
      readonly word: bigint;
    }
  /** A processor set accessed and dirty flags of an entry that it used; told only if one was clear. */
  | {
      readonly kind: 'flags-set';
      readonly cpu: number;
      readonly level: Level;
      readonly at: number;
      readonly accessed: boolean;
      readonly dirty: boolean;
    };

type ProcessorEvent =
  | {
      readonly kind: 'cr3-loaded';
      readonly cpu: number;
      readonly root: number;
      readonly pcid: number;
    }
  /** CR0, CR4 or EFER were set. */
  | { readonly kind: 'controls-set'; readonly cpu: number; readonly controls: PagingControls }
  /** A walk has filled the TLB. */
  | {
      readonly kind: 'tlb-filled';
      readonly cpu: number;
      readonly linear: number;
      readonly base: number;
      readonly span: number;
    }
  /** The TLB answered with a translation that the tables do not give any more. */
  | { readonly kind: 'stale-hit'; readonly cpu: number; readonly linear: number }
  | {
      readonly kind: 'page-fault';
      readonly cpu: number;
      readonly linear: number;
      readonly code: number;
    }
  /** Software made a processor drop a page, or everything (`linear: null`), in the context of `pcid` or in all (`null`). */
  | {
      readonly kind: 'invalidated';
      readonly cpu: number;
      readonly linear: number | null;
      readonly pcid: number | null;
    }
  /** An interprocessor interrupt that asks for an invalidation: of a page, or of everything (`null`). */
  | {
      readonly kind: 'interrupt-sent' | 'interrupt-handled';
      readonly from: number;
      readonly to: number;
      readonly linear: number | null;
    };

/** `RegularFile.read` or `mmap` is about to read from `position`. */
interface FileEvent {
  readonly kind: 'file-read';
  readonly ino: number;
  readonly position: number;
}

/** Takes the events of a machine as they happen. It must not call into the machine. */
export type EventSink = (event: MachineEvent) => void;

/** Watches processors for `history` and `emit`, of which either may be missing. */
export function watchOf(history: TranslationHistory | null, emit: EventSink | null): CpuWatch {
  return {
    walked(cpu, kind, steps) {
      if (emit !== null) for (const event of flagsSet(cpu.id, kind, steps)) emit(event);
    },
    filled(cpu, entry, steps) {
      const { linear, base, span } = entry;
      emit?.({ kind: 'tlb-filled', cpu: cpu.id, linear, base, span });
      history?.filled(cpu, entry, steps);
    },
    hit(cpu, entry, linear) {
      const isStale = history?.hit(cpu, entry, linear) ?? false;
      if (isStale) emit?.({ kind: 'stale-hit', cpu: cpu.id, linear });
    },
    faulted: (cpu, linear, code) => emit?.({ kind: 'page-fault', cpu: cpu.id, linear, code }),
    invalidated: (cpu, linear, pcid) => emit?.({ kind: 'invalidated', cpu: cpu.id, linear, pcid }),
    switched: ({ id, cr3, pcid }) => emit?.({ kind: 'cr3-loaded', cpu: id, root: cr3, pcid }),
    controlled: ({ id, controls }) => emit?.({ kind: 'controls-set', cpu: id, controls }),
  };
}

/** The flags that a successful walk has set in the entries it had read. A table that refers to itself gives the same entry several times. */
function* flagsSet(
  cpu: number,
  kind: AccessKind,
  steps: readonly WalkStep[],
): Iterable<MachineEvent> {
  const leaf = steps.at(-1)!;
  for (const [i, { level, at, lo }] of steps.entries()) {
    if (steps.findIndex((step) => step.at === at) < i) continue;
    const accessed = (lo & LO.ACCESSED) === 0;
    const dirty = kind === 'write' && at === leaf.at && (lo & LO.DIRTY) === 0;
    if (accessed || dirty) yield { kind: 'flags-set', cpu, level, at, accessed, dirty };
  }
}
