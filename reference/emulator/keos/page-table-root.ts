/** `PageTableRoot`: the PML4 of an address space. */
import type * as keos from '../../contract/keos.ts';
import { hex } from '../../x86/address.ts';
import { ENTRIES_PER_TABLE, LO } from '../../x86/page-table-entry.ts';
import type { Frame } from '../frames.ts';
import { KERNEL_BASE_SLOT } from '../machine.ts';
import { machine, panic } from './active-machine.ts';
import { integer } from './checks.ts';
import { Entries, Holder, isIndex, kernelSlot, Pml4eView } from './entry.ts';

const MAKE = Symbol('only keos makes roots');

export class PageTableRoot implements keos.PageTableRoot {
  static readonly KBASE = KERNEL_BASE_SLOT;
  readonly #frame: Frame;
  readonly #unlocked: Holder;
  readonly #locked: Holder;

  constructor(token: symbol, frame: Frame) {
    if (token !== MAKE) panic('new PageTableRoot(): use PageTableRoot.newBoxed()');
    this.#frame = frame;
    this.#unlocked = new Holder('Pml4e', frame);
    this.#locked = new Holder('Pml4e', frame, true);
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
    return value.#unlocked.isGood ? value.#frame.pa : undefined;
  }

  #base(call: string): number {
    if (!this.#unlocked.isGood) this.#unlocked.expired(`PageTableRoot.${call}`);
    return this.#frame.pa;
  }

  #check(call: string, index: number): void {
    if (!isIndex(index))
      integer(`PageTableRoot.${call}`, 'the index', index, 0, ENTRIES_PER_TABLE - 1);
  }

  get length(): number {
    return ENTRIES_PER_TABLE;
  }

  at(index: number): keos.Pml4e {
    machine().enter();
    const base = this.#base('at');
    this.#check('at', index);
    machine().leave();
    return new Pml4eView(this.#isLocked(index) ? this.#locked : this.#unlocked, base + index * 8);
  }

  indexMut(index: number): keos.Pml4e {
    machine().enter();
    const base = this.#base('indexMut');
    this.#check('indexMut', index);
    if (this.#isLocked(index)) panic(`PageTableRoot.indexMut: ${kernelSlot(index)}`, 'kernel-half');
    machine().leave();
    return new Pml4eView(this.#unlocked, base + index * 8);
  }

  /** A slot is shared when the kernel's own root has something there and ours is the same. */
  #isLocked(index: number): boolean {
    if (index < KERNEL_BASE_SLOT) return false;
    const { memory, bootRoot } = machine();
    // But for the accessed flag, which the processor sets in the root that it is running only.
    const slotOf = (root: number): bigint => memory.readU64(root + index * 8) | BigInt(LO.ACCESSED);
    const kernels = slotOf(bootRoot);
    return (kernels & 1n) !== 0n && slotOf(this.#frame.pa) === kernels;
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

  [Symbol.iterator](): IterableIterator<keos.Pml4e> {
    return new Entries(this);
  }
}
