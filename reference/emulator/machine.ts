/**
 * The machine: memory, frames, processors, files, and the rules under which student code may call into it.
 *
 * It is crash-only. Every call from student code is bracketed by {@link Machine.enter} and {@link Machine.leave}; a call that was cut short in
 * between (a stack overflow inside it) leaves the machine marked as torn, and nothing it says counts any more.
 */
import { KEOS_CONTROLS, type PagingControls } from '../x86/access.ts';
import type { FileSpec } from '../contract/file-rule.ts';
import { type Level, LO, PAGE_SIZE } from '../x86/page-table-entry.ts';
import { Cpu } from './cpu.ts';
import { type EventSink, watchOf } from './events.ts';
import { FaultInjector } from './fault-injector.ts';
import { FileStore } from './file-store.ts';
import { type AllocationPolicy, type Frame, Frames } from './frames.ts';
import { KernelPanic, type PanicAbout, type Stop } from './kernel-panic.ts';
import { PageCache } from './page-cache.ts';
import { PhysicalMemory } from './physical-memory.ts';
import type { Place } from './place.ts';
import type { StoredFile } from './regular-file.ts';
import { type Delivery, Shootdowns } from './shootdown.ts';
import { RETAIN, type TlbPolicy } from './tlb.ts';
import { TranslationHistory } from './translation-history.ts';

export interface MachineOptions {
  /** Processors, 1..4. */
  readonly cpus?: number;
  /** Page frames there are. */
  readonly frames?: number;
  /** Number of the lowest frame that is handed out. */
  readonly firstFrame?: number;
  readonly policy?: AllocationPolicy;
  /** Seed of the `random` policy. */
  readonly seed?: number;
  readonly controls?: PagingControls;
  /** Calls from student code before the machine stops with a `limit`. */
  readonly callBudget?: number;
  /** Record the stack of every allocation and release (slow: for the second run of a failing program). */
  readonly recordSites?: boolean;
  /** Keep what each operation allocates in {@link Machine.allocations}. */
  readonly recordAllocations?: boolean;
  /** What processors may cache. Default: every translation until it is invalidated, no paging structures. */
  readonly tlb?: TlbPolicy;
  readonly cacheStructures?: boolean;
  /** When interrupts of a shootdown arrive. Default: at once. */
  readonly delivery?: Delivery;
  /** Keep the {@link Machine.history} of translations (slow). Default: only if there are {@link events}. */
  readonly watchTranslations?: boolean;
  /** Takes all that happens, as it happens. */
  readonly events?: EventSink;
}

/** A frame that was taken, and which of its lives that began. */
export type Allocation = { readonly frame: Frame; readonly generation: number } | null;

/** First PML4 slot of the kernel half. */
export const KERNEL_BASE_SLOT = 256;
/** PML4 slot of the kernel's direct map of physical memory. */
export const DIRECT_MAP_SLOT = 510;
/** Kernel address of physical address 0. */
export const DIRECT_MAP_BASE = 0xffff_ff00_0000_0000n;
/** Bytes of the direct map. */
export const DIRECT_MAP_BYTES = 2 ** 39;

const BOOT_PML4 = 1;
const BOOT_PDPT = 2;

export class Machine {
  readonly memory = new PhysicalMemory();
  readonly frames: Frames;
  readonly cpus: readonly Cpu[];
  readonly faults: FaultInjector;
  /** Physical address of the page table the kernel boots with. */
  readonly bootRoot = BOOT_PML4 * PAGE_SIZE;
  /** Roots (physical addresses) that exist and have not been dropped. Changed by {@link addRoot} and {@link removeRoot}. */
  readonly roots = new Set<number>();
  /** Shared pages of cached files. */
  readonly pageCache = new PageCache((frame) => {
    this.release(frame);
  });
  readonly files = new FileStore(this.pageCache);
  /** Frames asked for in the current operation that can be made to fail, in order (`null`: there was none); `null` unless they are recorded. */
  readonly allocations: Allocation[] | null;
  /** Operation of the program that is running; -1 before the first. */
  op = -1;
  /** Frames allocated and files read since {@link beginOperation}. */
  framesTaken = 0;
  fileReads = 0;
  /** Whether a frame was refused in the current operation because all of them are in use. */
  ranOut = false;
  /** Calls made when a student call begins, so that borrowed views can tell they are out of date. */
  epoch = 0;
  readonly shootdowns: Shootdowns;
  /** Where translations came from and what they have outlived; `null` unless that was asked for. */
  readonly history: TranslationHistory | null;
  /** `StaleTLBEntry`s not yet invalidated: how to describe each. */
  readonly pendingInvalidations = new Map<object, string>();

  #current: Cpu;
  #stop: Stop | null = null;
  #busy = false;
  #callsLeft: number;
  readonly #recordSites: boolean;
  readonly #emit: EventSink | null;

  constructor(options: MachineOptions = {}) {
    this.frames = new Frames(
      this.memory,
      options.frames ?? 65_536,
      options.policy ?? 'quarantine',
      options.seed ?? 1,
      options.firstFrame,
    );
    this.#recordSites = options.recordSites ?? false;
    this.allocations = (options.recordAllocations ?? false) ? [] : null;
    this.#callsLeft = options.callBudget ?? 10_000_000;
    this.#bootKernel();
    const emit = options.events ?? null;
    this.#emit = emit;
    this.faults = new FaultInjector(
      emit && ((point, nth, armed) => emit({ kind: 'injected', op: this.op, point, nth, armed })),
      (why) => this.halt('limit', why),
    );
    this.history =
      (options.watchTranslations ?? this.#emit !== null)
        ? new TranslationHistory(this.memory, () => ({ op: this.op, place: this.#place() }))
        : null;
    const { controls = KEOS_CONTROLS, tlb = RETAIN, cacheStructures = false } = options;
    const isWatched = this.#emit !== null || this.history !== null;
    const watch = isWatched ? { watch: watchOf(this.history, this.#emit) } : {};
    const { cpus: count = 1 } = options;
    if (!Number.isInteger(count) || count < 1 || count > 4)
      throw new RangeError(`a machine has 1 to 4 processors, not ${String(count)}`);
    this.cpus = Array.from(
      { length: count },
      (_, id) =>
        new Cpu(id, this.memory, controls, this.bootRoot, { tlb, cacheStructures, ...watch }),
    );
    this.shootdowns = new Shootdowns(this.cpus, options.delivery ?? 'at-once', this.#emit);
    this.#current = this.cpus[0]!;
  }

  /** The kernel maps all of physical memory with 1 GiB supervisor pages under slot 510, as one shared table. */
  #bootKernel(): void {
    const flags = LO.PRESENT | LO.WRITABLE;
    this.memory.writeU32(
      BOOT_PML4 * PAGE_SIZE + DIRECT_MAP_SLOT * 8,
      BOOT_PDPT * PAGE_SIZE + flags,
    );
    for (let i = 0; i < 512; i++) {
      const pa = i * 2 ** 30;
      const at = BOOT_PDPT * PAGE_SIZE + i * 8;
      this.memory.writeU32(at, ((pa % 2 ** 32) + flags + LO.PAGE_SIZE) >>> 0);
      this.memory.writeU32(at + 4, Math.floor(pa / 2 ** 32));
    }
  }

  /** Whether frames remember where they were allocated and released. */
  get recordsSites(): boolean {
    return this.#recordSites;
  }

  /** The processor that student code is running on. */
  get current(): Cpu {
    return this.#current;
  }

  /** Moves execution to processor `id`. */
  runOn(id: number): void {
    const cpu = this.cpus[id];
    if (cpu === undefined) throw new RangeError(`no processor ${String(id)}`);
    if (cpu !== this.#current) this.#emit?.({ kind: 'runs-on', cpu: id });
    this.#current = cpu;
  }

  /** Why the machine stopped for good, or `null` while it runs. */
  get stop(): Stop | null {
    if (this.#stop === null && this.#busy) {
      this.#stop = {
        kind: 'torn',
        message:
          'a call to the machine was cut short (endless recursion, or a method called without its object)',
        stack: '',
      };
    }
    return this.#stop;
  }

  /** Student calls left before the budget is gone. */
  get callsLeft(): number {
    return this.#callsLeft;
  }

  /** Begins a call from student code. Throws if the machine has stopped or the budget is gone. */
  enter(): void {
    if (this.#stop !== null || this.#busy) throw new KernelPanic(this.stop?.message);
    if (--this.#callsLeft < 0) this.halt('limit', 'the budget of calls to the machine is used up');
    this.#busy = true;
  }

  /** Ends a call that {@link enter} began. */
  leave(): void {
    this.#busy = false;
  }

  /** Ends a call by throwing `error` at the student. */
  raise(error: unknown): never {
    this.#busy = false;
    throw error;
  }

  /** Ends a call because the student's kernel misused the machine. */
  panic(message: string, about: PanicAbout = 'call', frame?: Frame): never {
    this.halt('panic', message, about, frame);
  }

  /** Stops the machine for good. The first reason counts. `frame`: the one that it is about. */
  halt(kind: Stop['kind'], message: string, about: PanicAbout = 'call', frame?: Frame): never {
    this.#busy = false;
    const panic = new KernelPanic(message);
    const sites = frame !== undefined && this.#recordSites ? { sites: frame.sites } : {};
    this.#stop ??= { kind, about, message, stack: panic.stack ?? '', ...sites };
    throw panic;
  }

  /** Stops the machine for good because of what happened at `stack` (raw text), unless it has stopped already. */
  stopAt(kind: Stop['kind'], message: string, stack: string): never {
    // Asked first: it may find out that a call was cut short.
    const before = this.stop;
    this.#busy = false;
    this.#stop = before ?? { kind, about: 'call', message, stack };
    throw new KernelPanic(message);
  }

  /** Starts counting for operation `index` of a program. */
  beginOperation(index: number): void {
    this.op = index;
    this.#emit?.({ kind: 'operation', index });
    this.framesTaken = 0;
    this.ranOut = false;
    this.fileReads = 0;
    if (this.allocations !== null) this.allocations.length = 0;
    this.epoch++;
    for (const cpu of this.cpus) {
      cpu.invalidations = 0;
      cpu.reloadable.clear();
    }
  }

  /** A frame for the kernel or a page; `null` when none is left or the injected failure strikes. */
  allocate(injectable: boolean): Frame | null {
    const frame = injectable && this.faults.strikes('frame') ? null : this.#take();
    if (injectable)
      this.allocations?.push(frame === null ? null : { frame, generation: frame.generation });
    if (frame === null) return null;
    if (injectable) this.framesTaken++;
    frame.allocated = this.#place();
    frame.released = null;
    return frame;
  }

  /** A free frame, if need be one that only the page cache was using. */
  #take(): Frame | null {
    for (;;) {
      const frame = this.frames.allocate(this.op);
      if (frame !== null) this.#emit?.({ kind: 'frame-taken', frame: frame.number });
      if (frame !== null) return frame;
      if (!this.pageCache.evict()) {
        this.ranOut = true;
        return null;
      }
    }
  }

  /** Counts one more reference of `frame`. */
  share(frame: Frame): void {
    frame.references++;
    this.#emit?.({ kind: 'frame-shared', frame: frame.number, references: frame.references });
  }

  /** Takes away one reference of `frame`. */
  release(frame: Frame): void {
    if (frame.references === 1) frame.released = this.#place();
    this.frames.release(frame);
    const { number, references } = frame;
    this.#emit?.({ kind: 'frame-released', frame: number, references });
  }

  /** From now on the structure at physical address `root` is the PML4 of an address space. */
  addRoot(root: number): void {
    this.roots.add(root);
    this.#emit?.({ kind: 'root-made', root });
  }

  /** From now on it is none any more. */
  removeRoot(root: number): void {
    this.roots.delete(root);
    this.#emit?.({ kind: 'root-dropped', root });
  }

  /** Stores `word` in the entry of a paging structure at physical address `at`, for software. */
  storeEntry(level: Level, at: number, word: bigint): void {
    this.#emit?.({ kind: 'entry-stored', level, at, before: this.memory.readU64(at), word });
    this.memory.writeU64(at, word);
    this.history?.stored(at);
  }

  /** A file is about to be read. */
  noteFileRead(ino: number, position: number): void {
    this.fileReads++;
    this.#emit?.({ kind: 'file-read', ino, position });
  }

  /** Where the student's call comes from, if sites are recorded. */
  #place(): Place {
    return this.#recordSites ? new Error('site') : null;
  }

  /** Adds a file to the store, under a name of its own. */
  createFile(spec: FileSpec): StoredFile {
    return this.files.create(spec);
  }
}
