/**
 * One record a page: registering writes down every page, and where mappings overlap the last one that was registered has the page. The frame is taken before
 * anything is looked at, and given back if there is no use for it. The last sharer of a frame gets a copy, and the frame is left to the caller.
 */
import {
  FRAME_ALLOCATOR,
  KernelError,
  PAGE_SIZE,
  physToVirtAddr,
  readInode,
  type FrameNumber,
  type PageFlags,
} from 'veridian';

export interface BackingType {
  readonly inode: bigint | null;
  readonly offset: bigint;
}

export const BackingType = {
  Anonymous: { inode: null, offset: 0n } as BackingType,
  FileBacked(fields: { readonly inode: bigint; readonly offset: bigint }): BackingType {
    return fields;
  },
  equals(a: BackingType, b: BackingType): boolean {
    return a.inode === b.inode && a.offset === b.offset;
  },
};

interface PageRecord {
  readonly mapping: LazyMapping;
  /** Where its bytes are in the file. */
  readonly position: bigint;
  isFaultedIn: boolean;
}

export class LazyMapping {
  constructor(
    readonly startVaddr: bigint,
    readonly size: bigint,
    readonly flags: PageFlags,
    readonly backing: BackingType,
  ) {}

  contains(vaddr: bigint): boolean {
    return vaddr >= this.startVaddr && vaddr < this.startVaddr + this.size;
  }

  /** Page addresses, the last one perhaps of a part. */
  *pages(): Iterable<bigint> {
    for (let at = this.startVaddr; at < this.startVaddr + this.size; at += PAGE_SIZE) yield at;
  }
}

export class CowEntry {
  /** References that were given up. */
  given = 0;
  constructor(readonly frame: FrameNumber) {}
}

export class CowTable {
  entries = new Map<bigint, CowEntry>();

  markCow(vaddr: bigint, frame: FrameNumber): void {
    this.entries.set(vaddr, new CowEntry(frame));
  }

  release(vaddr: bigint): boolean {
    const entry = this.entries.get(vaddr);
    return entry !== undefined && ++entry.given === 2;
  }

  isCow(vaddr: bigint): boolean {
    const entry = this.entries.get(vaddr);
    return entry !== undefined && entry.given < 2;
  }
}

const pageOf = (vaddr: bigint): bigint => vaddr - (vaddr % PAGE_SIZE);

export class DemandPagingManager {
  readonly #pages = new Map<bigint, PageRecord>();
  readonly #mappings = new Map<bigint, LazyMapping>();
  readonly cowTable = new CowTable();

  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    this.unregisterLazy(startVaddr);
    const mapping = new LazyMapping(startVaddr, size, flags, backing);
    this.#mappings.set(startVaddr, mapping);
    for (const page of mapping.pages()) {
      const position = backing.offset + page - startVaddr;
      this.#pages.set(page, { mapping, position, isFaultedIn: false });
    }
  }

  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    return withFrame((frame) => {
      const record = this.#pages.get(pageOf(vaddr));
      if (record === undefined) throw KernelError.UnmappedMemory({ addr: vaddr });
      if (record.isFaultedIn) throw KernelError.InvalidAddress({ addr: vaddr });
      const { inode } = record.mapping.backing;
      const bytes = physToVirtAddr(frame * PAGE_SIZE);
      bytes.fill(0);
      if (inode !== null) readInode(inode, record.position, bytes);
      record.isFaultedIn = true;
      return [frame, record.mapping.flags];
    });
  }

  handleCowFault(vaddr: bigint): FrameNumber {
    return withFrame((frame) => {
      const entry = this.cowTable.entries.get(pageOf(vaddr));
      if (entry === undefined) throw KernelError.InvalidAddress({ addr: vaddr });
      physToVirtAddr(frame * PAGE_SIZE).copyFrom(physToVirtAddr(entry.frame * PAGE_SIZE));
      this.cowTable.release(pageOf(vaddr));
      return frame;
    });
  }

  unregisterLazy(startVaddr: bigint): void {
    const mapping = this.#mappings.get(startVaddr);
    if (mapping === undefined) return;
    this.#mappings.delete(startVaddr);
    for (const page of mapping.pages())
      if (this.#pages.get(page)?.mapping === mapping) this.#pages.delete(page);
  }

  markCowRange(_base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    this.cowTable.entries = new Map([
      ...this.cowTable.entries,
      ...pages.map(([vaddr, frame]) => [vaddr, new CowEntry(frame)] as const),
    ]);
  }

  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.markCowRange(0n, [[vaddr, frame]]);
  }
}

/** Calls `use` with a frame, which is given back if `use` throws. */
function withFrame<T>(use: (frame: FrameNumber) => T): T {
  let frame: FrameNumber;
  try {
    frame = FRAME_ALLOCATOR.allocateFrame();
  } catch {
    throw KernelError.OutOfMemory({ requested: PAGE_SIZE, available: 0n });
  }
  try {
    return use(frame);
  } catch (error) {
    FRAME_ALLOCATOR.freeFrame(frame);
    throw error;
  }
}

class Global {
  static manager: DemandPagingManager | null = null;

  static get made(): DemandPagingManager {
    return (Global.manager ??= new DemandPagingManager());
  }
}

export function init(): void {
  Global.manager = null;
  void Global.made;
}

export function registerLazy(
  startVaddr: bigint,
  size: bigint,
  flags: PageFlags,
  backing: BackingType,
): void {
  if (Global.manager !== null)
    withManagerMut((manager) => manager.registerLazy(startVaddr, size, flags, backing));
}

export function handlePageFault(vaddr: bigint): readonly [FrameNumber, PageFlags] {
  if (Global.manager === null) throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
  return withManagerMut((manager) => manager.tryDemandPage(vaddr));
}

export function withManagerMut<R>(f: (manager: DemandPagingManager) => R): R {
  return f(Global.made);
}
