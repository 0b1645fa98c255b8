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
import { PAGE } from './words';

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
    const last = end > start ? end - 1n : start;
    for (let page = Va.pageDown(start) as bigint; page <= last; page += PAGE) {
      const va = Va.new(page);
      if (va === null || !this.pager.accessOk(va, isWrite)) return false;
    }
    return true;
  }

  mmap({ files }: FileStruct, { arg1, arg2, arg3, arg4, arg5 }: SyscallAbi): bigint {
    const addr = Va.new(arg1);
    if (addr === null || arg3 >= 8n) throw KernelError.InvalidArgument;
    const fd = Number(BigInt.asIntN(32, arg4));
    let file: RegularFile | null = null;
    if (fd !== -1) {
      const kind = files.get(fd)?.file;
      if (kind?.kind !== 'RegularFile') throw KernelError.BadFileDescriptor;
      file = kind.file;
    }
    return this.doMmap(addr, arg2, arg3 | Permission.USER, file, arg5);
  }

  munmap({ arg1 }: SyscallAbi): bigint {
    const addr = Va.new(arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    return this.pager.munmap(this.pageTable, addr);
  }
}
