/** Ada's MmStruct: checks registers, the rest is the pager's business. */
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
import { USER_TOP } from './bits';
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
    if (end < start || start >= USER_TOP || end > USER_TOP) return false;
    let page: bigint = start; // the first one as it is, so that an empty range asks for its start
    do {
      const va = Va.new(page);
      if (va === null || !this.pager.accessOk(va, isWrite)) return false;
      page = Va.pageDown(va) + PAGE_SIZE;
    } while (page < end);
    return true;
  }

  mmap(fileStruct: FileStruct, abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null || abi.arg3 > 7n) throw KernelError.InvalidArgument;
    const file = this.#fileFor(fileStruct, BigInt.asIntN(32, abi.arg4));
    return this.doMmap(addr, abi.arg2, abi.arg3 | Permission.USER, file, abi.arg5);
  }

  munmap(abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    return this.pager.munmap(this.pageTable, addr);
  }

  #fileFor(fileStruct: FileStruct, fd: bigint): RegularFile | null {
    if (fd === -1n) return null;
    const open = fileStruct.files.get(Number(fd))?.file;
    if (open === undefined) throw KernelError.BadFileDescriptor;
    if (open.kind === 'RegularFile') return open.file;
    throw KernelError.InvalidArgument;
  }
}
