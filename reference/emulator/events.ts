/** What happens in a machine, as data: for who wants to follow it step by step. */
import type { Level } from '../x86/page-table-entry.ts';
import type { CpuWatch } from './cpu.ts';
import type { TranslationHistory } from './translation-history.ts';

/** Addresses are physical (`at`, `root`) or signed linear (`linear`); frames are numbers; `linear: null` means all. */
export type MachineEvent =
  | { readonly kind: 'operation'; readonly index: number }
  | { readonly kind: 'frame-taken'; readonly frame: number }
  /** One reference less; the frame is free when none is left. */
  | { readonly kind: 'frame-released'; readonly frame: number; readonly references: number }
  /** Software stored an entry of a paging structure. */
  | {
      readonly kind: 'entry-stored';
      readonly level: Level;
      readonly at: number;
      readonly before: bigint;
      readonly word: bigint;
    }
  | { readonly kind: 'cr3-loaded'; readonly cpu: number; readonly root: number }
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
  | { readonly kind: 'invalidated'; readonly cpu: number; readonly linear: number | null }
  /** An interprocessor interrupt that asks for an invalidation. */
  | {
      readonly kind: 'interrupt-sent' | 'interrupt-handled';
      readonly from: number;
      readonly to: number;
      readonly linear: number | null;
    }
  | { readonly kind: 'file-read'; readonly ino: number; readonly position: number };

/** Takes the events of a machine as they happen. */
export type EventSink = (event: MachineEvent) => void;

/** Watches processors for `history` and `emit`, of which either may be missing. */
export function watchOf(history: TranslationHistory | null, emit: EventSink | null): CpuWatch {
  return {
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
    invalidated: (cpu, linear) => emit?.({ kind: 'invalidated', cpu: cpu.id, linear }),
    switched: (cpu) => emit?.({ kind: 'cr3-loaded', cpu: cpu.id, root: cpu.cr3 }),
  };
}
