/**
 * Mappings in a linked list, the newest first, so that the newest counts where they overlap; one that is registered again keeps what was faulted in. What was
 * faulted in is a bit set. Bytes that were read for a page without a frame are kept for the next try. A page that is marked again gets one sharer more.
 * Entries stay with a count of 0; a write fault on one is refused.
 */
import {
  attempt,
  contains,
  FRAME_ALLOCATOR,
  KernelError,
  PAGE_SIZE,
  physToVirtAddr,
  readInode,
  type FrameNumber,
  type PageFlags,
} from 'veridian';

/** `null` is anonymous memory. */
export type BackingType = readonly [inode: bigint, offset: bigint] | null;

export const BackingType = {
  Anonymous: null as BackingType,
  FileBacked: ({
    inode,
    offset,
  }: {
    readonly inode: bigint;
    readonly offset: bigint;
  }): BackingType => [inode, offset] as const,
  equals: (a: BackingType, b: BackingType): boolean => String(a) === String(b),
};

export class LazyMapping {
  next: LazyMapping | null = null;
  faultedIn = 0n;
  /** Contents of pages, by index, for which there was no frame. */
  readonly waiting = new Map<bigint, Uint8Array>();

  constructor(
    readonly startVaddr: bigint,
    readonly size: bigint,
    readonly flags: PageFlags,
    readonly backing: BackingType,
  ) {}

  contains(vaddr: bigint): boolean {
    const distance = vaddr - this.startVaddr;
    return distance >= 0n && distance < this.size;
  }
}

export class CowEntry {
  constructor(
    public frame: FrameNumber,
    public refCount: number,
  ) {}
}

export class CowTable {
  readonly entries: Record<string, CowEntry> = {};

  markCow(vaddr: bigint, frame: FrameNumber): void {
    const key = vaddr.toString(16);
    const entry = this.entries[key];
    if (entry === undefined || entry.refCount === 0) this.entries[key] = new CowEntry(frame, 2);
    else {
      entry.frame = frame;
      entry.refCount++;
    }
  }

  release(vaddr: bigint): boolean {
    const entry = this.entries[vaddr.toString(16)];
    if (entry === undefined || entry.refCount === 0) return false;
    return --entry.refCount === 0;
  }

  isCow(vaddr: bigint): boolean {
    return this.entries[vaddr.toString(16)] !== undefined;
  }
}

export class DemandPagingManager {
  #first: LazyMapping | null = null;
  readonly cowTable = new CowTable();

  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    const mapping = new LazyMapping(startVaddr, size, flags, backing);
    const old = this.#remove(startVaddr);
    if (old !== null) mapping.faultedIn = old.faultedIn;
    mapping.next = this.#first;
    this.#first = mapping;
  }

  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    let mapping = this.#first;
    while (mapping !== null && !mapping.contains(vaddr)) mapping = mapping.next;
    if (mapping === null) throw KernelError.UnmappedMemory({ addr: vaddr });
    const index = (vaddr - mapping.startVaddr) >> 12n;
    const bit = 1n << index;
    if ((mapping.faultedIn & bit) !== 0n) throw KernelError.InvalidAddress({ addr: vaddr });
    // Read before a frame is taken, so that nothing has to be given back. Without a frame what was read waits for the next try.
    const bytes = mapping.waiting.get(index) ?? contentsOf(mapping.backing, index);
    mapping.waiting.set(index, bytes);
    const frame = take();
    mapping.waiting.delete(index);
    physToVirtAddr(frame << 12n).copyFrom(bytes);
    mapping.faultedIn |= bit;
    return [frame, mapping.flags];
  }

  handleCowFault(vaddr: bigint): FrameNumber {
    const page = vaddr & ~0xfffn;
    const entry = this.cowTable.entries[page.toString(16)];
    if (entry === undefined || entry.refCount === 0)
      throw KernelError.InvalidAddress({ addr: vaddr });
    const copy = take();
    physToVirtAddr(copy * PAGE_SIZE).copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE));
    if (this.cowTable.release(page)) FRAME_ALLOCATOR.freeFrame(entry.frame);
    return copy;
  }

  unregisterLazy(startVaddr: bigint): void {
    this.#remove(startVaddr);
  }

  markCowRange(_base: bigint, pages: Iterable<readonly [bigint, FrameNumber]>): void {
    for (const page of pages) this.cowTable.markCow(...page);
  }

  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }

  #remove(startVaddr: bigint): LazyMapping | null {
    let before: LazyMapping | null = null;
    for (let mapping = this.#first; mapping !== null; mapping = mapping.next) {
      if (mapping.startVaddr === startVaddr) {
        if (before === null) this.#first = mapping.next;
        else before.next = mapping.next;
        return mapping;
      }
      before = mapping;
    }
    return null;
  }
}

/** The bytes of page `index`. */
function contentsOf(backing: BackingType, index: bigint): Uint8Array {
  const bytes = new Uint8Array(4096);
  if (backing !== null) readInode(backing[0], backing[1] + (index << 12n), bytes);
  return bytes;
}

function take(): FrameNumber {
  const frame = attempt(() => FRAME_ALLOCATOR.allocateFrame());
  if (!frame.ok) throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
  return frame.value;
}

let theManager: DemandPagingManager | undefined;

export const init = (): void => {
  theManager = new DemandPagingManager();
};

export const registerLazy = (
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void => {
  if (contains(flags, 0n)) theManager?.registerLazy(startVaddr, size, flags, backing);
};

export const handlePageFault = (vaddr: bigint): readonly [FrameNumber, PageFlags] => {
  if (theManager === undefined) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
  return theManager.tryDemandPage(vaddr);
};

export const withManagerMut = <R>(f: (manager: DemandPagingManager) => R): R =>
  f((theManager ??= new DemandPagingManager()));
