/**
 * As close to the Rust original as TypeScript gets: keys exactly as given, a count of 32 bits that wraps around, entries that stay for ever, an old frame
 * that nobody frees. Of mappings that overlap the one with the lowest start counts.
 */
import {
  FRAME_ALLOCATOR,
  FrameAllocatorError,
  KernelError,
  PAGE_SIZE,
  physToVirtAddr,
  readInode,
  type FrameNumber,
  type PageFlags,
} from 'veridian';

export type BackingType =
  | { readonly type: 'Anonymous' }
  | { readonly type: 'FileBacked'; readonly inode: bigint; readonly offset: bigint };

export const BackingType = {
  Anonymous: { type: 'Anonymous' } as BackingType,
  FileBacked: (fields: { readonly inode: bigint; readonly offset: bigint }): BackingType => ({
    type: 'FileBacked',
    ...fields,
  }),
  equals: (a: BackingType, b: BackingType): boolean =>
    a.type === 'FileBacked' && b.type === 'FileBacked'
      ? a.inode === b.inode && a.offset === b.offset
      : a.type === b.type,
};

export class LazyMapping {
  readonly faultedIn: Uint8Array;

  constructor(
    readonly startVaddr: bigint,
    readonly size: bigint,
    readonly flags: PageFlags,
    readonly backing: BackingType,
  ) {
    this.faultedIn = new Uint8Array(Number((size + 0xfffn) >> 12n));
  }

  contains(vaddr: bigint): boolean {
    return vaddr >= this.startVaddr && vaddr < this.startVaddr + this.size;
  }

  pageIndex(vaddr: bigint): number {
    return Number((vaddr - this.startVaddr) / PAGE_SIZE);
  }
}

export class CowEntry {
  refCount = 2;
  constructor(readonly frame: FrameNumber) {}
}

export class CowTable {
  readonly entries = new Map<bigint, CowEntry>();

  markCow(vaddr: bigint, frame: FrameNumber): void {
    this.entries.set(vaddr, new CowEntry(frame));
  }

  release(vaddr: bigint): boolean {
    const entry = this.entries.get(vaddr);
    if (!entry) return false;
    const previous = entry.refCount;
    entry.refCount = (previous - 1) >>> 0;
    return previous === 1;
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

  tryDemandPage(vaddr: bigint): [FrameNumber, PageFlags] {
    const byStart = [...this.lazyMappings.values()].sort((a, b) =>
      a.startVaddr < b.startVaddr ? -1 : 1,
    );
    const mapping = byStart.find((each) => each.contains(vaddr));
    if (!mapping) throw KernelError.UnmappedMemory({ addr: vaddr });
    const index = mapping.pageIndex(vaddr);
    if (index >= mapping.faultedIn.length || mapping.faultedIn[index])
      throw KernelError.InvalidAddress({ addr: vaddr });
    const frame = this.allocateFrame();
    const bytes = physToVirtAddr(frame * PAGE_SIZE);
    bytes.fill(0);
    if (mapping.backing.type === 'FileBacked') {
      try {
        readInode(mapping.backing.inode, mapping.backing.offset + BigInt(index) * PAGE_SIZE, bytes);
      } catch (error) {
        FRAME_ALLOCATOR.freeFrame(frame);
        throw error;
      }
    }
    mapping.faultedIn[index] = 1;
    return [frame, mapping.flags];
  }

  handleCowFault(vaddr: bigint): FrameNumber {
    const pageAddr = vaddr & ~(PAGE_SIZE - 1n);
    const entry = this.cowTable.entries.get(pageAddr);
    if (!entry) throw KernelError.InvalidAddress({ addr: vaddr });
    const oldFrame = entry.frame;
    const newFrame = this.allocateFrame();
    const source = physToVirtAddr(oldFrame * PAGE_SIZE);
    physToVirtAddr(newFrame * PAGE_SIZE).copyFrom(source);
    this.cowTable.release(pageAddr);
    return newFrame;
  }

  unregisterLazy(startVaddr: bigint): void {
    this.lazyMappings.delete(startVaddr);
  }

  markCowRange(base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    void base;
    for (const [vaddr, frame] of pages) this.cowTable.markCow(vaddr, frame);
  }

  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }

  private allocateFrame(): FrameNumber {
    try {
      return FRAME_ALLOCATOR.allocateFrame();
    } catch (error) {
      if (error !== FrameAllocatorError.OutOfMemory) throw error;
      throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
    }
  }
}

let DEMAND_PAGING: DemandPagingManager | null = null;

export function init(): void {
  DEMAND_PAGING = new DemandPagingManager();
  console.log('[DEMAND_PAGING] ready');
}

export function registerLazy(
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void {
  if (DEMAND_PAGING !== null) DEMAND_PAGING.registerLazy(startVaddr, size, flags, backing);
}

export function handlePageFault(vaddr: bigint): [FrameNumber, PageFlags] {
  if (DEMAND_PAGING === null) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
  return DEMAND_PAGING.tryDemandPage(vaddr);
}

export function withManagerMut<R>(f: (manager: DemandPagingManager) => R): R {
  DEMAND_PAGING ??= new DemandPagingManager();
  return f(DEMAND_PAGING);
}
