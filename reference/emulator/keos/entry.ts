/** Live views of paging-structure entries and of the tables that hold them. */
import type * as keos from '../../contract/keos.ts';
import { hex } from '../../x86/address.ts';
import { ENTRIES_PER_TABLE, type Level, LO, PAGE_SIZE } from '../../x86/page-table-entry.ts';
import type { Frame } from '../frames.ts';
import { machine, panic, raise } from './active-machine.ts';
import { integer, show, u64 } from './checks.ts';
import { PageTableMappingError } from './errors.ts';
import { ADDRESS_BITS } from './flags.ts';

/** Level of the structure whose entries have this name. */
const LEVEL_OF = { Pte: 1, Pde: 2, Pdpe: 3, Pml4e: 4 } as const satisfies Record<string, Level>;

/** Type of the entries of a table, for messages. */
type EntryName = keyof typeof LEVEL_OF;

/** What the views of all entries of one table have in common: the table, and for how long they are good. */
export class Holder {
  readonly name: EntryName;
  /** The table itself. */
  readonly frame: Frame;
  /** Whether the entries belong to the kernel half and may not be written. */
  readonly locked: boolean;
  readonly #generation: number;

  constructor(name: EntryName, frame: Frame, locked = false) {
    this.name = name;
    this.frame = frame;
    this.locked = locked;
    this.#generation = frame.generation;
  }

  /** Whether the table is still the one that the views were made for. A root whose frame somebody else made live on is gone all the same. */
  get isGood(): boolean {
    const { frame } = this;
    return (
      frame.generation === this.#generation &&
      (this.name !== 'Pml4e' || frame.kernelOwner === 'root')
    );
  }

  /** Ends the call in progress: {@link isGood} is not true any more. */
  expired(call: string): never {
    const { frame } = this;
    const end = frame.generation === this.#generation ? 'dropped' : 'released';
    panic(`${call}: the table at ${hex(frame.pa)} was ${end}`, 'frames', frame);
  }
}

/** Said when an entry of the kernel half is to be written. */
export function kernelSlot(index: number): string {
  return `slot ${String(index)} belongs to the kernel half, which all page tables share`;
}

/* Walking a page table is made of views, and what a pager costs is made of walking: checks that hold are cheap here, and messages are made when they fail. */

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
    return value.#holder.isGood ? machine().memory.readU64(value.#at) : undefined;
  }

  /** Physical address of the entry behind a view, or `undefined`. For the driver. */
  static addressOf(value: unknown): number | undefined {
    return typeof value === 'object' && value !== null && #at in value ? value.#at : undefined;
  }

  #check(call: string): void {
    const holder = this.#holder;
    if (!holder.isGood) holder.expired(`${holder.name}.${call}`);
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
    if (locked) panic(`${name}.${call}: ${kernelSlot((this.#at % PAGE_SIZE) / 8)}`, 'kernel-half');
    machine().storeEntry(LEVEL_OF[name], this.#at, word);
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
  protected table<E>(call: string, name: EntryName): TableView<E> {
    machine().enter();
    if (!this.#isPresent(call)) raise(PageTableMappingError.NotExist);
    const pa = Number(machine().memory.readU64(this.#at) & ADDRESS_BITS);
    const frame = machine().frames.get(pa / PAGE_SIZE);
    if (frame === undefined || frame.references === 0) {
      panic(
        `${this.#holder.name}.${call}: the entry points to ${hex(pa)}, which is not an allocated frame`,
        this.#holder.locked ? 'kernel-half' : 'frames',
        frame,
      );
    }
    machine().leave();
    return new TableView<E>(new Holder(name, frame));
  }
}

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
    return this.table('intoPt', 'Pte');
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
    return this.table('intoPd', 'Pde');
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
    return this.table('intoPdp', 'Pdpe');
  }
  intoPdpMut(): keos.Table<keos.Pdpe> {
    return this.intoPdp();
  }
}

/** The view of the entry at physical address `at`. Each class is named: calling a constructor that is not known beforehand costs more than the call. */
function viewOf(holder: Holder, at: number): EntryView {
  switch (holder.name) {
    case 'Pte':
      return new PteView(holder, at);
    case 'Pde':
      return new PdeView(holder, at);
    case 'Pdpe':
      return new PdpeView(holder, at);
    case 'Pml4e':
      return new Pml4eView(holder, at);
  }
}

export class TableView<E> implements keos.Table<E> {
  readonly #holder: Holder;

  constructor(holder: Holder) {
    this.#holder = holder;
  }

  get length(): number {
    return ENTRIES_PER_TABLE;
  }

  at(index: number): E {
    machine().enter();
    const holder = this.#holder;
    if (!holder.isGood) holder.expired(`Table<${holder.name}>.at`);
    if (!isIndex(index))
      integer(`Table<${holder.name}>.at`, 'the index', index, 0, ENTRIES_PER_TABLE - 1);
    machine().leave();
    return viewOf(holder, holder.frame.pa + index * 8) as E;
  }

  [Symbol.iterator](): IterableIterator<E> {
    return new Entries(this);
  }
}

/** All entries of a table in turn. Not a generator: going on with one costs as much as looking at the entry. */
export class Entries<E> implements IterableIterator<E> {
  readonly #table: { at(index: number): E };
  #next = 0;

  constructor(table: { at(index: number): E }) {
    this.#table = table;
  }

  next(): IteratorResult<E, undefined> {
    if (this.#next >= ENTRIES_PER_TABLE) return { done: true, value: undefined };
    return { done: false, value: this.#table.at(this.#next++) };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** The check without its message, which would cost more than the rest of the call. */
export function isIndex(index: unknown): boolean {
  return typeof index === 'number' && (index & 511) === index;
}
