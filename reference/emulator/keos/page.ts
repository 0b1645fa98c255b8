/** `Page` and `PageRef`: owning and borrowing handles on page frames. */
import type * as keos from '../../contract/keos.ts';
import { hex } from '../../x86/address.ts';
import { PAGE_SIZE } from '../../x86/page-table-entry.ts';
import type { Frame } from '../frames.ts';
import { DIRECT_MAP_BASE } from '../machine.ts';
import { machine, panic, raise } from './active-machine.ts';
import { show } from './checks.ts';
import { KernelError } from './errors.ts';
import { PageBytesView } from './page-bytes.ts';

const MAKE = Symbol('only keos makes pages');

/** The live frame at physical address `value`, or a panic. */
function frameAt(call: string, value: unknown): Frame {
  if (typeof value !== 'bigint' || value < 0n || value >= 1n << 52n) {
    panic(`${call}: ${show(value)} is not a physical address`);
  }
  if ((value & 0xfffn) !== 0n) panic(`${call}: ${hex(value)} is not the start of a frame`);
  const frame = machine().frames.get(Number(value) / PAGE_SIZE);
  if (frame === undefined) panic(`${call}: there is no page frame at ${hex(value)}`);
  if (frame.references === 0)
    panic(`${call}: the frame ${hex(value)} is free (released before)`, 'frames', frame);
  return frame;
}

export class Page implements keos.Page {
  readonly #frame: Frame;
  readonly #bytes: PageBytesView;
  /** How the handle was used up, or `null` while it is good. */
  #usedUp: string | null = null;

  constructor(token: symbol, frame: Frame) {
    if (token !== MAKE) panic('new Page(): use Page.new()');
    this.#frame = frame;
    frame.handles++;
    this.#bytes = new PageBytesView(frame);
    // Whoever is handed a Page calls its methods: nobody may put others in their place.
    Object.freeze(this);
  }

  static new(): keos.Page {
    machine().enter();
    const frame = machine().allocate(true);
    if (frame === null) raise(KernelError.NoMemory);
    const page = new Page(MAKE, frame);
    machine().leave();
    return page;
  }

  static fromPa(pa: keos.Pa): keos.Page {
    machine().enter();
    const frame = frameAt('Page.fromPa', pa);
    if (frame.outside <= 0) {
      const owner = frame.kernelOwner === 'root' ? 'its PageTableRoot' : 'a Page';
      panic(
        `Page.fromPa: every reference to the frame ${hex(pa)} is already owned by ${owner}`,
        'frames',
        frame,
      );
    }
    const page = new Page(MAKE, frame);
    machine().leave();
    return page;
  }

  /** A handle made by the machine itself on a frame whose new reference has just been counted. */
  static adopt(frame: Frame): Page {
    return new Page(MAKE, frame);
  }

  /** The frame of a live handle, or `undefined` if the value is no `Page` or was used up. For the driver. */
  static frameOf(value: unknown): Frame | undefined {
    if (typeof value !== 'object' || value === null || !(#frame in value)) return undefined;
    return value.#usedUp === null ? value.#frame : undefined;
  }

  /** Consumes the page on behalf of call `call`: its reference now belongs to the caller. */
  static consume(call: string, value: unknown, how: string): Frame {
    if (typeof value !== 'object' || value === null || !(#frame in value)) {
      panic(`${call}: ${show(value)} is not a Page`);
    }
    const frame = value.#check(call);
    value.#usedUp = how;
    frame.handles--;
    return frame;
  }

  #check(call: string): Frame {
    if (this.#usedUp !== null) {
      panic(
        `${call}: this Page (frame ${hex(this.#frame.pa)}) was ${this.#usedUp} before`,
        'frames',
        this.#frame,
      );
    }
    return this.#frame;
  }

  clone(): keos.Page {
    machine().enter();
    const frame = this.#check('Page.clone');
    machine().share(frame);
    const page = new Page(MAKE, frame);
    machine().leave();
    return page;
  }

  intoRaw(): keos.Pa {
    machine().enter();
    const frame = Page.consume('Page.intoRaw', this, 'turned into an address (intoRaw)');
    machine().leave();
    return BigInt(frame.pa) as keos.Pa;
  }

  drop(): void {
    machine().enter();
    const frame = Page.consume('Page.drop', this, 'dropped');
    machine().release(frame);
    machine().leave();
  }

  [Symbol.dispose](): void {
    if (this.#usedUp === null) this.drop();
  }

  pa(): keos.Pa {
    machine().enter();
    const { pa } = this.#check('Page.pa');
    machine().leave();
    return BigInt(pa) as keos.Pa;
  }

  kva(): keos.Kva {
    machine().enter();
    const { pa } = this.#check('Page.kva');
    machine().leave();
    return (BigInt(pa) + DIRECT_MAP_BASE) as keos.Kva;
  }

  inner(): keos.PageBytes {
    machine().enter();
    this.#check('Page.inner');
    machine().leave();
    return this.#bytes;
  }

  innerMut(): keos.PageBytes {
    return this.inner();
  }
}

export class PageRef implements keos.PageRef {
  readonly #frame: Frame;
  readonly #generation: number;
  readonly #epoch: number;

  constructor(token: symbol, frame: Frame) {
    if (token !== MAKE) panic('new PageRef(): use PageRef.fromPa()');
    this.#frame = frame;
    this.#generation = frame.generation;
    this.#epoch = machine().epoch;
  }

  static fromPa(pa: keos.Pa): keos.PageRef {
    machine().enter();
    const ref = new PageRef(MAKE, frameAt('PageRef.fromPa', pa));
    machine().leave();
    return ref;
  }

  /** The frame of a reference that is still good, or `undefined`. For the driver. */
  static frameOf(value: unknown): Frame | undefined {
    if (typeof value !== 'object' || value === null || !(#frame in value)) return undefined;
    return value.#expired() === null ? value.#frame : undefined;
  }

  #expired(): string | null {
    if (this.#frame.generation !== this.#generation)
      return `the frame ${hex(this.#frame.pa)} was released`;
    if (machine().epoch !== this.#epoch) return 'the PageRef was kept after the call that made it';
    return null;
  }

  #check(call: string): Frame {
    const expired = this.#expired();
    if (expired !== null) panic(`${call}: ${expired}`, 'frames', this.#frame);
    return this.#frame;
  }

  intoPage(): keos.Page {
    machine().enter();
    const frame = this.#check('PageRef.intoPage');
    // A root was taken from the kernel's heap: no allocation of a page, which may fail and is counted.
    if (frame.kernelOwner === 'root')
      panic(
        `PageRef.intoPage: the frame ${hex(frame.pa)} is a PageTableRoot, and no Page`,
        'frames',
      );
    machine().share(frame);
    const page = Page.adopt(frame);
    machine().leave();
    return page;
  }

  pa(): keos.Pa {
    machine().enter();
    const { pa } = this.#check('PageRef.pa');
    machine().leave();
    return BigInt(pa) as keos.Pa;
  }

  kva(): keos.Kva {
    machine().enter();
    const { pa } = this.#check('PageRef.kva');
    machine().leave();
    return (BigInt(pa) + DIRECT_MAP_BASE) as keos.Kva;
  }

  inner(): keos.PageBytes {
    machine().enter();
    const frame = this.#check('PageRef.inner');
    machine().leave();
    return new PageBytesView(frame, () => this.#expired());
  }

  innerMut(): keos.PageBytes {
    return this.inner();
  }
}
