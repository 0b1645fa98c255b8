/**
 * Mappings in an array sorted by start, found by bisection; mappings that overlap one that is there are left out. Everything is counted in whole pages: sizes are
 * rounded up, addresses of the table of shared frames down. The last sharer keeps the frame, and its entry goes.
 */
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

class Anonymous {
  equals(other: BackingType): boolean {
    return other instanceof Anonymous;
  }
}

class FileBacked {
  constructor(
    readonly inode: bigint,
    readonly offset: bigint,
  ) {}

  equals(other: BackingType): boolean {
    return (
      other instanceof FileBacked && other.inode === this.inode && other.offset === this.offset
    );
  }
}

export type BackingType = Anonymous | FileBacked;

export const BackingType = {
  Anonymous: new Anonymous() as BackingType,
  FileBacked(fields: { readonly inode: bigint; readonly offset: bigint }): BackingType {
    return new FileBacked(fields.inode, fields.offset);
  },
  equals(a: BackingType, b: BackingType): boolean {
    return a.equals(b);
  },
};

const pageDown = (address: bigint): bigint => (address / PAGE_SIZE) * PAGE_SIZE;
const pageUp = (address: bigint): bigint => pageDown(address + PAGE_SIZE - 1n);

export class LazyMapping {
  /** End of the last page. */
  readonly end: bigint;
  /** Start addresses of the pages that are somebody's by now. */
  readonly #resident = new Set<bigint>();

  constructor(
    readonly startVaddr: bigint,
    readonly size: bigint,
    readonly flags: PageFlags,
    readonly backing: BackingType,
  ) {
    this.end = startVaddr + pageUp(size);
  }

  contains(vaddr: bigint): boolean {
    return this.startVaddr <= vaddr && vaddr < this.end;
  }

  isResident(vaddr: bigint): boolean {
    return this.#resident.has(pageDown(vaddr));
  }

  bringIn(vaddr: bigint, frame: FrameNumber): void {
    const page = pageDown(vaddr);
    const bytes = physToVirtAddr(frame * PAGE_SIZE);
    let known = 0;
    if (this.backing instanceof FileBacked) {
      const { inode, offset } = this.backing;
      known = readInode(inode, offset + page - this.startVaddr, bytes);
    }
    if (known < bytes.length) bytes.fill(0, known);
    this.#resident.add(page);
  }
}

/** Index of the first mapping that does not end before `vaddr`. */
function bisect(mappings: readonly LazyMapping[], vaddr: bigint): number {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mappings[middle]!.end <= vaddr) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface CowEntry {
  readonly frame: FrameNumber;
  sharers: number;
}

export class CowTable {
  readonly #entries: { readonly page: bigint; readonly entry: CowEntry }[] = [];

  find(vaddr: bigint): CowEntry | undefined {
    return this.#entries.find(({ page }) => page === pageDown(vaddr))?.entry;
  }

  remove(vaddr: bigint): void {
    const at = this.#entries.findIndex(({ page }) => page === pageDown(vaddr));
    if (at >= 0) this.#entries.splice(at, 1);
  }

  markCow(vaddr: bigint, frame: FrameNumber): void {
    this.remove(vaddr);
    this.#entries.push({ page: pageDown(vaddr), entry: { frame, sharers: 2 } });
  }

  release(vaddr: bigint): boolean {
    const entry = this.find(vaddr);
    if (entry === undefined) return false;
    entry.sharers -= 1;
    const wasLast = entry.sharers === 0;
    if (wasLast) this.remove(vaddr);
    return wasLast;
  }

  isCow(vaddr: bigint): boolean {
    return this.find(vaddr) !== undefined;
  }
}

export class DemandPagingManager {
  readonly #mappings: LazyMapping[] = [];
  readonly cowTable = new CowTable();

  registerLazy(startVaddr: bigint, size: bigint, flags: PageFlags, backing: BackingType): void {
    const mapping = new LazyMapping(startVaddr, size, flags, backing);
    const at = bisect(this.#mappings, startVaddr);
    const next = this.#mappings[at];
    if (next === undefined || mapping.end <= next.startVaddr) this.#mappings.splice(at, 0, mapping);
  }

  tryDemandPage(vaddr: bigint): readonly [FrameNumber, PageFlags] {
    const mapping = this.#mappings[bisect(this.#mappings, vaddr)];
    if (mapping?.contains(vaddr) !== true) throw KernelError.UnmappedMemory({ addr: vaddr });
    if (mapping.isResident(vaddr)) throw KernelError.InvalidAddress({ addr: vaddr });
    const frame = frameOrShortage();
    const loaded = attempt(() => mapping.bringIn(vaddr, frame));
    if (loaded.ok) return [frame, mapping.flags];
    FRAME_ALLOCATOR.freeFrame(frame);
    throw KernelError.HardwareError({ device: 'swap', code: 1 });
  }

  handleCowFault(vaddr: bigint): FrameNumber {
    const entry = this.cowTable.find(vaddr);
    if (entry === undefined) throw KernelError.InvalidAddress({ addr: vaddr });
    if (entry.sharers === 1) {
      this.cowTable.remove(vaddr);
      return entry.frame;
    }
    const copy = frameOrShortage();
    const [from, to] = [entry.frame, copy].map((frame) => physToVirtAddr(frame * PAGE_SIZE));
    for (let at = 0; at < 4096; at += 8) to!.writeU64(at, from!.readU64(at));
    entry.sharers -= 1;
    return copy;
  }

  unregisterLazy(startVaddr: bigint): void {
    const at = bisect(this.#mappings, startVaddr);
    if (this.#mappings[at]?.startVaddr === startVaddr) this.#mappings.splice(at, 1);
  }

  markCowRange(_base: bigint, pages: readonly (readonly [bigint, FrameNumber])[]): void {
    pages.forEach(([vaddr, frame]) => this.addCowEntry(vaddr, frame));
  }

  addCowEntry(vaddr: bigint, frame: FrameNumber): void {
    this.cowTable.markCow(vaddr, frame);
  }
}

function frameOrShortage(): FrameNumber {
  const got = attempt(() => FRAME_ALLOCATOR.allocateFrame());
  if (got.ok) return got.value;
  throw KernelError.OutOfMemory({ requested: 4096n, available: 0n });
}

const global: { manager: DemandPagingManager | undefined } = { manager: undefined };

export function init(): void {
  global.manager = new DemandPagingManager();
}

export function registerLazy(...mapping: Parameters<DemandPagingManager['registerLazy']>): void {
  global.manager?.registerLazy(...mapping);
}

export function handlePageFault(vaddr: bigint): readonly [FrameNumber, PageFlags] {
  const { manager } = global;
  if (manager) return manager.tryDemandPage(vaddr);
  throw KernelError.NotInitialized({ subsystem: 'demand_paging' });
}

export function withManagerMut<R>(f: (manager: DemandPagingManager) => R): R {
  const manager = (global.manager ??= new DemandPagingManager());
  return f(manager);
}
