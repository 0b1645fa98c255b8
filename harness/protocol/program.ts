/**
 * A program: what the grader asks the untrusted side to do, as plain data. Every address, size and label is concrete; nothing is
 * computed from what student code answers.
 *
 * Labels (`table`, `page`, `process`, `file`, `manager`, `frame`) are names given by the operation that creates the thing, so that removing an
 * operation never makes another one mean something else; an operation on a label that does not exist is skipped, and one that makes a label
 * that exists is, too.
 * Addresses and sizes are decimal-free hex strings (`"0x1000"`): exact, JSON, and what people want to read.
 */
import type { FileSpec } from '../../reference/contract/file-rule.ts';
import type { FileMode } from '../../reference/contract/keos.ts';
import type { Injection } from '../../reference/contract/injection.ts';
import type { AccessKind, AccessMode } from '../../reference/x86/access.ts';

/** A 64-bit quantity: `0x` and hex digits. */
export type Hex = `0x${string}`;

/** The machine a program runs on. */
export interface World {
  readonly cpus: number;
  /** Page frames there are; default: plenty. */
  readonly frames?: number;
  /** Number of the lowest of them; default: somewhere below 1 MiB. */
  readonly firstFrame?: number;
  readonly policy: 'first-fit' | 'quarantine' | 'random';
  /** Seed of the `random` policy. */
  readonly seed?: number;
}

interface Faultable {
  /** A failure injected into the operation. */
  readonly fault?: Injection;
}

/** Operations on bare page tables. `perm` is a `Permission` (0..15). */
export type PageTableOp =
  /** `new PageTable()`, or on a root without the kernel half. */
  | { readonly op: 'new-table'; readonly table: string; readonly kernel: boolean }
  /** A page made by the driver, filled with `fill`. */
  | { readonly op: 'new-page'; readonly page: string; readonly fill: number }
  /** `page = of.clone()`: one more owner of the frame of a page that the driver holds. */
  | { readonly op: 'clone-page'; readonly page: string; readonly of: string }
  /** `table.map(va, page, perm)`: consumes the page either way. */
  | ({
      readonly op: 'map';
      readonly table: string;
      readonly va: Hex;
      readonly page: string;
      readonly perm: number;
    } & Faultable)
  /** `table.doMap(va, pa + skew, perm)`: the driver gets the page back if it throws. */
  | ({
      readonly op: 'do-map';
      readonly table: string;
      readonly va: Hex;
      readonly page: string;
      readonly skew: number;
      readonly perm: number;
    } & Faultable)
  /** `table.unmap(va)`; the page returned is kept under `page`. */
  | { readonly op: 'unmap'; readonly table: string; readonly va: Hex; readonly page: string }
  | { readonly op: 'walk'; readonly table: string; readonly va: Hex }
  /** `table.walkMut(va)`, then what `then` says with the handle: look only, `clear` (and invalidate), or `clear` and `setPage` of page `page`. */
  | {
      readonly op: 'walk-mut';
      readonly table: string;
      readonly va: Hex;
      readonly then: 'look' | 'clear' | 'replace';
      readonly page?: string;
      readonly perm?: number;
    }
  | { readonly op: 'indices'; readonly va: Hex }
  /** `table.clear()`. */
  | { readonly op: 'clear-table'; readonly table: string }
  /** `table.drop()`; processors are moved off it first. */
  | { readonly op: 'drop-table'; readonly table: string }
  /** Drops a page the driver holds. */
  | { readonly op: 'drop-page'; readonly page: string }
  /** Loads the table on a processor. */
  | { readonly op: 'load-table'; readonly cpu: number; readonly table: string }
  /** One access by a processor, with no kernel behind it: a fault is reported, not handled. */
  | {
      readonly op: 'probe';
      readonly cpu: number;
      readonly va: Hex;
      readonly kind: AccessKind;
      readonly mode: AccessMode;
      readonly value?: number;
    };

/** Operations on processes with a pager. Each runs on processor `cpu` (default 0) with the process's page table loaded. */
export type ProcessOp =
  | { readonly op: 'spawn'; readonly process: string }
  /** A file is made. */
  | ({ readonly op: 'file'; readonly file: string } & FileSpec)
  | { readonly op: 'truncate'; readonly file: string; readonly size: number }
  | { readonly op: 'rewrite'; readonly file: string; readonly seed: number }
  | ({
      readonly op: 'mmap';
      readonly process: string;
      readonly addr: Hex;
      readonly size: Hex;
      readonly prot: number;
      readonly file: string | null;
      readonly offset: Hex;
      readonly cpu?: number;
    } & Faultable)
  | { readonly op: 'munmap'; readonly process: string; readonly addr: Hex; readonly cpu?: number }
  /** `getUserPage`, then the byte at `addr` of what it returns. */
  | ({
      readonly op: 'get-user-page';
      readonly process: string;
      readonly addr: Hex;
      readonly cpu?: number;
    } & Faultable)
  | {
      readonly op: 'access-ok';
      readonly process: string;
      readonly addr: Hex;
      readonly write: boolean;
      readonly cpu?: number;
    }
  /** A memory access of `length` bytes (1..8192) with faults delivered to the pager; a write stores `value` in every byte. */
  | ({
      readonly op: 'access';
      readonly process: string;
      readonly addr: Hex;
      readonly length: number;
      readonly kind: AccessKind;
      readonly mode: AccessMode;
      readonly value?: number;
      readonly cpu?: number;
    } & Faultable)
  /** The fault handler called directly, as for a fault that another thread has just resolved. `code` holds the `PFErrorCode` bits. */
  | ({
      readonly op: 'page-fault';
      readonly process: string;
      readonly addr: Hex;
      readonly code: number;
      readonly cpu?: number;
    } & Faultable)
  | ({
      readonly op: 'fork';
      readonly process: string;
      readonly child: string;
      readonly cpu?: number;
    } & Faultable)
  /** The process gets descriptor `fd`: an open file (`file`, whose position is `position`), a directory or a pipe. 0, 1 and 2 are there from the start. */
  | {
      readonly op: 'open';
      readonly process: string;
      readonly fd: number;
      readonly kind: 'file' | 'directory' | 'pipe';
      readonly file?: string;
      readonly mode?: FileMode;
      readonly position?: number;
    }
  /** `MmStruct.mmap`, the system call: every argument is a register of 64 bits. */
  | ({
      readonly op: 'sys-mmap';
      readonly process: string;
      readonly addr: Hex;
      readonly size: Hex;
      readonly prot: Hex;
      readonly fd: Hex;
      readonly offset: Hex;
      readonly cpu?: number;
    } & Faultable)
  /** `MmStruct.munmap`, the system call. */
  | {
      readonly op: 'sys-munmap';
      readonly process: string;
      readonly addr: Hex;
      readonly cpu?: number;
    }
  /** `MmStruct.accessOk(addr, end, write)`; `end` is up to 2^64. */
  | {
      readonly op: 'access-range';
      readonly process: string;
      readonly addr: Hex;
      readonly end: Hex;
      readonly write: boolean;
      readonly cpu?: number;
    }
  /** The process leaves every processor, its pager's `drop` runs, its page table is dropped. */
  | { readonly op: 'exit'; readonly process: string };

/** What a lazy mapping is backed by: `'anonymous'`, or bytes of the file with this inode number. */
export type Backing = 'anonymous' | { readonly inode: Hex; readonly offset: Hex };

/** A page that is shared: the frame (label) at an address. */
export interface SharedPage {
  readonly va: Hex;
  readonly frame: string;
}

interface OnManager {
  /** Label of a manager. `global` stands for the one behind the functions that `demand-paging.ts` exports. */
  readonly manager: string;
}

interface OnTable extends OnManager {
  /** The label is that of a table without a manager. */
  readonly bare?: true;
}

interface OnGlobal extends OnManager {
  /** For `global`: through `withManagerMut` instead of the exported function. All other operations on it always go that way. */
  readonly within?: true;
}

/**
 * Operations on demand-paging managers, and on the frames that the driver holds: those it has taken, and those that a manager has given it. `frame` is a
 * label. Files are made and changed by the operations for processes.
 */
export type ManagerOp =
  /** `new DemandPagingManager()`. */
  | ({ readonly op: 'new-manager' } & OnManager)
  /** `new CowTable()`, without a manager. */
  | ({ readonly op: 'new-cow-table' } & OnManager)
  /** The exported `init()`. */
  | { readonly op: 'init-manager' }
  /** `registerLazy(addr, size, flags, backing)`. `flags` are `PageFlags`; `file` is a label, `null` for anonymous memory. */
  | ({
      readonly op: 'register-lazy';
      readonly addr: Hex;
      readonly size: Hex;
      readonly flags: Hex;
      readonly file: string | null;
      readonly offset: Hex;
    } & OnGlobal)
  | ({ readonly op: 'unregister-lazy'; readonly addr: Hex } & OnManager)
  /** `tryDemandPage(va)`, or the exported `handlePageFault(va)`. The frame returned is held under `frame`. */
  | ({ readonly op: 'demand-page'; readonly va: Hex; readonly frame: string } & OnGlobal &
      Faultable)
  /** `handleCowFault(va)`. The frame returned is held under `frame`. */
  | ({ readonly op: 'cow-fault'; readonly va: Hex; readonly frame: string } & OnManager & Faultable)
  /** `cowTable.markCow(va, frame)`. */
  | ({ readonly op: 'mark-cow' } & SharedPage & OnTable)
  /** `addCowEntry(va, frame)`. */
  | ({ readonly op: 'add-cow-entry' } & SharedPage & OnManager)
  /** `markCowRange(base, pages)`. */
  | ({
      readonly op: 'mark-cow-range';
      readonly base: Hex;
      readonly pages: readonly SharedPage[];
    } & OnManager)
  /** `cowTable.release(va)`; if that is `true`, the driver frees the frame it holds under `frees`. */
  | ({ readonly op: 'release-cow'; readonly va: Hex; readonly frees: string } & OnTable)
  /** `cowTable.isCow(va)`. */
  | ({ readonly op: 'is-cow'; readonly va: Hex } & OnTable)
  /** `new LazyMapping(addr, size, …).contains(va)`. */
  | {
      readonly op: 'mapping-contains';
      readonly addr: Hex;
      readonly size: Hex;
      readonly va: Hex;
    }
  /** `BackingType.equals(first, second)`. */
  | { readonly op: 'same-backing'; readonly first: Backing; readonly second: Backing }
  /** The driver takes a frame and fills it with `fill`. */
  | { readonly op: 'take-frame'; readonly frame: string; readonly fill: number }
  /** The driver stores `value` in `length` bytes from offset `at` of the frame on: what a process does that has it mapped. */
  | {
      readonly op: 'write-frame';
      readonly frame: string;
      readonly at: number;
      readonly length: number;
      readonly value: number;
    }
  /** The driver looks at `length` bytes from offset `at` of the frame on. */
  | {
      readonly op: 'read-frame';
      readonly frame: string;
      readonly at: number;
      readonly length: number;
    }
  /** The driver frees the frame. */
  | { readonly op: 'free-frame'; readonly frame: string };

export type Op = PageTableOp | ProcessOp | ManagerOp;

/** Which pager a `spawn` makes. */
export type PagerKind = 'eager' | 'lazy';

export interface Program {
  readonly world: World;
  readonly pager: PagerKind;
  readonly ops: readonly Op[];
}

/** How to run a program: a second, slower look at one that failed. */
export interface RunOptions {
  /** Record the stack of every frame allocation and release. */
  readonly recordSites: boolean;
  /** Say of each frame that an operation allocates what it is used for when the operation is over. */
  readonly recordUses?: boolean;
  /** Print the page walk of this address in this space (by label) after the last operation. */
  readonly inspect?: { readonly space: string; readonly va: Hex };
  /** Hand `MmStruct` the pager itself instead of a spy: what it is asked is not told then. */
  readonly unwatched?: boolean;
  /** Say which operation begins, whenever one does: for a program that has killed its process. */
  readonly progress?: boolean;
  /**
   * From the last operation on, look where the code is. `last`: say so at every step, for a program that kills its process. `deepest`: at some of the steps, for
   * recursion without end; the trace then names the place.
   */
  readonly trail?: 'last' | 'deepest';
}
