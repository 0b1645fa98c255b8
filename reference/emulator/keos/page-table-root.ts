/** `PageTableRoot`: the PML4 of an address space. */
import type * as keos from '../../contract/keos.ts';
import { hex } from '../../x86/address.ts';
import { ENTRIES_PER_TABLE, LO } from '../../x86/page-table-entry.ts';
import type { Frame } from '../frames.ts';
import { KERNEL_BASE_SLOT } from '../machine.ts';
import { machine, panic } from './active-machine.ts';
import { integer } from './checks.ts';
import { type Holder, Pml4eView, whileAllocated } from './entry.ts';

const MAKE = Symbol('only keos makes roots');

export class PageTableRoot implements keos.PageTableRoot {
  static readonly KBASE = KERNEL_BASE_SLOT;
  readonly #frame: Frame;
  readonly #expired: () => string | null;

  constructor(token: symbol, frame: Frame) {
    if (token !== MAKE) panic('new PageTableRoot(): use PageTableRoot.newBoxed()');
    this.#frame = frame;
    const released = whileAllocated(frame);
    // Somebody may have made the frame live on; the root is gone all the same.
    const dropped = () =>
      frame.kernelOwner === 'root' ? null : `the table at ${hex(frame.pa)} was dropped`;
    this.#expired = () => released() ?? dropped();
  }

  static #make(withKernel: boolean): keos.PageTableRoot {
    machine().enter();
    const { memory, bootRoot } = machine();
    // Roots are kernel heap objects, not Pages: their allocation is never made to fail on purpose.
    const frame = machine().allocate(false);
    if (frame === null) panic('PageTableRoot: out of memory');
    if (withKernel) {
      for (let slot = KERNEL_BASE_SLOT; slot < ENTRIES_PER_TABLE; slot++) {
        memory.writeU64(frame.pa + slot * 8, memory.readU64(bootRoot + slot * 8));
      }
    }
    frame.kernelOwner = 'root';
    machine().addRoot(frame.pa);
    const root = new PageTableRoot(MAKE, frame);
    machine().leave();
    return root;
  }

  static newBoxed(): keos.PageTableRoot {
    return PageTableRoot.#make(false);
  }

  static newBoxedWithKernelAddr(): keos.PageTableRoot {
    return PageTableRoot.#make(true);
  }

  /** Physical address of a root that has not been dropped, or `undefined` if the value is none. For the driver. */
  static addressOf(value: unknown): number | undefined {
    if (typeof value !== 'object' || value === null || !(#frame in value)) return undefined;
    return value.#expired() === null ? value.#frame.pa : undefined;
  }

  #base(call: string): number {
    const expired = this.#expired();
    if (expired !== null) panic(`PageTableRoot.${call}: ${expired}`, 'frames', this.#frame);
    return this.#frame.pa;
  }

  get length(): number {
    return ENTRIES_PER_TABLE;
  }

  at(index: number): keos.Pml4e {
    machine().enter();
    const base = this.#base('at');
    integer('PageTableRoot.at', 'the index', index, 0, ENTRIES_PER_TABLE - 1);
    machine().leave();
    return new Pml4eView(this.#holder(this.#lock(index)), base + index * 8);
  }

  indexMut(index: number): keos.Pml4e {
    machine().enter();
    const base = this.#base('indexMut');
    integer('PageTableRoot.indexMut', 'the index', index, 0, ENTRIES_PER_TABLE - 1);
    const lock = this.#lock(index);
    if (lock !== null) panic(`PageTableRoot.indexMut: ${lock}`, 'kernel-half');
    machine().leave();
    return new Pml4eView(this.#holder(null), base + index * 8);
  }

  #holder(locked: string | null): Holder {
    return { name: 'Pml4e', expired: this.#expired, frame: this.#frame, locked };
  }

  /** A slot is shared when the kernel's own root has something there and ours is the same. */
  #lock(index: number): string | null {
    if (index < KERNEL_BASE_SLOT) return null;
    const { memory, bootRoot } = machine();
    // But for the accessed flag, which the processor sets in the root that it is running only.
    const slotOf = (root: number): bigint => memory.readU64(root + index * 8) | BigInt(LO.ACCESSED);
    const kernels = slotOf(bootRoot);
    if ((kernels & 1n) === 0n || slotOf(this.#frame.pa) !== kernels) return null;
    return `slot ${String(index)} belongs to the kernel half, which all page tables share`;
  }

  pa(): keos.Pa {
    machine().enter();
    const base = this.#base('pa');
    machine().leave();
    return BigInt(base) as keos.Pa;
  }

  drop(): void {
    machine().enter();
    const base = this.#base('drop');
    for (const cpu of machine().cpus) {
      if (cpu.cr3 === base)
        panic(`PageTableRoot.drop: processor ${String(cpu.id)} is running ${hex(base)}`);
    }
    machine().removeRoot(base);
    this.#frame.kernelOwner = null;
    machine().release(this.#frame);
    machine().leave();
  }

  *[Symbol.iterator](): IterableIterator<keos.Pml4e> {
    for (let i = 0; i < ENTRIES_PER_TABLE; i++) yield this.at(i);
  }
}
