import {
    FileBlockNumber,
    KernelError,
    Page,
    PAGE_SIZE,
    PageRef,
    Permission,
    Va,
    type RegularFile,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

export class Mapping {
    start: Va;
    end: bigint;
    prot: Permission;

    constructor(start: Va, end: bigint, prot: Permission) {
        this.start = start;
        this.end = end;
        this.prot = prot;
    }
}

export class EagerPager implements Pager {
    mappings: Map<bigint, Mapping> = new Map();

    find(addr: Va): Mapping | null {
        for (const m of this.mappings.values()) {
            if (addr >= m.start && addr < m.end) return m;
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
        const count = (size + PAGE_SIZE - 1n) / PAGE_SIZE;
        const end = addr + count * PAGE_SIZE;
        if (end > 0x8000_0000_0000n) throw KernelError.InvalidArgument;
        if ((prot & Permission.READ) === 0n) throw KernelError.InvalidArgument;
        if (file !== null && offset % PAGE_SIZE !== 0n) throw KernelError.InvalidArgument;
        if (file !== null && file.size() === 0n) throw KernelError.InvalidArgument;
        for (const m of this.mappings.values()) {
            if (addr < m.end && m.start < end) throw KernelError.FileExist;
        }

        const done: Va[] = [];
        try {
            for (let i = 0n; i < count; i++) {
                const va = Va.add(addr, i * PAGE_SIZE);
                let page: Page;
                if (file === null) page = Page.new();
                else page = file.mmap(FileBlockNumber.new(offset / PAGE_SIZE + i));
                pageTable.map(va, page, prot);
                done.push(va);
            }
        } catch (e) {
            for (const va of done) pageTable.unmap(va).drop();
            throw e;
        }
        this.mappings.set(addr, new Mapping(addr, end, prot));
        return addr;
    }

    munmap(pageTable: PageTable, addr: Va): bigint {
        const m = this.mappings.get(addr);
        if (m === undefined) throw KernelError.InvalidArgument;
        for (let i = 0n; m.start + i < m.end; i += PAGE_SIZE) {
            pageTable.unmap(Va.add(m.start, i)).drop();
        }
        this.mappings.delete(addr);
        return 0n;
    }

    getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null {
        const m = this.find(addr);
        if (m === null) return null;
        const pa = pageTable.walk(Va.pageDown(addr)).pa();
        if (pa === null) return null;
        return [PageRef.fromPa(pa), m.prot];
    }

    accessOk(va: Va, isWrite: boolean): boolean {
        const m = this.find(va);
        if (m === null) return false;
        return (m.prot & (isWrite ? Permission.WRITE : Permission.READ)) !== 0n;
    }
}
