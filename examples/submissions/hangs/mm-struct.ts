import {
  KernelError,
  PAGE_SIZE,
  Permission,
  Va,
  type FileStruct,
  type PageRef,
  type RegularFile,
  type SyscallAbi,
} from 'keos';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

export class MmStruct<P extends Pager> {
  readonly pageTable: PageTable;
  readonly pager: P;

  constructor(pageTable: PageTable, pager: P) {
    this.pageTable = pageTable;
    this.pager = pager;
  }

  doMmap(
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    return this.pager.mmap(this.pageTable, addr, size, prot, file, offset);
  }

  getUserPageAnd<R>(addr: Va, f: (page: PageRef, perm: Permission) => R): R {
    const found = this.pager.getUserPage(this.pageTable, addr);
    if (found === null) throw KernelError.BadAddress;
    return f(found[0], found[1]);
  }

  accessOk(start: Va, end: bigint, isWrite: boolean): boolean {
    if (end < start) return false;
    if (!this.pager.accessOk(start, isWrite)) return false;
    let next = Va.pageDown(start) + PAGE_SIZE;
    while (next < end) {
      const va = Va.new(next);
      if (va === null) return false;
      if (!this.pager.accessOk(va, isWrite)) return false;
      next += PAGE_SIZE;
    }
    return true;
  }

  mmap(fileStruct: FileStruct, abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    if ((abi.arg3 & ~7n) !== 0n) throw KernelError.InvalidArgument;
    let file: RegularFile | null = null;
    const fd = BigInt.asIntN(32, abi.arg4);
    if (fd !== -1n) {
      const entry = fileStruct.files.get(Number(fd));
      if (entry === undefined) throw KernelError.BadFileDescriptor;
      if (entry.file.kind !== 'RegularFile') throw KernelError.BadFileDescriptor;
      file = entry.file.file;
    }
    return this.doMmap(addr, abi.arg2, abi.arg3 | Permission.USER, file, abi.arg5);
  }

  munmap(abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    return this.pager.munmap(this.pageTable, addr);
  }
}
