/** Lazy paging in which a file mapping remembers the blocks that it has read. */
import {
  attempt,
  contains,
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
import { leaves } from './leaves';
import { allows, rangeAt, rangeToMap, type UserRange } from './user-range';

export interface MmLoader {
  load(addr: Va): Page;
  /** Gives back what is kept. */
  dispose(): void;
}

export class AnonLoader implements MmLoader {
  load(_addr: Va): Page {
    return Page.new();
  }

  dispose(): void {
    // Keeps nothing.
  }
}

export class FileBackedLoader implements MmLoader {
  private readonly blocks = new Map<bigint, Page>();
  private ahead: { readonly block: bigint; readonly bytes: Uint8Array } | null = null;
  private owners = 1;

  constructor(
    private readonly file: RegularFile,
    private readonly start: Va,
    private readonly offset: bigint,
  ) {}

  share(): this {
    this.owners++;
    return this;
  }

  load(addr: Va): Page {
    const block = (this.offset + (addr - this.start)) / 4096n;
    const known = this.blocks.get(block);
    const page = Page.new();
    if (known !== undefined) {
      page.innerMut().copyFrom(known.inner());
      return page;
    }
    try {
      if (this.ahead?.block === block) page.innerMut().copyFrom(this.ahead.bytes);
      else page.innerMut().copyFrom(this.read(block));
      const kept = Page.new();
      kept.innerMut().copyFrom(page.inner());
      this.blocks.set(block, kept);
    } catch (error) {
      page.drop();
      throw error;
    }
    // The next block is likely to be asked for next; it is no harm if it cannot be read.
    const next = attempt(() => this.read(block + 1n));
    this.ahead = next.ok ? { block: block + 1n, bytes: next.value } : null;
    return page;
  }

  dispose(): void {
    if (--this.owners > 0) return;
    for (const page of this.blocks.values()) page.drop();
    this.blocks.clear();
  }

  private read(block: bigint): Uint8Array {
    const bytes = new Uint8Array(4096);
    for (let at = 0; at < 4096;) {
      const room = bytes.subarray(at, Math.min(at + 512, 4096));
      const got = this.file.read(block * 4096n + BigInt(at), room);
      if (got === 0) break;
      at += got;
    }
    return bytes;
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
    const loader = this.loader instanceof FileBackedLoader ? this.loader.share() : this.loader;
    return new VmAreaStruct(loader, this.start, this.end, this.prot);
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
  private vmas: readonly VmAreaStruct[] = [];

  clone(): LazyPager {
    const copy = new LazyPager();
    copy.vmas = this.vmas.map((vma) => vma.clone());
    return copy;
  }

  drop(): void {
    for (const { loader } of this.vmas) loader.dispose();
    this.vmas = [];
  }

  mmap(
    _pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    const { start, end } = rangeToMap(this.vmas, addr, size, prot, file, offset);
    const loader = file === null ? new AnonLoader() : new FileBackedLoader(file, start, offset);
    this.vmas = [new VmAreaStruct(loader, start, end, prot), ...this.vmas];
    return addr;
  }

  munmap(pageTable: PageTable, addr: Va): bigint {
    const vma = this.vmas.find(({ start }) => start === addr);
    if (vma === undefined) throw KernelError.InvalidArgument;
    this.vmas = this.vmas.filter((other) => other !== vma);
    for (const { va } of [...leaves(pageTable.root, vma.start, vma.end)])
      pageTable.unmap(va).drop();
    vma.loader.dispose();
    return 0n;
  }

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
    const vma = this.vmaAt(addr);
    if (vma === null || !attempt(() => this.load(pageTable, vma, addr)).ok) return null;
    const pa = pageTable.walk(Va.pageDown(addr)).pa();
    return pa === null ? null : [PageRef.fromPa(pa), vma.prot];
  }

  accessOk(va: Va, isWrite: boolean): boolean {
    const vma = this.vmaAt(va);
    return vma !== null && allows(vma.prot, isWrite);
  }

  doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
    const vma = this.vmaAt(reason.faultAddr);
    if (vma === null) throw KernelError.BadAddress;
    if (!allows(vma.prot, reason.isWriteAccess)) throw KernelError.InvalidAccess;
    this.load(pageTable, vma, reason.faultAddr);
  }

  handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
    if (reason.isDemandPagingFault()) this.doLazyLoad(pageTable, reason);
    else if (isCowFault(reason)) doCopyOnWrite(this, pageTable, reason);
    else throw KernelError.InvalidAccess;
  }

  vmaAt(va: Va): VmAreaStruct | null {
    return rangeAt(this.vmas, va);
  }

  private load(pageTable: PageTable, vma: VmAreaStruct, addr: Va): void {
    const va = Va.pageDown(addr);
    if (!attempt(() => pageTable.walk(va)).ok) pageTable.map(va, vma.loader.load(va), vma.prot);
  }
}
