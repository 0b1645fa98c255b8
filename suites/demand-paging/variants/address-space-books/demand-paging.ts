/**
 * Two files' worth of bookkeeping in one: a manager keeps what is lazy as intervals that shrink as pages are faulted in, and what is resident as a set beside them.
 * Addresses inside a page are as good as its first one everywhere in the table of shared frames. A second fault reports by what the set says; the count
 * stops at 0, and the last sharer who writes keeps the frame. With a page of a file the next one is read ahead, so that it may show what the file held then.
 */
import {
  attempt,
  FRAME_ALLOCATOR,
  KernelError,
  PAGE_SIZE,
  physToVirtAddr,
  readInode,
  type FrameNumber,
  type KernelError as KernelErrorValue,
  type PageFlags,
} from 'veridian';

type FileBytes = Readonly<Record<'inode' | 'offset', bigint>>;
export type BackingType = { readonly of: 'zeros' } | ({ readonly of: 'file' } & FileBytes);

export const BackingType = Object.freeze({
  Anonymous: Object.freeze({ of: 'zeros' }) as BackingType,
  FileBacked: (bytes: FileBytes): BackingType => Object.freeze({ of: 'file', ...bytes }),
  equals(a: BackingType, b: BackingType): boolean {
    if (a.of !== b.of) return false;
    return a.of === 'zeros' || b.of === 'zeros' || (a.inode === b.inode && a.offset === b.offset);
  },
});

const pageNumber = (address: bigint): bigint => address >> 12n;

/** Pages `from` up to, not including, `to`. */
interface Interval {
  readonly from: bigint;
  readonly to: bigint;
}

export class LazyMapping {
  /** What was not faulted in yet, ascending. */
  lazy: readonly Interval[];
  /** Bytes that were read ahead, by their position in the mapping. */
  readonly ahead = new Map<bigint, Uint8Array>();

  constructor(
    readonly startVaddr: bigint,
    readonly size: bigint,
    readonly flags: PageFlags,
    readonly backing: BackingType,
  ) {
    const from = pageNumber(startVaddr);
    const to = pageNumber(startVaddr + size + PAGE_SIZE - 1n);
    this.lazy = from < to ? [{ from, to }] : [];
  }

  contains(vaddr: bigint): boolean {
    return !(vaddr < this.startVaddr || vaddr >= this.startVaddr + this.size);
  }

  isLazy(vaddr: bigint): boolean {
    const page = pageNumber(vaddr);
    return this.lazy.some(({ from, to }) => from <= page && page < to);
  }

  noteResident(vaddr: bigint): void {
    const page = pageNumber(vaddr);
    this.lazy = this.lazy
      .flatMap(({ from, to }) =>
        page < from || page >= to
          ? [{ from, to }]
          : [
              { from, to: page },
              { from: page + 1n, to },
            ],
      )
      .filter(({ from, to }) => from < to);
  }
}

export class CowEntry {
  constructor(
    readonly frame: FrameNumber,
    readonly refCount: number,
  ) {}
}

export class CowTable {
  readonly entries = new Map<bigint, CowEntry>();

  get(vaddr: bigint): CowEntry | undefined {
    return this.entries.get(pageNumber(vaddr));
  }

  markCow(vaddr: bigint, frame: FrameNumber): void {
    const sharers = (this.get(vaddr)?.refCount ?? 0) + 1;
    this.entries.set(pageNumber(vaddr), new CowEntry(frame, Math.max(2, sharers)));
  }

  release(vaddr: bigint): boolean {
    const { frame, refCount } = this.get(vaddr) ?? { refCount: 0 };
    if (frame === undefined || refCount === 0) return false;
    this.entries.set(pageNumber(vaddr), new CowEntry(frame, refCount - 1));
    return refCount === 1;
  }

  isCow(vaddr: bigint): boolean {
    return (this.get(vaddr)?.refCount ?? 0) > 0;
  }
}

export class DemandPagingManager {
  protected mappings: readonly LazyMapping[] = [];
  readonly cowTable = new CowTable();

  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    this.unregisterLazy(startVaddr);
    this.mappings = [...this.mappings, new LazyMapping(startVaddr, size, flags, backing)];
  }

  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    const containing = this.mappings.filter((mapping) => mapping.contains(vaddr));
    if (containing.length === 0) throw KernelError.UnmappedMemory({ addr: vaddr });
    const mapping = containing.find((each) => each.isLazy(vaddr));
    if (mapping === undefined) throw KernelError.InvalidAddress({ addr: vaddr });
    const frame = orThrow(() => FRAME_ALLOCATOR.allocateFrame(), shortage);
    const position = (pageNumber(vaddr) - pageNumber(mapping.startVaddr)) * PAGE_SIZE;
    const filled = attempt(() => fill(frame, mapping, position));
    if (!filled.ok) {
      FRAME_ALLOCATOR.freeFrame(frame);
      throw filled.error;
    }
    mapping.noteResident(vaddr);
    return [frame, mapping.flags];
  }

  handleCowFault(vaddr: bigint): FrameNumber {
    const entry = this.cowTable.get(vaddr);
    if (entry === undefined || entry.refCount === 0)
      throw KernelError.InvalidAddress({ addr: vaddr });
    if (entry.refCount === 1) {
      this.cowTable.release(vaddr);
      return entry.frame;
    }
    const frame = orThrow(() => FRAME_ALLOCATOR.allocateFrame(), shortage);
    const bytes = physToVirtAddr(frame * PAGE_SIZE);
    bytes.copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE), 0, 0, bytes.length);
    this.cowTable.release(vaddr);
    return frame;
  }

  unregisterLazy(startVaddr: bigint): void {
    this.mappings = this.mappings.filter((mapping) => mapping.startVaddr !== startVaddr);
  }

  markCowRange(_base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    for (const page of pages) this.addCowEntry(page[0], page[1]);
  }

  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }
}

const shortage = (): KernelErrorValue =>
  KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });

/** What `f` returns, or the error of `error` if it throws one of the allocator. */
function orThrow<T>(f: () => T, error: () => KernelErrorValue): T {
  const result = attempt(f);
  if (result.ok) return result.value;
  throw error();
}

function fill(frame: FrameNumber, mapping: LazyMapping, position: bigint): void {
  const bytes = physToVirtAddr(frame * PAGE_SIZE);
  const { backing, ahead } = mapping;
  if (backing.of === 'zeros') {
    bytes.fill(0);
    return;
  }
  bytes.copyFrom(ahead.get(position) ?? read(backing, position));
  ahead.delete(position);
  const next = position + PAGE_SIZE;
  if (next >= mapping.size || ahead.has(next)) return;
  const more = attempt(() => read(backing, next));
  if (more.ok) ahead.set(next, more.value);
}

/** A page of the file, in two halves: it may be read as one likes. */
function read({ inode, offset }: FileBytes, position: bigint): Uint8Array {
  const buffer = new Uint8Array(4096);
  for (const half of [0, 2048])
    readInode(inode, offset + position + BigInt(half), buffer.subarray(half, half + 2048));
  return buffer;
}

let globalManager: DemandPagingManager | null = null;

export function init(): void {
  globalManager = new DemandPagingManager();
}

export function registerLazy(
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void {
  globalManager?.registerLazy(startVaddr, size, flags, backing);
}

export function handlePageFault(vaddr: bigint): readonly [FrameNumber, PageFlags] {
  if (!globalManager) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
  return globalManager.tryDemandPage(vaddr);
}

export function withManagerMut<R>(f: (manager: DemandPagingManager) => R): R {
  if (!globalManager) init();
  return f(globalManager!);
}
