/** Live views of paging-structure entries and of the tables that hold them. */
import type * as keos from '../../contract/keos.ts';
import { hex } from '../../x86/address.ts';
import { ENTRIES_PER_TABLE, type Level, LO, PAGE_SIZE } from '../../x86/page-table-entry.ts';
import type { Frame } from '../frames.ts';
import { machine, panic, raise } from './active-machine.ts';
import { integer, show, u64 } from './checks.ts';
import { PageTableMappingError } from './errors.ts';
import { ADDRESS_BITS } from './flags.ts';

/** What keeps the memory of a view valid: says why it is not any more, or `null`. */
type Expired = () => string | null;

/** A view of the frame of a table, good until the frame is released. */
export function whileAllocated(frame: Frame): Expired {
  const { generation } = frame;
  return () =>
    frame.generation === generation ? null : `the table at ${hex(frame.pa)} was released`;
}

/** Level of the structure whose entries have this name. */
const LEVEL_OF: Readonly<Record<string, Level>> = { Pte: 1, Pde: 2, Pdpe: 3, Pml4e: 4 };

/** What the views of all entries of one table have in common. */
export interface Holder {
  /** Type of the entries, for messages. */
  readonly name: string;
  readonly expired: Expired;
  /** The table itself. */
  readonly frame: Frame;
  /** Why the entries may not be written, or `null`. */
  readonly locked: string | null;
}

export class EntryView {
  readonly #holder: Holder;
  readonly #at: number;

  constructor(holder: Holder, at: number) {
    this.#holder = holder;
    this.#at = at;
  }

  /** The word behind a view that is still good, or `undefined` if the value is none. For the driver. */
  static wordOf(value: unknown): bigint | undefined {
    if (typeof value !== 'object' || value === null || !(#at in value)) return undefined;
    return value.#holder.expired() === null ? machine().memory.readU64(value.#at) : undefined;
  }

  /** Physical address of the entry behind a view, or `undefined`. For the driver. */
  static addressOf(value: unknown): number | undefined {
    return typeof value === 'object' && value !== null && #at in value ? value.#at : undefined;
  }

  #check(call: string): void {
    const expired = this.#holder.expired();
    const { name, frame } = this.#holder;
    if (expired !== null) panic(`${name}.${call}: ${expired}`, 'frames', frame);
  }

  #read(call: string): bigint {
    this.#check(call);
    return machine().memory.readU64(this.#at);
  }

  /** Whether the entry is present, without making a `bigint` of it: most entries that are looked at are not. */
  #isPresent(call: string): boolean {
    this.#check(call);
    return (machine().memory.readU32(this.#at) & LO.PRESENT) !== 0;
  }

  #write(call: string, word: bigint): void {
    const { name, locked } = this.#holder;
    if (locked !== null) panic(`${name}.${call}: ${locked}`, 'kernel-half');
    machine().storeEntry(LEVEL_OF[name]!, this.#at, word);
  }

  get word(): bigint {
    machine().enter();
    const word = this.#read('word');
    machine().leave();
    return word;
  }

  set word(value: bigint) {
    machine().enter();
    this.#read('word');
    this.#write('word', u64(`${this.#holder.name}.word`, 'the value', value));
    machine().leave();
  }

  pa(): keos.Pa | null {
    machine().enter();
    const word = this.#isPresent('pa') ? machine().memory.readU64(this.#at) : null;
    machine().leave();
    return word === null ? null : ((word & ADDRESS_BITS) as keos.Pa);
  }

  flags(): bigint {
    machine().enter();
    const word = this.#read('flags');
    machine().leave();
    return word & ~ADDRESS_BITS;
  }

  setPa(pa: keos.Pa): this {
    machine().enter();
    const word = this.#read('setPa');
    if (typeof pa !== 'bigint' || pa < 0n || pa >= 1n << 52n) {
      panic(`${this.#holder.name}.setPa: ${show(pa)} is not a physical address`);
    }
    if ((pa & 0xfffn) !== 0n) raise(PageTableMappingError.Unaligned);
    this.#write('setPa', pa | (word & ~ADDRESS_BITS) | 1n);
    machine().leave();
    return this;
  }

  setFlags(flags: bigint): this {
    machine().enter();
    const word = this.#read('setFlags');
    u64(`${this.#holder.name}.setFlags`, 'the flags', flags);
    if ((flags & ADDRESS_BITS) !== 0n)
      panic(`${this.#holder.name}.setFlags: ${hex(flags)} has address bits`);
    this.#write('setFlags', ((word & 1n) === 0n ? 0n : word & ADDRESS_BITS) | flags);
    machine().leave();
    return this;
  }

  clear(): keos.Pa | null {
    machine().enter();
    const word = this.#isPresent('clear') ? machine().memory.readU64(this.#at) : null;
    if (word !== null) this.#write('clear', 0n);
    machine().leave();
    return word === null ? null : ((word & ADDRESS_BITS) as keos.Pa);
  }

  /** The table this entry points to, for {@link Pml4eView} and friends. */
  protected table<E>(call: string, name: string, make: EntryMaker<E>): TableView<E> {
    machine().enter();
    if (!this.#isPresent(call)) raise(PageTableMappingError.NotExist);
    const pa = Number(machine().memory.readU64(this.#at) & ADDRESS_BITS);
    const frame = machine().frames.get(pa / PAGE_SIZE);
    if (frame === undefined || frame.references === 0) {
      panic(
        `${this.#holder.name}.${call}: the entry points to ${hex(pa)}, which is not an allocated frame`,
        this.#holder.locked === null ? 'frames' : 'kernel-half',
        frame,
      );
    }
    machine().leave();
    return new TableView(name, frame, make);
  }
}

type EntryMaker<E> = new (holder: Holder, at: number) => E;

/* eslint-disable @typescript-eslint/no-useless-constructor -- in a locked-down realm the implied `super(...arguments)` costs as much as
   the rest of the call, and views are what walking a page table is made of */

export class PteView extends EntryView implements keos.Pte {
  constructor(holder: Holder, at: number) {
    super(holder, at);
  }

  // On the prototype, so that making a view costs nothing for it.
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style
  get isLeaf(): true {
    return true;
  }
}

export class PdeView extends EntryView implements keos.Pde {
  constructor(holder: Holder, at: number) {
    super(holder, at);
  }

  intoPt(): keos.Table<keos.Pte> {
    return this.table('intoPt', 'Pte', PteView);
  }
  intoPtMut(): keos.Table<keos.Pte> {
    return this.intoPt();
  }
}

export class PdpeView extends EntryView implements keos.Pdpe {
  constructor(holder: Holder, at: number) {
    super(holder, at);
  }

  intoPd(): keos.Table<keos.Pde> {
    return this.table('intoPd', 'Pde', PdeView);
  }
  intoPdMut(): keos.Table<keos.Pde> {
    return this.intoPd();
  }
}

export class Pml4eView extends EntryView implements keos.Pml4e {
  constructor(holder: Holder, at: number) {
    super(holder, at);
  }

  intoPdp(): keos.Table<keos.Pdpe> {
    return this.table('intoPdp', 'Pdpe', PdpeView);
  }
  intoPdpMut(): keos.Table<keos.Pdpe> {
    return this.intoPdp();
  }
}

export class TableView<E> implements keos.Table<E> {
  readonly #holder: Holder;
  readonly #pa: number;
  readonly #make: EntryMaker<E>;

  constructor(name: string, frame: Frame, make: EntryMaker<E>) {
    this.#holder = { name, expired: whileAllocated(frame), frame, locked: null };
    this.#pa = frame.pa;
    this.#make = make;
  }

  get length(): number {
    return ENTRIES_PER_TABLE;
  }

  at(index: number): E {
    machine().enter();
    const { name, expired, frame } = this.#holder;
    const why = expired();
    if (why !== null) panic(`Table<${name}>.at: ${why}`, 'frames', frame);
    if (!isIndex(index)) integer(`Table<${name}>.at`, 'the index', index, 0, ENTRIES_PER_TABLE - 1);
    machine().leave();
    return new this.#make(this.#holder, this.#pa + index * 8);
  }

  *[Symbol.iterator](): IterableIterator<E> {
    for (let i = 0; i < ENTRIES_PER_TABLE; i++) yield this.at(i);
  }
}

/** The check without its message, which would cost more than the rest of the call. */
function isIndex(index: unknown): boolean {
  return typeof index === 'number' && (index & 511) === index;
}
