/**
 * # `keos`: what your pager is built on
 *
 * This module declares everything that a submission may import from `'keos'`: addresses, page frames, page-table entries,
 * errors, TLB primitives and files. The machine behind it is an emulated x86-64 processor with four-level paging.
 *
 * Conventions, valid for every declaration below:
 *
 * - **64-bit quantities are `bigint`** (addresses, sizes, offsets, flag sets); array indices and small counts are `number`.
 * - **Errors are thrown.** A call that can fail says *Throws*; what it throws is one of the ready-made values of
 *   {@link KernelError} or {@link PageTableMappingError}. Compare with `===`. You throw the same values:
 *   `throw KernelError.InvalidArgument`. To get a result object instead of an exception use {@link attempt}.
 * - **A panic stops your kernel.** Misusing the machine (an address that is not one, a frame used after its release, an index
 *   out of range) panics: the run ends there and is reported with your line. Catching the exception does not help. Any
 *   exception of your own that is not a `KernelError` or `PageTableMappingError` is a panic too.
 * - **Ownership is explicit.** A {@link Page} owns one reference to a page frame. Hand it on ({@link Page.intoRaw}), or give it
 *   back ({@link Page.drop}); a frame whose owners forget it is a leak. README has a table: "Who owns this frame".
 * - **Your code is never interrupted.** Calls into it come one after the other, on whichever processor; a call that has begun runs to
 *   its end before the next one. *Your call*, below, is one such call from outside, with everything that it calls in turn.
 * - **Calls are counted.** A program, at most about a hundred operations, may call functions and methods of this module 10,000,000 times; each
 *   counts one, `Va.add` and `entry.word` like `Page.new`. What that is enough for: README, "Bounded work".
 * - `Option<T>` of the Rust original is `T | null`.
 *
 * @module keos
 * @version 1
 */

// ---------------------------------------------------------------------------------------------------------------------
// Addresses
// ---------------------------------------------------------------------------------------------------------------------

declare const brand: unique symbol;

/** log2 of {@link PAGE_SIZE}: `12n`. */
export declare const PAGE_SHIFT: bigint;
/** Bytes in a page: `0x1000n`. */
export declare const PAGE_SIZE: bigint;
/** Selects the *offset within a page* of an address: `0xfffn` (not the page). */
export declare const PAGE_MASK: bigint;

/** What {@link Va}, {@link Pa} and {@link Kva} have in common. Every function panics on an argument that is no such address. */
export interface AddressOps<A extends bigint> {
  /** The address with this value, or `null` if the value is not a valid address of this kind. Never panics on a `bigint`. */
  'new'(value: bigint): A | null;
  /** `address + bytes`. Panics if the sum is not an address of this kind; write an *exclusive end* as a plain `bigint`, `addr + size`. */
  add(address: A, bytes: bigint): A;
  /** `address - bytes`. Panics if the difference is not an address of this kind. */
  sub(address: A, bytes: bigint): A;
  /** The address rounded down to the start of its page. */
  pageDown(address: A): A;
  /** The address rounded up to a page boundary; unchanged if it is on one. Panics if there is none above it. */
  pageUp(address: A): A;
  /** Bytes from the start of the page, `0n`..`0xfffn`. */
  offset(address: A): bigint;
}

/**
 * A virtual address: any 64-bit value whose bits 63..47 are all equal ("canonical"). `0n` is one. User addresses are
 * `0n`..`0x7fff_ffff_ffffn`; `0x8000_0000_0000n`, the exclusive end of user space, is *not* a `Va`.
 * A `Va` is a `bigint`: compare and subtract with the ordinary operators. Arithmetic gives a plain `bigint`; make it a
 * `Va` again with `Va.new` (checks) or `Va.add` (panics). A cast, `(va + PAGE_SIZE) as Va`, is fine for what you computed from a `Va` in
 * page steps, as long as it stays an address: nothing looks at it before a call that wants a `Va` does, and that panics.
 */
export type Va = bigint & { readonly [brand]: 'Va' };
/** See the type {@link Va}. */
export declare const Va: AddressOps<Va>;

/** A physical address: `0n` to `2n ** 52n - 1n`. */
export type Pa = bigint & { readonly [brand]: 'Pa' };
/** See the type {@link Pa}. */
export declare const Pa: AddressOps<Pa> & {
  readonly ZERO: Pa;
  /** Where the kernel sees this physical address (its direct map). Panics from `2n ** 39n` on, where the map ends. */
  intoKva(pa: Pa): Kva;
};

/** A kernel virtual address: canonical, in the upper half. */
export type Kva = bigint & { readonly [brand]: 'Kva' };
/** See the type {@link Kva}. */
export declare const Kva: AddressOps<Kva> & {
  /** The physical address behind an address of the direct map. Panics for other addresses. */
  intoPa(kva: Kva): Pa;
  /** The same address as a {@link Va}. */
  intoVa(kva: Kva): Va;
};

// ---------------------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------------------

/** An error a page-table call may throw. The four values are the only ones; compare with `===`. */
export interface PageTableMappingError {
  readonly [brand]: 'PageTableMappingError';
  /** The name below, for messages. */
  readonly name: string;
}
/** The values of the type {@link PageTableMappingError}. */
export declare const PageTableMappingError: {
  /** A virtual or physical address is not a multiple of the page size. */
  readonly Unaligned: PageTableMappingError;
  /** No present mapping, or a table on the way to it is missing. */
  readonly NotExist: PageTableMappingError;
  /** A mapping is present already. */
  readonly Duplicated: PageTableMappingError;
  /** The permission cannot be expressed: it lacks `READ`. (Which error goes first: `PageTable.doMap`.) */
  readonly InvalidPermission: PageTableMappingError;
};

/**
 * An error of the kernel, as a system call reports it. The values below are the only ones; compare with `===`. To tell it from a
 * {@link PageTableMappingError}: `Object.values(KernelError).includes(error)`. Which one to throw when
 * several things are wrong: `pager.ts`, "Which error".
 */
export interface KernelError {
  readonly [brand]: 'KernelError';
  /** The name below, for messages. */
  readonly name: string;
  /** The negative number that user space would see. */
  readonly errno: number;
}
/** The values of the type {@link KernelError}. */
export declare const KernelError: {
  /** -1 */ readonly OperationNotPermitted: KernelError;
  /** -2 */ readonly NoSuchEntry: KernelError;
  /** -5: the file system could not read or write. */ readonly IOError: KernelError;
  /** -8 */ readonly NoExec: KernelError;
  /** -9: no open file has this descriptor. */ readonly BadFileDescriptor: KernelError;
  /** -12: no page frame is free. */ readonly NoMemory: KernelError;
  /** -13: an access that the mapping forbids. */ readonly InvalidAccess: KernelError;
  /** -14: an address at which nothing is mapped. */ readonly BadAddress: KernelError;
  /** -16 */ readonly Busy: KernelError;
  /** -17: something is there already. */ readonly FileExist: KernelError;
  /** -20 */ readonly NotDirectory: KernelError;
  /** -21 */ readonly IsDirectory: KernelError;
  /** -22: an argument that makes no sense. */ readonly InvalidArgument: KernelError;
  /** -24 */ readonly TooManyOpenFile: KernelError;
  /** -28 */ readonly NoSpace: KernelError;
  /** -32 */ readonly BrokenPipe: KernelError;
  /** -36 */ readonly NameTooLong: KernelError;
  /** -38 */ readonly NoSuchSyscall: KernelError;
  /** -39 */ readonly DirectoryNotEmpty: KernelError;
  /** -117 */ readonly FilesystemCorrupted: KernelError;
  /** -524 */ readonly NotSupportedOperation: KernelError;
};

/** What {@link attempt} returns. */
export type Result<T, E = PageTableMappingError | KernelError> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/**
 * Calls `f` and turns a thrown {@link PageTableMappingError} or {@link KernelError} into a result, for calls whose error is an
 * ordinary answer: `const leaf = attempt(() => pageTable.walk(va)); if (leaf.ok) ...`. Anything else thrown passes through.
 */
export declare function attempt<T>(f: () => T): Result<T>;

/** Marks a body you have not written yet: panics with "not implemented: `what`", which the grader reports plainly. */
export declare function todo(what: string): never;

// ---------------------------------------------------------------------------------------------------------------------
// Flag sets
// ---------------------------------------------------------------------------------------------------------------------

/** True if every bit of `flag` is set in `set`. `contains(set, 0n)` is true. */
export declare function contains(set: bigint, flag: bigint): boolean;

/** Rights of a mapping, combined with `|`: `Permission.READ | Permission.USER`. `0n` is the empty set. */
export type Permission = bigint;
/** The rights of the type {@link Permission}. */
export declare const Permission: {
  /** 1: may be read. A mapping without it cannot be expressed in a page table. */
  readonly READ: Permission;
  /** 2: may be written. */
  readonly WRITE: Permission;
  /** 4: instructions may be fetched. */
  readonly EXECUTABLE: Permission;
  /** 8: user mode may use it; without it only the kernel. */
  readonly USER: Permission;
  /** All sixteen combinations, `0n` to `15n`. */
  readonly ALL_CASES: readonly Permission[];
};

/** Flag bits of a PML4 entry: bits 0..11 and 52..63 of the word. */
export type Pml4eFlags = bigint;
/** Flag bits of a page-directory-pointer entry. */
export type PdpeFlags = bigint;
/** Flag bits of a page-directory entry. */
export type PdeFlags = bigint;
/** Flag bits of a page-table entry (a leaf). */
export type PteFlags = bigint;

/** Flag bits that an entry has at every level. Combine with `|`, test with {@link contains}. */
export interface EntryFlags {
  /** Bit 0, present: the entry takes part in translation. Without it all other bits are ignored by the hardware. */
  readonly P: bigint;
  /** Bit 1: writes are allowed, if every other level allows them too. */
  readonly RW: bigint;
  /** Bit 2: user mode may use it, if every other level allows that too. */
  readonly US: bigint;
  /** Bit 3: page-level write-through. */
  readonly PWT: bigint;
  /** Bit 4: page-level cache disable. */
  readonly PCD: bigint;
  /** Bit 5, accessed: set by the hardware when it uses the entry. Software never needs to set it. */
  readonly A: bigint;
  /** Bit 11: free for software. */
  readonly R: bigint;
  /** Bits 9 and 10: ignored by the hardware, free for software. */
  readonly IGN_9: bigint;
  readonly IGN_10: bigint;
  /** Bit 63, execute disable: no instruction may be fetched. Set at *any* level it forbids fetches from everything below. */
  readonly XD: bigint;
}
/** See {@link EntryFlags}. */
export declare const Pml4eFlags: EntryFlags;
/** See {@link EntryFlags}. */
export declare const PdpeFlags: EntryFlags;
/** See {@link EntryFlags}. `PS` (bit 7) makes the entry a 2 MiB leaf; this kernel's user mappings do not use it. */
export declare const PdeFlags: EntryFlags & { readonly PS: bigint };
/** See {@link EntryFlags}; a leaf has some more. */
export declare const PteFlags: EntryFlags & {
  /** Bit 6, dirty: set by the hardware when the page is written. */
  readonly D: bigint;
  /** Bit 7. */
  readonly PAT: bigint;
  /** Bit 8, global. */
  readonly G: bigint;
  /** Bits 59..62, protection key. */
  readonly PK_0: bigint;
  readonly PK_1: bigint;
  readonly PK_2: bigint;
  readonly PK_3: bigint;
};

/** Bits of the error code that the processor delivers with a page fault. */
export type PFErrorCode = bigint;
/** The bits of the type {@link PFErrorCode}. */
export declare const PFErrorCode: {
  /** 1: every level was present and a right was violated; clear: some level was not present. */
  readonly PRESENT: PFErrorCode;
  /** 2: the access was a write. */
  readonly WRITE_ACCESS: PFErrorCode;
  /** 4: the access came from user mode. */
  readonly USER: PFErrorCode;
  /** 8: a reserved bit was set in an entry. */
  readonly RESERVED_WRITE: PFErrorCode;
  /** 16: the access was an instruction fetch (spelled as in the original). */
  readonly INSTRCUTION_FETCH: PFErrorCode;
};

// ---------------------------------------------------------------------------------------------------------------------
// Page frames
// ---------------------------------------------------------------------------------------------------------------------

/**
 * The 4096 bytes of a page frame, as a live view: what you write is in memory at once. Indices and ranges outside
 * 0..4096 panic, as does any use after the frame was released. No page table is asked: the rights of a leaf do not matter here, and `A` and `D`
 * are not set.
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
 * Owns one reference to a page frame. Frames are reference-counted: the frame is free again when its last owner lets go.
 *
 * A `Page` is used up by {@link Page.intoRaw}, by {@link Page.drop}, and by every call that says it *consumes* the page; any use
 * after that panics. You may keep a `Page` across calls (then release it in the `drop` of whatever keeps it).
 */
export declare class Page {
  private constructor();
  /**
   * A new page on a free frame, all bytes zero, with one owner: you. Throws `KernelError.NoMemory` when no frame is free; that can happen at any call.
   * Only this and {@link RegularFile.mmap} take frames that may be missing, so nothing else throws it but what calls them.
   */
  static new(): Page;
  /**
   * Takes over a reference that someone gave up with {@link intoRaw}: the count does not change, and the page returned owns it.
   * Panics if the frame at `pa` (a multiple of the page size) is free, or if `Page`s own all its references already: then nobody gave one up.
   * Within a call of yours a leaf may still hold the address meanwhile, say until you replace it by another one in a single store.
   */
  static fromPa(pa: Pa): Page;
  /** Another owner of the same frame: the count goes up by one. No call tells the count; keep books of your own if you need it. */
  clone(): Page;
  /** Consumes this page and gives the address of its frame. The count does not change: whoever holds the address (say, a page-table entry) owes one {@link fromPa}. */
  intoRaw(): Pa;
  /** Gives the reference back; the frame is freed if it was the last. A second explicit `drop` panics. */
  drop(): void;
  /** For `using page = Page.new()`: drops the page at the end of the block, unless it was consumed before. */
  [Symbol.dispose](): void;
  /** Physical address of the frame. */
  pa(): Pa;
  /** Address of the frame in the kernel's direct map. */
  kva(): Kva;
  /** The bytes of the frame. */
  inner(): PageBytes;
  /** The bytes of the frame; the same view as {@link inner}, for when you mean to write. */
  innerMut(): PageBytes;
}

/**
 * Borrows a page frame without owning it: the count stays as it is. Good until the end of the call of yours in which it was made (returning
 * it is fine); any later use panics.
 */
export declare class PageRef {
  private constructor();
  /** A view of the frame at `pa` (a multiple of the page size), of a page, a table or a root. Panics if the frame is free. */
  static fromPa(pa: Pa): PageRef;
  /** A new owner of the frame: the count goes up by one. */
  intoPage(): Page;
  pa(): Pa;
  kva(): Kva;
  inner(): PageBytes;
  innerMut(): PageBytes;
}

// ---------------------------------------------------------------------------------------------------------------------
// Page tables
// ---------------------------------------------------------------------------------------------------------------------

/**
 * One entry of a paging structure, as a *live view* of its 64-bit word: setters write to memory at once, getters read it. The address is in bits 12..51, the
 * flags in the other bits. Any use after the table's frame was released panics.
 *
 * The hardware changes only `A` and `D` of present entries. A word that is absent but not zero exists only if you wrote it, so `pa() === null`
 * is all you need to ask.
 */
export interface Entry<F extends bigint> {
  /**
   * The whole word, `0n`..`2n ** 64n - 1n`, to read and write by hand if you like that better than the methods; storing any other value panics. Does
   * not touch the TLB.
   */
  word: bigint;
  /** The address in the entry if it is present, else `null`. */
  pa(): Pa | null;
  /** The flag bits (present or not), without the address. */
  flags(): F;
  /** Points the entry to `pa`, sets `P`, and keeps the other flags. Throws `PageTableMappingError.Unaligned` if `pa` is not a multiple of the page size. Returns the entry. */
  setPa(pa: Pa): this;
  /**
   * Replaces all flags. The address stays if the entry was present *before* the call; if not, it becomes zero. `P` is not added for you. So
   * build a new entry with `entry.setPa(pa).setFlags(PteFlags.P | ...)`, in this order. (Flags without `P` make the entry absent and leave the
   * address in its word, where nobody finds it: the reference that the entry owned is lost.) Panics if `flags` has address bits. Does not touch the
   * TLB. Returns the entry.
   */
  setFlags(flags: F): this;
  /** If the entry is present: makes the word zero and returns the address it held. Otherwise returns `null` and leaves the word as it is. Does not touch the TLB. */
  clear(): Pa | null;
}

/**
 * The 512 entries of one paging structure; `for (const entry of table)` visits them in order. There is no borrow checker here: `into…()` and
 * `into…Mut()` give the same live view; the second name says that you mean to write. A table is a frame like any other: its entries are also the
 * 64-bit words of {@link Page.inner}, and you may fill it through {@link Page.innerMut}.
 */
export interface Table<E> extends Iterable<E> {
  /** 512. */
  readonly length: number;
  /** Live view of the entry at `index` (0..511). Panics for other indices. */
  at(index: number): E;
}

/**
 * A PML4 entry: points to a page-directory-pointer table.
 *
 * At every level `into…()` only follows the address in the entry: it panics if that is not an allocated frame. The kernel half is built from
 * large pages, which are no tables: do not descend into it.
 */
export interface Pml4e extends Entry<Pml4eFlags> {
  /** The table this entry points to. Throws `PageTableMappingError.NotExist` if the entry is not present. */
  intoPdp(): Table<Pdpe>;
  /** As {@link intoPdp}. */
  intoPdpMut(): Table<Pdpe>;
}
/** A page-directory-pointer entry: points to a page directory. */
export interface Pdpe extends Entry<PdpeFlags> {
  /** The table this entry points to. Throws `PageTableMappingError.NotExist` if the entry is not present. */
  intoPd(): Table<Pde>;
  /** As {@link intoPd}. */
  intoPdMut(): Table<Pde>;
}
/** A page-directory entry: points to a page table. */
export interface Pde extends Entry<PdeFlags> {
  /** The table this entry points to. Throws `PageTableMappingError.NotExist` if the entry is not present. */
  intoPt(): Table<Pte>;
  /** As {@link intoPt}. */
  intoPtMut(): Table<Pte>;
}
/** A page-table entry: points to the frame of a mapped page. */
export interface Pte extends Entry<PteFlags> {
  readonly isLeaf: true;
}

/**
 * The root (PML4) of a page table. Slots 0..255 are the user half and yours; slots {@link KBASE}..511 are the kernel half, shared by all
 * page tables, never to be changed or freed.
 */
export declare class PageTableRoot implements Table<Pml4e> {
  private constructor();
  /** Index of the first slot of the kernel half: 256. */
  static readonly KBASE: number;
  /** A root with all entries zero. Never throws. */
  static newBoxed(): PageTableRoot;
  /** A root whose user half is zero and whose kernel half is the running kernel's. Never throws. */
  static newBoxedWithKernelAddr(): PageTableRoot;
  readonly length: number;
  /** Live view of slot `index` (0..511). It can be written in the user half; writing to a shared slot of the kernel half panics. */
  at(index: number): Pml4e;
  /** The same view as {@link at}, for when you mean to write: panics at once for a shared slot of the kernel half. */
  indexMut(index: number): Pml4e;
  /** Physical address of the root: what goes into CR3. */
  pa(): Pa;
  /** Frees the frame of the root itself, nothing below it. Panics if a processor has it in CR3. */
  drop(): void;
  [Symbol.iterator](): Iterator<Pml4e>;
}

// ---------------------------------------------------------------------------------------------------------------------
// TLB and CR3
// ---------------------------------------------------------------------------------------------------------------------

/**
 * A page that has just left the page table, while processors may still hold its translation. The frame must not be reused
 * before {@link invalidate} was called; a `StaleTLBEntry` that is still pending when your call returns or throws panics.
 *
 * The order is always: change the entry, then invalidate, then release or reuse the frame. This class is one way to invalidate, for one page of
 * the current page table. {@link tlbShutdown} is the other, and it is right everywhere, at the same place in the order.
 */
export declare class StaleTLBEntry {
  private constructor();
  /** Consumes `page`, which was mapped at `va` until now. (Its reference is kept for you until {@link invalidate}.) */
  static new(va: Va, page: Page): StaleTLBEntry;
  /** The page, so that its contents can still be read. Do not drop or consume it. */
  readonly page: Page;
  /**
   * Drops the translation of `va`, and the upper entries that lead to it, on every processor that runs the *current* page table, and waits until all
   * have done so. The current one is
   * what {@link readCr3} gives here, on the processor that runs your call; in a pager it is always the page table passed in. If you have
   * changed another table, which may be running elsewhere, use {@link tlbShutdown} as well.
   *
   * @returns the page, which is yours again: drop it or map it elsewhere. A second `invalidate` panics.
   */
  invalidate(): Page;
}

/**
 * Drops all translations of a page table, upper entries included, on every processor that runs it (this one too), and waits until all have done so: for changes to many
 * entries at once, or to a page table that is not the current one.
 *
 * You may also use it where a {@link StaleTLBEntry} would do: after the entry has changed, before the frame is released or reused. (A
 * `StaleTLBEntry` that exists has to be invalidated all the same.)
 */
export declare function tlbShutdown(root: PageTableRoot): void;

/** Makes `pa` (of a {@link PageTableRoot}) the page table of this processor. Does nothing, not even a flush, if it already is. No chapter needs it. */
export declare function loadPt(pa: Pa): void;

/** Physical address of the page table this processor is running. */
export declare function readCr3(): Pa;

// ---------------------------------------------------------------------------------------------------------------------
// Files
// ---------------------------------------------------------------------------------------------------------------------

/** Number of a 4096-byte block of a file, counted from 0, up to `2n ** 52n`. It may lie past the end of the file. */
export type FileBlockNumber = bigint & { readonly [brand]: 'FileBlockNumber' };
/** See the type {@link FileBlockNumber}. */
export declare const FileBlockNumber: {
  /** Block number `n`. */
  'new'(n: bigint): FileBlockNumber;
  /** The block that byte `offset` (`0n`..`2n ** 64n - 1n`) of a file is in: `offset / 4096n`. */
  fromOffset(offset: bigint): FileBlockNumber;
  /** The block `n` blocks further. */
  add(block: FileBlockNumber, n: bigint): FileBlockNumber;
};

/**
 * An open regular file. The object is a handle: keep it as long as you like (there is nothing to clone or close); the file stays readable through it
 * after its descriptor was closed or its name removed. A handle has no position of its own.
 */
export interface RegularFile {
  readonly [brand]: 'RegularFile';
  /** Inode number: equal for two handles of one file. */
  ino(): bigint;
  /** Size in bytes, now. Never throws. */
  size(): bigint;
  /**
   * A page with the contents of block `block`, yours to own. Bytes past the end of the file are zero, also for a block that lies wholly past
   * it. This is how a mapping reads a file, and all that it needs.
   *
   * The frame is the page's own: map it with any rights, `WRITE` too. Stores never reach the file, and another `mmap` of the block shows nothing of
   * them. (Where a file system has a page cache, the frames come from there and are shared. Such files are only ever mapped read-only, so
   * there is nothing for you to care about, as long as you do not fill such a frame anew yourself. For a pool of frames of your own take those
   * of `Page.new()`.)
   *
   * Throws a `KernelError` (`IOError`, `NoMemory`) if it cannot; then you own nothing.
   */
  mmap(block: FileBlockNumber): Page;
  /**
   * Copies up to `buffer.length` bytes from `position` (`0n`..`2n ** 64n - 1n`) of the file to the beginning of `buffer` and returns how many. It may be fewer than asked
   * anywhere in the file: ask again for the rest. 0 means that `position` is at the end of the file or past it (or that `buffer` is
   * empty). What was not copied to is left as it was. `PageBytes` are always 4096 long; to go on after a short read use a `Uint8Array` and
   * `bytes.subarray(n)`, then `copyFrom`.
   *
   * Throws `KernelError.IOError`.
   */
  read(position: bigint, buffer: PageBytes | Uint8Array): number;
  /** Copies `buffer` to `position` of the file, not past its end, and returns how many bytes. No chapter needs it: a mapping never writes to its file. */
  write(position: bigint, buffer: PageBytes | Uint8Array): number;
}

/** How a file was opened. Mappings are private copies, so `mmap` does not look at it. */
export type FileMode = 'Read' | 'Write' | 'ReadWrite';

/** What a file descriptor stands for. Only a regular file can be mapped. */
export type FileKind =
  | { readonly kind: 'RegularFile'; readonly file: RegularFile; position: bigint }
  | { readonly kind: 'Directory' }
  | { readonly kind: 'Stdio' }
  | { readonly kind: 'Pipe' };

/** An open file of a process: its kind and the position that `read` and `write` calls move (mmap neither uses nor moves it). */
export interface File {
  readonly mode: FileMode;
  readonly file: FileKind;
}

/** The open files of a process by descriptor (a `number`: convert a register with `Number`). 0, 1 and 2 are standard input, output and error. */
export interface FileStruct {
  readonly files: ReadonlyMap<number, File>;
}

/**
 * Registers of a system call. Each argument is the raw 64-bit register, `0n`..`2n ** 64n - 1n`, unsigned. Where the call means a C `int`, only the lower
 * half counts: -1 arrives as `0xffff_ffffn` or `0xffff_ffff_ffff_ffffn` (use `BigInt.asIntN(32, arg)`). Which register means what: `mm-struct.ts`.
 */
export interface SyscallAbi {
  readonly sysno: bigint;
  readonly arg1: bigint;
  readonly arg2: bigint;
  readonly arg3: bigint;
  readonly arg4: bigint;
  readonly arg5: bigint;
  readonly arg6: bigint;
}
