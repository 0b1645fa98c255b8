/**
 * # `veridian`: what your demand-paging manager is built on
 *
 * This module declares everything that `demand-paging.ts` needs to import: frame numbers, page flags, the frame allocator, the window onto
 * physical memory, the contents of files, and errors. It has the names of VeridianOS. (`page-table.ts` and the pagers are built on another kernel,
 * `'keos'`; the two have nothing in common but the machine.)
 *
 * Conventions, valid for every declaration below:
 *
 * - **64-bit quantities are `bigint`** (addresses, sizes, offsets, frame numbers, flag sets); indices into bytes and small counts are `number`.
 * - **Errors are thrown.** A call that can fail says *Throws*. A {@link KernelError} is made where it is thrown, by a function that is named like its
 *   kind: `throw KernelError.UnmappedMemory({ addr: vaddr })`. To get a result object instead of an exception use {@link attempt}.
 * - **A panic stops your kernel.** Misusing the machine (a frame used after its release, or released twice; an index out of range) panics: the run
 *   ends there and is reported with your line. Catching the exception does not help, and what `catch` and `finally` do then does not matter. Any
 *   exception of your own that is neither a {@link KernelError} nor a {@link FrameAllocatorError} is a panic too.
 * - **A frame has one owner**: whoever took it from the allocator, until it is handed on. What a call of yours returns belongs to the
 *   caller from then on. A frame that a call takes and neither returns nor frees is a leak. `demand-paging.ts` has a table: "Who owns this frame".
 * - **Your code is never interrupted.** Calls into it come one after the other; a call that has begun runs to its end before the next one. So
 *   nothing here is locked.
 * - **Calls are counted.** A program, at most about a hundred operations, may call functions and methods of this module 10,000,000 times; each
 *   counts one. So are steps of your own, as `README.md` says, “Bounded work”: a page that is registered counts as one that is mapped.
 * - `Option<T>` of the Rust original is `T | null`.
 *
 * @module veridian
 * @version 1
 */

// ---------------------------------------------------------------------------------------------------------------------
// Frames and flags
// ---------------------------------------------------------------------------------------------------------------------

declare const brand: unique symbol;

/** Bytes in a page and in a frame: `0x1000n`. */
export declare const PAGE_SIZE: bigint;

/**
 * The number of a page frame: its physical address divided by {@link PAGE_SIZE}. It is a `bigint`, so `frame * PAGE_SIZE` is the physical address, and
 * two of them are compared with `===`. That a number is one says nothing about whether the frame is allocated, or whose it is.
 */
export type FrameNumber = bigint & { readonly [brand]: 'FrameNumber' };
/** See the type {@link FrameNumber}. */
export declare const FrameNumber: {
  /** Frame number `n`, `0n` to `2n ** 40n - 1n`. Panics outside. You hardly need it: frame numbers are given to you. */
  'new'(n: bigint): FrameNumber;
};

/** Flags of a page-table entry, combined with `|`: `PageFlags.PRESENT | PageFlags.WRITABLE`. `0n` is the empty set. */
export type PageFlags = bigint;
/** The flags of the type {@link PageFlags}. */
export declare const PageFlags: {
  /** Bit 0: the page is there. */
  readonly PRESENT: PageFlags;
  /** Bit 1: may be written. */
  readonly WRITABLE: PageFlags;
  /** Bit 2: user mode may use it. */
  readonly USER: PageFlags;
  /** Bit 3. */
  readonly WRITE_THROUGH: PageFlags;
  /** Bit 4. */
  readonly NO_CACHE: PageFlags;
  /** Bit 5: set by the hardware when the page is used. */
  readonly ACCESSED: PageFlags;
  /** Bit 6: set by the hardware when the page is written. */
  readonly DIRTY: PageFlags;
  /** Bit 7: a large page. */
  readonly HUGE: PageFlags;
  /** Bit 8: stays in the TLB when another page table is loaded. */
  readonly GLOBAL: PageFlags;
  /** Bit 63: no instruction may be fetched. */
  readonly NO_EXECUTE: PageFlags;
  /** `0n`: a page without `NO_EXECUTE` is executable. */
  readonly EXECUTABLE: PageFlags;
};

/** True if every bit of `flag` is set in `set`. `contains(set, 0n)` is true. */
export declare function contains(set: bigint, flag: bigint): boolean;

// ---------------------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------------------

/** One kind of {@link KernelError}: frozen, with its fields to read, and made by nothing but the function of that name. */
export type ErrorOf<Kind extends string, Fields> = Readonly<Fields> & {
  readonly [brand]: 'KernelError';
  /** The name of the kind. */
  readonly kind: Kind;
};

/**
 * An error of the kernel. Every one is a value of its own: tell them apart by `kind` and read the fields, as in
 * `if (error.kind === 'UnmappedMemory') … error.addr`.
 */
export type KernelError =
  | ErrorOf<'OutOfMemory', { requested: bigint; available: bigint }>
  | ErrorOf<'InvalidAddress', { addr: bigint }>
  | ErrorOf<'UnmappedMemory', { addr: bigint }>
  | ErrorOf<'NotInitialized', { subsystem: string }>
  | ErrorOf<'InvalidArgument', { name: string; value: string }>
  | ErrorOf<'PermissionDenied', { operation: string }>
  | ErrorOf<'AlreadyExists', { resource: string; id: bigint }>
  | ErrorOf<'NotFound', { resource: string; id: bigint }>
  | ErrorOf<'HardwareError', { device: string; code: number }>
  | ErrorOf<'NotImplemented', { feature: string }>;
/**
 * Makes errors. Each function panics if a field is missing or of another type than declared; a `bigint` is an unsigned 64-bit value, a `number` an
 * integer from 0 to 2^32 - 1, and of a text the first 60 characters count.
 */
export declare const KernelError: {
  /** No page frame is free. Both in bytes: how many were wanted, how many there were. */
  OutOfMemory(fields: { readonly requested: bigint; readonly available: bigint }): KernelError;
  /** An address that is known, but not good for this. */
  InvalidAddress(fields: { readonly addr: bigint }): KernelError;
  /** An address at which there is nothing. */
  UnmappedMemory(fields: { readonly addr: bigint }): KernelError;
  /** A part of the kernel is used before it was initialised. */
  NotInitialized(fields: { readonly subsystem: string }): KernelError;
  /** An argument that makes no sense. */
  InvalidArgument(fields: { readonly name: string; readonly value: string }): KernelError;
  /** Something that is not allowed. */
  PermissionDenied(fields: { readonly operation: string }): KernelError;
  /** Something is there already. */
  AlreadyExists(fields: { readonly resource: string; readonly id: bigint }): KernelError;
  /** Something is not there. */
  NotFound(fields: { readonly resource: string; readonly id: bigint }): KernelError;
  /** A device failed. */
  HardwareError(fields: { readonly device: string; readonly code: number }): KernelError;
  /** Something the kernel cannot do yet. To mark what *you* have not written yet use {@link todo}. */
  NotImplemented(fields: { readonly feature: string }): KernelError;
};

/** What the frame allocator throws, and nothing else. It is no {@link KernelError}: turn it into the one that your caller is promised. Compare with `===`. */
export interface FrameAllocatorError {
  readonly [brand]: 'FrameAllocatorError';
  /** The name below, for messages. */
  readonly name: string;
}
/** The values of the type {@link FrameAllocatorError}. */
export declare const FrameAllocatorError: {
  /** No frame is free. */
  readonly OutOfMemory: FrameAllocatorError;
};

/** What {@link attempt} returns. */
export type Result<T, E = KernelError | FrameAllocatorError> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/**
 * Calls `f` and turns a thrown {@link KernelError} or {@link FrameAllocatorError} into a result:
 * `const frame = attempt(() => FRAME_ALLOCATOR.allocateFrame()); if (frame.ok) …`. Anything else thrown passes through.
 */
export declare function attempt<T>(f: () => T): Result<T>;

/** Marks a body you have not written yet: panics with "not implemented: `what`", which the grader reports plainly. */
export declare function todo(what: string): never;

// ---------------------------------------------------------------------------------------------------------------------
// Physical memory
// ---------------------------------------------------------------------------------------------------------------------

/** The allocator of page frames. */
export declare const FRAME_ALLOCATOR: {
  /**
   * Takes a free frame; it is yours. **Its bytes are whatever was left in it**, nothing clears them.
   * Throws `FrameAllocatorError.OutOfMemory` when no frame is free; that can happen at any call.
   */
  allocateFrame(): FrameNumber;
  /** Gives a frame back. It must be yours. Panics if the frame is free, or if there is no such frame. */
  freeFrame(frame: FrameNumber): void;
};

/**
 * The 4096 bytes of a page frame, as a live view: what you write is in memory at once. Indices and ranges outside
 * 0..4096 panic, as does any use after the frame was freed. An empty range may begin at 4096: `fill(0, 4096)` does nothing.
 */
export interface PageBytes {
  /** 4096. */
  readonly length: number;
  /** The byte at `index` (0..4095). */
  get(index: number): number;
  /** Stores `value` (0..255) at `index` (0..4095). */
  set(index: number, value: number): void;
  /** Stores `value` (0..255) from `start` (default 0) up to, not including, `end` (default 4096). */
  fill(value: number, start?: number, end?: number): void;
  /**
   * Copies `length` bytes (default: as many as fit) from `source`, starting there at `sourceStart` (default 0), to `targetStart`
   * (default 0) here. A copy is a copy: later changes of the source do not show here.
   */
  copyFrom(
    source: PageBytes | Uint8Array,
    targetStart?: number,
    sourceStart?: number,
    length?: number,
  ): void;
  /** The little-endian 64-bit word at `offset` (0..4088). */
  readU64(offset: number): bigint;
  /** Stores a little-endian 64-bit word (`0n`..`2n ** 64n - 1n`) at `offset` (0..4088). */
  writeU64(offset: number, value: bigint): void;
}

/**
 * The window through which the kernel sees physical memory: the bytes of the frame that starts at `physAddr`, as in
 * `physToVirtAddr(frame * PAGE_SIZE)`. Panics if `physAddr` is not the start of a frame that is allocated, to whomever.
 */
export declare function physToVirtAddr(physAddr: bigint): PageBytes;

// ---------------------------------------------------------------------------------------------------------------------
// Files
// ---------------------------------------------------------------------------------------------------------------------

/**
 * Copies bytes of the file with inode number `inode`, from byte `offset` on, to the beginning of `buffer`, until the buffer is full or the file ends,
 * and returns how many: fewer than `buffer.length` only at the end of the file, 0 from its end on. The rest of the buffer is left as it was. Both numbers are
 * unsigned 64-bit values; others panic.
 *
 * Throws `KernelError.HardwareError` if the file cannot be read there, and `KernelError.NotFound` if there is no such file. What is in the
 * buffer then is not said.
 */
export declare function readInode(
  inode: bigint,
  offset: bigint,
  buffer: PageBytes | Uint8Array,
): number;
