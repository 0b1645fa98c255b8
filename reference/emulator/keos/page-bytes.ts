/** `PageBytes`: the checked view of a frame's bytes. */
import type * as keos from '../../contract/keos.ts';
import { hex } from '../../x86/address.ts';
import { PAGE_SIZE } from '../../x86/page-table-entry.ts';
import type { Frame } from '../frames.ts';
import { machine, panic } from './active-machine.ts';
import { integer, show, u64 } from './checks.ts';

// Captured before student code exists: reading these on a student's value runs none of its code.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = getterOf(Symbol.toStringTag);
const lengthOf = getterOf('length');
const { apply } = Reflect;

function getterOf(key: string | symbol): () => unknown {
  const descriptor: { get?: unknown } = Object.getOwnPropertyDescriptor(typedArray, key) ?? {};
  return descriptor.get as () => unknown;
}

/** True for a real `Uint8Array`, whose elements can be read without running student code. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return typeof value === 'object' && value !== null && apply(tagOf, value, []) === 'Uint8Array';
}

/** Length of a real `Uint8Array`. */
export function uint8ArrayLength(value: Uint8Array): number {
  return apply(lengthOf, value, []) as number;
}

export class PageBytesView implements keos.PageBytes {
  readonly #frame: Frame;
  readonly #generation: number;
  /** Says when the view is out of date for another reason than the frame's release, or `null`. */
  readonly #expired: () => string | null;

  constructor(frame: Frame, expired: () => string | null = () => null) {
    this.#frame = frame;
    this.#generation = frame.generation;
    this.#expired = expired;
  }

  /** The frame behind a view that is handed to `call`, or `undefined` if the value is not one. A view that is out of date panics. */
  static frameOf(call: string, value: unknown): Frame | undefined {
    if (typeof value !== 'object' || value === null || !(#frame in value)) return undefined;
    const expiry = value.#expiry();
    if (expiry !== null) panic(`${call}: ${expiry}`, 'frames', value.#frame);
    return value.#frame;
  }

  get length(): number {
    return PAGE_SIZE;
  }

  /** Checks that the bytes may still be used and returns their physical address. */
  #base(call: string): number {
    const expiry = this.#expiry();
    if (expiry !== null) panic(`PageBytes.${call}: ${expiry}`, 'frames', this.#frame);
    return this.#frame.pa;
  }

  /** Why the bytes may not be used any more, or `null`. */
  #expiry(): string | null {
    if (this.#frame.generation === this.#generation) return this.#expired();
    return `the frame ${hex(this.#frame.pa)} was released`;
  }

  get(index: number): number {
    machine().enter();
    const base = this.#base('get');
    const value = machine().memory.readU8(
      base + integer('PageBytes.get', 'the index', index, 0, PAGE_SIZE - 1),
    );
    machine().leave();
    return value;
  }

  set(index: number, value: number): void {
    machine().enter();
    const base = this.#base('set');
    integer('PageBytes.set', 'the index', index, 0, PAGE_SIZE - 1);
    machine().memory.writeU8(base + index, integer('PageBytes.set', 'the value', value, 0, 255));
    machine().leave();
  }

  fill(value: number, start = 0, end = PAGE_SIZE): void {
    machine().enter();
    const base = this.#base('fill');
    integer('PageBytes.fill', 'the value', value, 0, 255);
    integer('PageBytes.fill', 'the start', start, 0, PAGE_SIZE);
    integer('PageBytes.fill', 'the end', end, 0, PAGE_SIZE);
    if (start < end) machine().memory.frameBytes(base).fill(value, start, end);
    machine().leave();
  }

  copyFrom(
    source: keos.PageBytes | Uint8Array,
    targetStart = 0,
    sourceStart = 0,
    length?: number,
  ): void {
    machine().enter();
    const call = 'PageBytes.copyFrom';
    const base = this.#base('copyFrom');
    const frame = PageBytesView.frameOf(call, source);
    if (frame === undefined && !isUint8Array(source))
      panic(`${call}: the source is ${show(source)}, not bytes`);
    const available = frame === undefined ? uint8ArrayLength(source as Uint8Array) : PAGE_SIZE;
    const from = integer(call, 'the source start', sourceStart, 0, available);
    const to = integer(call, 'the target start', targetStart, 0, PAGE_SIZE);
    const most = Math.min(available - from, PAGE_SIZE - to);
    const count = length === undefined ? most : integer(call, 'the length', length, 0, most);
    const target = machine().memory.frameBytes(base);
    if (frame !== undefined) {
      const bytes = machine().memory.frameBytes(frame.pa);
      target.set(bytes.slice(from, from + count), to);
    } else {
      for (let i = 0; i < count; i++)
        machine().memory.writeU8(base + to + i, (source as Uint8Array)[from + i] ?? 0);
    }
    machine().leave();
  }

  readU64(offset: number): bigint {
    machine().enter();
    const base = this.#base('readU64');
    const at = base + integer('PageBytes.readU64', 'the offset', offset, 0, PAGE_SIZE - 8);
    const value = machine().memory.readU64(at);
    machine().leave();
    return value;
  }

  writeU64(offset: number, value: bigint): void {
    machine().enter();
    const base = this.#base('writeU64');
    const at = base + integer('PageBytes.writeU64', 'the offset', offset, 0, PAGE_SIZE - 8);
    machine().memory.writeU64(at, u64('PageBytes.writeU64', 'the value', value));
    machine().leave();
  }
}
