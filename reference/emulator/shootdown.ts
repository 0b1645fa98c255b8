/**
 * TLB shootdown: what a processor changed in a page table it tells the others that run it, by interprocessor interrupt.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", "Propagation of Paging-Structure Changes to Multiple Processors"; KeOS `page_table.rs`,
 * `StaleTLBEntry::invalidate` and `tlb_shutdown`.
 */
import type { Cpu } from './cpu.ts';
import type { EventSink } from './events.ts';

/** `at-once`: the sender waits until all have acknowledged, as KeOS does. `late`: an interrupt waits until its processor takes it. */
export type Delivery = 'at-once' | 'late';

interface Interrupt {
  readonly from: number;
  /** Signed linear address of the page, or `null` for everything. */
  readonly linear: number | null;
}

/** How far a shootdown has come. */
export interface Shootdown {
  /** Processors that have not acknowledged yet. */
  readonly waitingFor: readonly number[];
}

export class Shootdowns {
  readonly delivery: Delivery;
  readonly #cpus: readonly Cpu[];
  readonly #emit: EventSink | null;
  readonly #waiting = new Map<
    Cpu,
    { readonly interrupt: Interrupt; readonly done: () => void }[]
  >();

  constructor(cpus: readonly Cpu[], delivery: Delivery, emit: EventSink | null) {
    this.#cpus = cpus;
    this.delivery = delivery;
    this.#emit = emit;
  }

  /**
   * Makes all processors that run `root` drop the page at `linear`, or everything. `sender` does so at once. A processor that runs another root has nothing of
   * this one while there are no contexts: MOV to CR3 has dropped it. Source: Intel SDM vol. 3A, "Propagation of Paging-Structure Changes to Multiple Processors".
   */
  send(sender: Cpu, root: number, linear: number | null): Shootdown {
    const waitingFor: number[] = [];
    const interrupt = { from: sender.id, linear };
    for (const cpu of this.#cpus) {
      if (cpu.cr3 !== root) continue;
      if (cpu === sender) {
        act(cpu, linear);
        continue;
      }
      this.#emit?.({ kind: 'interrupt-sent', from: sender.id, to: cpu.id, linear });
      waitingFor.push(cpu.id);
      const queue = this.#waiting.get(cpu) ?? [];
      const done = () => void waitingFor.splice(waitingFor.indexOf(cpu.id), 1);
      this.#waiting.set(cpu, [...queue, { interrupt, done }]);
      if (this.delivery === 'at-once') this.deliver(cpu);
    }
    return { waitingFor };
  }

  /** `cpu` takes the interrupts that wait for it, oldest first; returns how many. */
  deliver(cpu: Cpu): number {
    const queue = this.#waiting.get(cpu) ?? [];
    this.#waiting.delete(cpu);
    for (const { interrupt, done } of queue) {
      act(cpu, interrupt.linear);
      this.#emit?.({ kind: 'interrupt-handled', to: cpu.id, ...interrupt });
      done();
    }
    return queue.length;
  }

  /** Interrupts that wait for `cpu`. */
  waiting(cpu: Cpu): number {
    return this.#waiting.get(cpu)?.length ?? 0;
  }
}

function act(cpu: Cpu, linear: number | null): void {
  if (linear === null) cpu.flush();
  else cpu.invalidatePage(linear);
}
