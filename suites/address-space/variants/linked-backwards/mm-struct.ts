/** An address space whose range check looks at the far end first. */
import {
  KernelError,
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
    if (end === start) return this.pager.accessOk(start, isWrite);
    const last = Va.new(end - 1n);
    if (last === null || !this.pager.accessOk(last, isWrite)) return false;
    let at: bigint = start;
    while (at <= last) {
      const va = Va.new(at);
      if (va === null || !this.pager.accessOk(va, isWrite)) return false;
      // One byte of each page, wherever in it the range began.
      at += 0x1000n - (at & 0xfffn);
    }
    return true;
  }

  mmap({ files }: FileStruct, { arg1, arg2, arg3, arg4, arg5 }: SyscallAbi): bigint {
    // The descriptor first: with several things wrong, each of their errors is right.
    const fd = Number(arg4 & 0xffff_ffffn) | 0;
    const open = files.get(fd);
    let file: RegularFile | null = null;
    if (open?.file.kind === 'RegularFile') file = open.file.file;
    else if (fd !== -1) throw KernelError.OperationNotPermitted;
    const addr = Va.new(arg1);
    if (addr === null || arg3 > 7n) throw KernelError.InvalidArgument;
    return this.doMmap(addr, arg2, arg3 + Permission.USER, file, file === null ? 0n : arg5);
  }

  munmap({ arg1 }: SyscallAbi): bigint {
    const addr = Va.new(arg1);
    if (addr === null) throw KernelError.BadAddress;
    return this.pager.munmap(this.pageTable, addr);
  }
}
