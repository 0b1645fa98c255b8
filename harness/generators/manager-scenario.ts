/** A short way to write down a program of demand-paging managers. */
import type { FileSpec } from '../../reference/contract/file-rule.ts';
import type { Injection } from '../../reference/contract/injection.ts';
import { GLOBAL_MANAGER } from '../protocol/manager-op.ts';
import type { Backing, Op, Program, World } from '../protocol/program.ts';
import { toHex } from './addresses.ts';

type Address = number | bigint;

/** Bytes of a frame. */
const FRAME_BYTES = 4096;

/** `PageFlags`. */
export const PAGE_FLAGS = {
  PRESENT: 1n,
  WRITABLE: 2n,
  USER: 4n,
  WRITE_THROUGH: 8n,
  NO_CACHE: 16n,
  ACCESSED: 32n,
  DIRTY: 64n,
  HUGE: 128n,
  GLOBAL: 256n,
  NO_EXECUTE: 1n << 63n,
} as const;

/** What mappings have unless another thing is said: `PRESENT | WRITABLE | USER | NO_EXECUTE`. */
const DATA = PAGE_FLAGS.PRESENT | PAGE_FLAGS.WRITABLE | PAGE_FLAGS.USER | PAGE_FLAGS.NO_EXECUTE;

/** What a call on a manager may add. */
export interface OnManager {
  /** Label of the manager; default: `manager`. */
  readonly manager?: string;
}

/** What a call may add that also is an exported function. */
export interface OnGlobal extends OnManager {
  /** Through `withManagerMut` instead of the exported function. */
  readonly within?: true;
}

/**
 * Collects operations; every method adds one. The first manager is called `manager` unless another name is given. Frames get names: those that the caller
 * takes are given one, those that a manager returns are called after their address unless they are.
 */
export class ManagerScript {
  readonly ops: Op[] = [];
  readonly #names = new Map<string, number>();

  manager(manager = 'manager'): string {
    this.ops.push({ op: 'new-manager', manager });
    return manager;
  }

  /** A table of shared frames without a manager. */
  table(manager = 'table'): string {
    this.ops.push({ op: 'new-cow-table', manager });
    return manager;
  }

  /** The exported `init()`. */
  init(): void {
    this.ops.push({ op: 'init-manager' });
  }

  /** A file of `size` bytes; `more` says what is special about it. */
  file(size: number, file = 'file', seed = 7, more: Omit<FileSpec, 'size' | 'seed'> = {}): string {
    this.ops.push({ op: 'file', file, size, seed, ...more });
    return file;
  }

  truncate(file: string, size: number): void {
    this.ops.push({ op: 'truncate', file, size });
  }

  rewrite(file: string, seed: number): void {
    this.ops.push({ op: 'rewrite', file, seed });
  }

  register(
    addr: Address,
    size: Address,
    more: OnGlobal & {
      readonly flags?: bigint;
      readonly file?: string;
      readonly offset?: Address;
    } = {},
  ): void {
    this.ops.push({
      op: 'register-lazy',
      manager: more.manager ?? 'manager',
      addr: toHex(addr),
      size: toHex(size),
      flags: toHex(more.flags ?? DATA),
      file: more.file ?? null,
      offset: toHex(more.offset ?? 0),
      ...(more.within === true ? { within: true } : {}),
    });
  }

  unregister(addr: Address, manager = 'manager'): void {
    this.ops.push({ op: 'unregister-lazy', manager, addr: toHex(addr) });
  }

  /** A demand-page fault; the frame, if there is one, gets the name that is returned. */
  fault(
    va: Address,
    more: OnGlobal & { readonly fault?: Injection; readonly frame?: string } = {},
  ): string {
    const frame = more.frame ?? this.#name('page');
    this.ops.push({
      op: 'demand-page',
      manager: more.manager ?? 'manager',
      va: toHex(va),
      frame,
      ...(more.within === true ? { within: true } : {}),
      ...(more.fault === undefined ? {} : { fault: more.fault }),
    });
    return frame;
  }

  /** A copy-on-write fault; the frame, if there is one, gets the name that is returned. */
  cowFault(va: Address, more: OnManager & { readonly fault?: Injection } = {}): string {
    const frame = this.#name('copy');
    const { manager = 'manager', fault } = more;
    this.ops.push({
      op: 'cow-fault',
      manager,
      va: toHex(va),
      frame,
      ...(fault === undefined ? {} : { fault }),
    });
    return frame;
  }

  /** `cowTable.markCow`; with `bare` the manager is a table. */
  mark(va: Address, frame: string, manager = 'manager', bare = false): void {
    this.ops.push({ op: 'mark-cow', manager, va: toHex(va), frame, ...(bare ? { bare } : {}) });
  }

  addEntry(va: Address, frame: string, manager = 'manager'): void {
    this.ops.push({ op: 'add-cow-entry', manager, va: toHex(va), frame });
  }

  markRange(
    base: Address,
    pages: readonly (readonly [va: Address, frame: string])[],
    manager = 'manager',
  ): void {
    this.ops.push({
      op: 'mark-cow-range',
      manager,
      base: toHex(base),
      pages: pages.map(([va, frame]) => ({ va: toHex(va), frame })),
    });
  }

  /** Gives up a reference; if it was the last the caller frees `frees`. */
  release(va: Address, frees: string, manager = 'manager', bare = false): void {
    this.ops.push({
      op: 'release-cow',
      manager,
      va: toHex(va),
      frees,
      ...(bare ? { bare } : {}),
    });
  }

  isCow(va: Address, manager = 'manager', bare = false): void {
    this.ops.push({ op: 'is-cow', manager, va: toHex(va), ...(bare ? { bare } : {}) });
  }

  /** Whether a mapping from `addr` on contains `va`. */
  contains(addr: Address, size: Address, va: Address): void {
    this.ops.push({
      op: 'mapping-contains',
      addr: toHex(addr),
      size: toHex(size),
      va: toHex(va),
    });
  }

  sameBacking(first: Backing, second: Backing): void {
    this.ops.push({ op: 'same-backing', first, second });
  }

  /** A frame of the caller's, every byte `fill`. */
  frame(fill: number, frame = this.#name('frame')): string {
    this.ops.push({ op: 'take-frame', frame, fill });
    return frame;
  }

  /** Stores `value` in a frame. */
  write(frame: string, value: number, at = 0, length = 1): void {
    this.ops.push({ op: 'write-frame', frame, at, length, value });
  }

  /** Looks at a frame: all of it, or `length` bytes from `at` on. */
  look(frame: string, at = 0, length = FRAME_BYTES - at): void {
    this.ops.push({ op: 'read-frame', frame, at, length });
  }

  free(frame: string): void {
    this.ops.push({ op: 'free-frame', frame });
  }

  #name(kind: string): string {
    const count = (this.#names.get(kind) ?? 0) + 1;
    this.#names.set(kind, count);
    return `${kind}${String(count)}`;
  }
}

/** A file backing, for {@link ManagerScript.sameBacking}. */
export function fileBacking(inode: Address, offset: Address): Backing {
  return { inode: toHex(inode), offset: toHex(offset) };
}

/** Label of the manager behind the exported functions. */
export const GLOBAL = GLOBAL_MANAGER;

/** A program of managers, written by `write`. Frames are quarantined unless `world` says otherwise. */
export function managerProgram(
  write: (script: ManagerScript) => void,
  world: Partial<World> = {},
): Program {
  const script = new ManagerScript();
  write(script);
  return { world: { cpus: 1, policy: 'quarantine', ...world }, pager: 'lazy', ops: script.ops };
}
