import {
    contains,
    FileBlockNumber,
    KernelError,
    Page,
    PAGE_SIZE,
    PageRef,
    PageTableMappingError,
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
    file: RegularFile;
    start: Va;
    offset: bigint;

    constructor(file: RegularFile, start: Va, offset: bigint) {
        this.file = file;
        this.start = start;
        this.offset = offset;
    }

    load(addr: Va): Page {
        const pageStart = Va.pageDown(addr);
        const position = this.offset + (pageStart - this.start);
        return this.file.mmap(FileBlockNumber.fromOffset(position));
    }
}

export class VmAreaStruct {
    readonly loader: MmLoader;
    start: Va;
    end: bigint;
    prot: Permission;

    constructor(loader: MmLoader, start: Va, end: bigint, prot: Permission) {
        this.loader = loader;
        this.start = start;
        this.end = end;
        this.prot = prot;
    }

    has(addr: bigint): boolean {
        return addr >= this.start && addr < this.end;
    }

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
    ranges: VmAreaStruct[] = [];

    rangeAt(addr: Va): VmAreaStruct | null {
        for (const r of this.ranges) {
            if (r.has(addr)) return r;
        }
        return null;
    }

    mmap(
        pageTable: PageTable,
        addr: Va,
        size: bigint,
        prot: Permission,
        file: RegularFile | null,
        offset: bigint,
    ): bigint {
        if (addr === 0n || Va.offset(addr) !== 0n) throw KernelError.InvalidArgument;
        if (size === 0n) throw KernelError.InvalidArgument;
        const pages = (size + PAGE_SIZE - 1n) / PAGE_SIZE;
        const end = addr + pages * PAGE_SIZE;
        // kernel addresses are way beyond this, too
        if (end > 0x8000_0000_0000n) throw KernelError.InvalidArgument;
        if ((prot & Permission.READ) === 0n) throw KernelError.InvalidArgument;
        if (file !== null) {
            if (offset % PAGE_SIZE !== 0n) throw KernelError.InvalidArgument;
            if (file.size() === 0n) throw KernelError.InvalidArgument;
        }
        // already mapped?
        if (this.rangeAt(addr) !== null) throw KernelError.FileExist;

        let loader: MmLoader;
        if (file === null) {
            loader = new AnonLoader();
        } else {
            loader = new FileBackedLoader(file, addr, offset);
        }
        this.ranges.push(new VmAreaStruct(loader, addr, end, prot));
        return addr;
    }

    munmap(pageTable: PageTable, addr: Va): bigint {
        const index = this.ranges.findIndex((r) => r.start === addr);
        if (index === -1) throw KernelError.InvalidArgument;
        const r = this.ranges[index];
        for (let offset = 0n; r.start + offset < r.end; offset += PAGE_SIZE) {
            const va = Va.add(r.start, offset);
            if (this.isLoaded(pageTable, va)) {
                const page = pageTable.unmap(va);
                page.drop();
            }
        }
        this.ranges.splice(index, 1);
        return 0n;
    }

    getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
        const r = this.rangeAt(addr);
        if (r === null) return null;
        const va = Va.pageDown(addr);
        if (!this.isLoaded(pageTable, va)) {
            const page = r.loader.load(va);
            pageTable.map(va, page, r.prot);
        }
        const pa = pageTable.walk(va).pa();
        if (pa === null) return null;
        return [PageRef.fromPa(pa), r.prot];
    }

    accessOk(va: Va, isWrite: boolean): boolean {
        const r = this.rangeAt(va);
        if (r === null) return false;
        if (isWrite) {
            return (r.prot & Permission.WRITE) !== 0n;
        }
        return (r.prot & Permission.READ) !== 0n;
    }

    doLazyLoad(pageTable: PageTable, reason: PageFaultReason): void {
        const r = this.rangeAt(reason.faultAddr);
        if (r === null) throw KernelError.BadAddress;
        const va = Va.pageDown(reason.faultAddr);
        // another thread has loaded it already
        if (this.isLoaded(pageTable, va)) return;
        // A write to a read-only region is loaded read-only here and fails at the next fault.
        const page = r.loader.load(va);
        pageTable.map(va, page, r.prot);
    }

    isLoaded(pageTable: PageTable, va: Va): boolean {
        try {
            pageTable.walk(va);
            return true;
        } catch (e) {
            if (e === PageTableMappingError.NotExist) return false;
            throw e;
        }
    }

    handlePageFault(pageTable: PageTable, reason: PageFaultReason): void {
        if (reason.isDemandPagingFault()) {
            this.doLazyLoad(pageTable, reason);
        } else if (isCowFault(reason)) {
            doCopyOnWrite(this, pageTable, reason);
        } else {
            throw KernelError.InvalidAccess;
        }
    }

    clone(): LazyPager {
        const other = new LazyPager();
        for (const r of this.ranges) {
            other.ranges.push(r.clone());
        }
        return other;
    }

}
