/** Lazy paging with regions in a search tree (a treap: the heap order comes from a hash of the address). */
import {
  attempt,
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Permission,
  PFErrorCode,
  Va,
  type RegularFile,
} from 'keos';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

export interface MmLoader {
  load(addr: Va): Page;
}

export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }
}

export class FileBackedLoader implements MmLoader {
  constructor(
    private readonly file: RegularFile,
    /** Place in the file of address 0, which may be negative. */
    private readonly origin: bigint,
  ) {}

  load(addr: Va): Page {
    return this.file.mmap(FileBlockNumber.fromOffset(this.origin + addr));
  }
}

export class VmAreaStruct {
  left: VmAreaStruct | null = null;
  right: VmAreaStruct | null = null;
  readonly rank: bigint;

  constructor(
    readonly loader: MmLoader,
    readonly start: Va,
    readonly end: bigint,
    readonly prot: Permission,
  ) {
    this.rank = BigInt.asUintN(32, (start >> 12n) * 2654435761n);
  }

  clone(): VmAreaStruct {
    const copy = new VmAreaStruct(this.loader, this.start, this.end, this.prot);
    copy.left = this.left?.clone() ?? null;
    copy.right = this.right?.clone() ?? null;
    return copy;
  }
}

export class PageFaultReason {
  readonly faultAddr: Va;
  readonly isWriteAccess: boolean;
  readonly isPresent: boolean;

  constructor(ec: PFErrorCode, cr2: Va) {
    this.faultAddr = cr2;
    this.isWriteAccess = contains(ec, PFErrorCode.WRITE_ACCESS);
    this.isPresent = contains(ec, PFErrorCode.PRESENT);
  }

  isDemandPagingFault(): boolean {
    return !this.isPresent;
  }
}

type Tree = VmAreaStruct | null;

/** The regions below `start`, and the others. */
function split(tree: Tree, start: bigint): [Tree, Tree] {
  if (tree === null) return [null, null];
  if (tree.start < start) {
    const [low, high] = split(tree.right, start);
    tree.right = low;
    return [tree, high];
  }
  const [low, high] = split(tree.left, start);
  tree.left = high;
  return [low, tree];
}

/** One tree of two, all of whose regions are in order. */
function join(low: Tree, high: Tree): Tree {
  if (low === null) return high;
  if (high === null) return low;
  if (low.rank > high.rank) {
    low.right = join(low.right, high);
    return low;
  }
  high.left = join(low, high.left);
  return high;
}

export class LazyPager implements Pager {
  private tree: Tree = null;

  clone(): LazyPager {
    const copy = new LazyPager();
    copy.tree = this.tree?.clone() ?? null;
    return copy;
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const end = addr + ((size + 4095n) & ~4095n);
    if (addr === 0n || Va.offset(addr) !== 0n || end > 0x8000_0000_0000n || end === addr)
      throw KernelError.InvalidArgument;
    if (!contains(prot, Permission.READ)) throw KernelError.InvalidArgument;
    if (file !== null && (file.size() === 0n || offset % 4096n !== 0n))
      throw KernelError.InvalidArgument;
    const before = this.floor(Va.add(addr, end - addr - 1n));
    if (before !== null && before.end > addr) throw KernelError.InvalidArgument;
    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, offset - addr);
    const [low, high] = split(this.tree, addr);
    this.tree = join(join(low, new VmAreaStruct(loader, addr, end, prot)), high);
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const region = this.floor(addr);
    if (region?.start !== addr) throw KernelError.InvalidArgument;
    for (let at = addr; ; at = Va.add(at, 4096n)) {
      const walked = attempt(() => pageTable.walkMut(at));
      if (walked.ok) walked.value.clear()?.invalidate().drop();
      if (at + 4096n >= region.end) break;
    }
    const [low, rest] = split(this.tree, addr);
    const [, high] = split(rest, addr + 1n);
    this.tree = join(low, high);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const region = this.vmaAt(addr);
    if (region === null) return null;
    this.bringIn(pageTable, region, addr);
    return [PageRef.fromPa(pageTable.walk(Va.pageDown(addr)).pa()!), region.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const region = this.vmaAt(va);
    return region !== null && contains(region.prot, isWrite ? Permission.WRITE : Permission.READ);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const region = this.vmaAt(reason.faultAddr);
    if (region === null) throw KernelError.BadAddress;
    // A store that the region forbids loads the page all the same: the fault that follows at once is refused.
    this.bringIn(pageTable, region, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    const region = this.floor(va);
    return region !== null && va < region.end ? region : null;
  }

  /** The last region that begins at or before `va`. */
  private floor(va: Va): VmAreaStruct | null {
    let best: Tree = null;
    for (let at = this.tree; at !== null;) {
      if (at.start <= va) {
        best = at;
        at = at.right;
      } else {
        at = at.left;
      }
    }
    return best;
  }

  private bringIn(pageTable: PageTable, region: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (attempt(() => pageTable.walk(va)).ok) return;
    pageTable.map(va, region.loader.load(va), region.prot);
  }
}
