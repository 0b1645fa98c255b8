/** Lazy paging close to the entries. */
import {
  attempt,
  contains,
  FileBlockNumber,
  KernelError,
  Page,
  PageRef,
  Permission,
  PFErrorCode,
  tlbShutdown,
  Va,
  type Pa,
  type RegularFile,
} from 'keos';
import { doCopyOnWrite, isCowFault } from './fork';
import type { PageTable } from './page-table';
import type { Pager } from './pager';
import { leaves } from './leaves';
import { allows, rangeAt, rangeToMap, type UserRange } from './user-range';

export interface MmLoader {
  /** Address of a frame with one reference, which is the caller's from now on. */
  take(addr: Va): Pa;
}

export class AnonLoader implements MmLoader {
  take(_addr: Va): Pa {
    return Page.new().intoRaw();
  }
}

/** Read-only zeros: the first page is owned once more by every page after it. */
class OneZeroPage implements MmLoader {
  constructor(private readonly first: () => Pa | null) {}

  take(_addr: Va): Pa {
    const known = this.first();
    return known === null ? Page.new().intoRaw() : PageRef.fromPa(known).intoPage().intoRaw();
  }
}

export class FileBackedLoader implements MmLoader {
  constructor(
    private readonly file: RegularFile,
    private readonly start: Va,
    private readonly offset: bigint,
  ) {}

  take(addr: Va): Pa {
    const block = FileBlockNumber.fromOffset(this.offset + (addr - this.start));
    return this.file.mmap(block).intoRaw();
  }
}

export class VmAreaStruct implements UserRange {
  constructor(
    readonly loader: MmLoader,
    readonly start: Va,
    readonly end: bigint,
    readonly prot: Permission,
  ) {}

  clone(): VmAreaStruct {
    return new VmAreaStruct(this.loader, this.start, this.end, this.prot);
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

export class LazyPager implements Pager {
  readonly vmas: VmAreaStruct[] = [];

  clone(): LazyPager {
    const copy = new LazyPager();
    copy.vmas.push(...this.vmas.map((vma) => vma.clone()));
    return copy;
  }

  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const { start, end } = rangeToMap(this.vmas, addr, size, prot, file, offset);
    const firstPage = (): Pa | null => {
      for (const { pte } of leaves(pageTable.root, start, end)) return pte.pa();
      return null;
    };
    const zeros = allows(prot, true) ? new AnonLoader() : new OneZeroPage(firstPage);
    const loader = file === null ? zeros : new FileBackedLoader(file, start, offset);
    this.vmas.unshift(new VmAreaStruct(loader, start, end, prot));
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const at = this.vmas.findIndex(({ start }) => start === addr);
    const vma = this.vmas[at];
    if (vma === undefined) throw KernelError.InvalidArgument;
    const stale = [...leaves(pageTable.root, vma.start, vma.end)].map(({ va }) =>
      pageTable.walkMut(va).clear(),
    );
    tlbShutdown(pageTable.root);
    for (const entry of stale) entry?.invalidate().drop();
    this.vmas.splice(at, 1);
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const vma = this.vmaAt(addr);
    if (vma === null) return null;
    return [PageRef.fromPa(this.frameAt(pageTable, vma, addr)), vma.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.vmaAt(va);
    return vma !== null && allows(vma.prot, isWrite);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const vma = this.vmaAt(reason.faultAddr);
    if (vma === null) throw KernelError.BadAddress;
    this.frameAt(pageTable, vma, reason.faultAddr);
    if (!allows(vma.prot, reason.isWriteAccess)) throw KernelError.InvalidAccess;
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    return rangeAt(this.vmas, va);
  }

  /** The frame behind an address, which is mapped now. */
  private frameAt(pageTable: PageTable, vma: VmAreaStruct, addr: Va): Pa {
    const va = Va.pageDown(addr);
    const known = attempt(() => pageTable.walk(va).pa());
    if (known.ok && known.value !== null) return known.value;
    const pa = vma.loader.take(va);
    const mapped = attempt(() => pageTable.doMap(va, pa, vma.prot));
    if (mapped.ok) return pa;
    Page.fromPa(pa).drop();
    throw mapped.error === KernelError.NoMemory ? mapped.error : KernelError.IOError;
  }
}
