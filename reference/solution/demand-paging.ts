/** A manager of lazy mappings and of frames shared copy-on-write. It never touches a page table: whoever calls it maps what it returns. */
import {
  attempt,
  FRAME_ALLOCATOR,
  KernelError,
  PAGE_SIZE,
  physToVirtAddr,
  readInode,
  type FrameNumber,
  type PageFlags,
} from 'veridian';

/** Sharers of a frame when it is marked: the two sides of a fork. */
const SHARERS = 2;

export type BackingType =
  | { readonly kind: 'Anonymous' }
  | { readonly kind: 'FileBacked'; readonly inode: bigint; readonly offset: bigint };

export const BackingType = {
  Anonymous: { kind: 'Anonymous' } as BackingType,

  FileBacked({ inode, offset }: { readonly inode: bigint; readonly offset: bigint }): BackingType {
    return { kind: 'FileBacked', inode, offset };
  },

  equals(a: BackingType, b: BackingType): boolean {
    if (a.kind === 'Anonymous' || b.kind === 'Anonymous') return a.kind === b.kind;
    return a.inode === b.inode && a.offset === b.offset;
  },
};

export class LazyMapping {
  readonly startVaddr: bigint;
  readonly size: bigint;
  readonly flags: PageFlags;
  readonly backing: BackingType;
  private readonly faultedIn: boolean[];

  constructor(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType) {
    this.startVaddr = startVaddr;
    this.size = size;
    this.flags = flags;
    this.backing = backing;
    const pageCount = Number((size + PAGE_SIZE - 1n) / PAGE_SIZE);
    this.faultedIn = new Array<boolean>(pageCount).fill(false);
  }

  contains(vaddr: bigint): boolean {
    return vaddr >= this.startVaddr && vaddr < this.startVaddr + this.size;
  }

  /** Which page of the mapping `vaddr` is in. */
  pageIndex(vaddr: bigint): number {
    return Number((vaddr - this.startVaddr) / PAGE_SIZE);
  }

  isFaultedIn(page: number): boolean {
    return this.faultedIn[page] !== false;
  }

  noteFaultedIn(page: number): void {
    this.faultedIn[page] = true;
  }

  /** Puts the contents of a page into a frame, every byte of it. */
  load(page: number, frame: FrameNumber): void {
    const bytes = physToVirtAddr(frame * PAGE_SIZE);
    if (this.backing.kind === 'Anonymous') {
      bytes.fill(0);
      return;
    }
    const { inode, offset } = this.backing;
    const count = readInode(inode, offset + BigInt(page) * PAGE_SIZE, bytes);
    bytes.fill(0, count);
  }
}

export class CowEntry {
  readonly frame: FrameNumber;
  refCount = SHARERS;

  constructor(frame: FrameNumber) {
    this.frame = frame;
  }
}

export class CowTable {
  readonly entries = new Map<bigint, CowEntry>();

  markCow(vaddr: bigint, frame: FrameNumber): void {
    this.entries.set(vaddr, new CowEntry(frame));
  }

  release(vaddr: bigint): boolean {
    const entry = this.entries.get(vaddr);
    if (entry === undefined) return false;
    entry.refCount--;
    if (entry.refCount > 0) return false;
    this.entries.delete(vaddr);
    return true;
  }

  isCow(vaddr: bigint): boolean {
    return this.entries.has(vaddr);
  }
}

export class DemandPagingManager {
  private readonly lazyMappings = new Map<bigint, LazyMapping>();
  readonly cowTable = new CowTable();

  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    this.lazyMappings.set(startVaddr, new LazyMapping(startVaddr, size, flags, backing));
  }

  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    const mapping = this.mappingAt(vaddr);
    if (mapping === null) throw KernelError.UnmappedMemory({ addr: vaddr });
    const page = mapping.pageIndex(vaddr);
    if (mapping.isFaultedIn(page)) throw KernelError.InvalidAddress({ addr: vaddr });
    const frame = allocate();
    try {
      mapping.load(page, frame);
    } catch (error) {
      FRAME_ALLOCATOR.freeFrame(frame);
      throw error;
    }
    mapping.noteFaultedIn(page);
    return [frame, mapping.flags];
  }

  handleCowFault(vaddr: bigint): FrameNumber {
    const page = vaddr - (vaddr % PAGE_SIZE);
    const entry = this.cowTable.entries.get(page);
    if (entry === undefined) throw KernelError.InvalidAddress({ addr: vaddr });
    const copy = allocate();
    physToVirtAddr(copy * PAGE_SIZE).copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE));
    // Whoever gives up the last reference frees the frame.
    if (this.cowTable.release(page)) FRAME_ALLOCATOR.freeFrame(entry.frame);
    return copy;
  }

  unregisterLazy(startVaddr: bigint): void {
    this.lazyMappings.delete(startVaddr);
  }

  markCowRange(_base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    for (const [vaddr, frame] of pages) this.cowTable.markCow(vaddr, frame);
  }

  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }

  private mappingAt(vaddr: bigint): LazyMapping | null {
    for (const mapping of this.lazyMappings.values()) if (mapping.contains(vaddr)) return mapping;
    return null;
  }
}

/** A frame of our own, its bytes still to be written. */
function allocate(): FrameNumber {
  const frame = attempt(() => FRAME_ALLOCATOR.allocateFrame());
  if (!frame.ok) throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
  return frame.value;
}

let manager: DemandPagingManager | null = null;

export function init(): void {
  manager = new DemandPagingManager();
}

export function registerLazy(
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void {
  manager?.registerLazy(startVaddr, size, flags, backing);
}

export function handlePageFault(vaddr: bigint): readonly [FrameNumber, PageFlags] {
  if (manager === null) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
  return manager.tryDemandPage(vaddr);
}

export function withManagerMut<R>(f: (manager: DemandPagingManager) => R): R {
  manager ??= new DemandPagingManager();
  return f(manager);
}
