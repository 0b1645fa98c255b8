import { FRAME_ALLOCATOR, KernelError, PAGE_SIZE, readInode, type FrameNumber, type PageFlags } from 'veridian';
import { bytesOf, newFrame, roundDown } from './pages';

export type BackingType =
  | { readonly kind: 'Anonymous' }
  | { readonly kind: 'FileBacked'; readonly inode: bigint; readonly offset: bigint };

export const BackingType = {
  Anonymous: { kind: 'Anonymous' } as BackingType,
  FileBacked({ inode, offset }: { readonly inode: bigint; readonly offset: bigint }): BackingType {
    return { kind: 'FileBacked', inode, offset };
  },
  equals(a: BackingType, b: BackingType): boolean {
    if (a.kind === 'FileBacked' && b.kind === 'FileBacked')
      return a.inode === b.inode && a.offset === b.offset;
    return a.kind === b.kind;
  },
};

export class LazyMapping {
  /** Pages (start addresses) that have been handed out. */
  readonly done = new Set<bigint>();

  constructor(
    readonly startVaddr: bigint,
    readonly size: bigint,
    readonly flags: PageFlags,
    readonly backing: BackingType,
  ) {}

  contains(vaddr: bigint): boolean {
    return vaddr >= this.startVaddr && vaddr < this.startVaddr + this.size;
  }

  fill(page: bigint, frame: FrameNumber): void {
    const bytes = bytesOf(frame);
    if (this.backing.kind === 'Anonymous') bytes.fill(0);
    else readInode(this.backing.inode, this.backing.offset + (page - this.startVaddr), bytes);
  }
}

export class CowEntry {
  constructor(
    readonly frame: FrameNumber,
    public refCount: number,
  ) {}
}

export class CowTable {
  readonly entries = new Map<bigint, CowEntry>();

  markCow(vaddr: bigint, frame: FrameNumber): void {
    this.entries.set(vaddr, new CowEntry(frame, 2));
  }

  release(vaddr: bigint): boolean {
    const entry = this.entries.get(vaddr);
    if (entry === undefined) return false;
    entry.refCount -= 1;
    return entry.refCount === 0;
  }

  isCow(vaddr: bigint): boolean {
    return this.entries.has(vaddr);
  }
}

export class DemandPagingManager {
  private mappings: LazyMapping[] = [];
  readonly cowTable = new CowTable();

  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    this.mappings.push(new LazyMapping(startVaddr, size, flags, backing));
  }

  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    const mapping = this.mappings.find((m) => m.contains(vaddr));
    if (mapping === undefined) throw KernelError.UnmappedMemory({ addr: vaddr });
    const page = roundDown(vaddr);
    if (mapping.done.has(page)) throw KernelError.InvalidAddress({ addr: vaddr });
    const frame = newFrame();
    try {
      mapping.fill(page, frame);
    } catch (error) {
      FRAME_ALLOCATOR.freeFrame(frame);
      throw error;
    }
    mapping.done.add(page);
    return [frame, mapping.flags];
  }

  handleCowFault(vaddr: bigint): FrameNumber {
    const page = roundDown(vaddr);
    const entry = this.cowTable.entries.get(page);
    if (entry === undefined || entry.refCount <= 0)
      throw KernelError.InvalidAddress({ addr: vaddr });
    const isLast = this.cowTable.release(page);
    const copy = newFrame();
    bytesOf(copy).copyFrom(bytesOf(entry.frame));
    if (isLast) FRAME_ALLOCATOR.freeFrame(entry.frame);
    return copy;
  }

  unregisterLazy(startVaddr: bigint): void {
    this.mappings = this.mappings.filter((m) => m.startVaddr !== startVaddr);
  }

  markCowRange(base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    for (const [vaddr, frame] of pages) this.cowTable.markCow(vaddr, frame);
  }

  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }
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
  if (manager === null) manager = new DemandPagingManager();
  return f(manager);
}
