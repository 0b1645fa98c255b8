/** An address space that takes no pager but an EagerPager. */
import {
  KernelError,
  Permission,
  Va,
  type FileStruct,
  type PageRef,
  type RegularFile,
  type SyscallAbi,
} from 'keos';
import { EagerPager } from './eager-pager';
import type { PageTable } from './page-table';
import type { Pager } from './pager';

export class MmStruct<P extends Pager> {
  constructor(
    readonly pageTable: PageTable,
    readonly pager: P,
  ) {}

  doMmap(
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    return EagerPager.of(this.pager).mmap(this.pageTable, addr, size, prot, file, offset);
  }

  getUserPageAnd<R>(addr: Va, f: (page: PageRef, perm: Permission) => R): R {
    const found = this.pager.getUserPage(this.pageTable, addr);
    if (found === null) throw KernelError.BadAddress;
    return f(...found);
  }

  accessOk(start: Va, end: bigint, isWrite: boolean): boolean {
    return end >= start && EagerPager.covers(this.pager, start, end, isWrite);
  }

  mmap({ files }: FileStruct, { arg1, arg2, arg3, arg4, arg5 }: SyscallAbi): bigint {
    const addr = Va.new(arg1);
    if (addr === null || arg3 > 7n) throw KernelError.InvalidArgument;
    const prot = arg3 | Permission.USER;
    const fd = Number(BigInt.asIntN(32, arg4));
    if (fd === -1) return this.doMmap(addr, arg2, prot, null, arg5);
    const open = files.get(fd)?.file;
    if (open?.kind !== 'RegularFile') throw KernelError.BadFileDescriptor;
    return this.doMmap(addr, arg2, prot, open.file, arg5);
  }

  munmap({ arg1 }: SyscallAbi): bigint {
    const addr = Va.new(arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    return EagerPager.remove(EagerPager.of(this.pager), this.pageTable, addr);
  }
}
