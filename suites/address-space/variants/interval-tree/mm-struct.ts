/** An address space that asks its pager once a region, if the pager can tell. */
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
    return this.pager.mmap(this.pageTable, addr, size, prot, file, offset);
  }

  getUserPageAnd<R>(addr: Va, f: (page: PageRef, perm: Permission) => R): R {
    const found = this.pager.getUserPage(this.pageTable, addr);
    if (found === null) throw KernelError.BadAddress;
    return f(found[0], found[1]);
  }

  accessOk(start: Va, end: bigint, isWrite: boolean): boolean {
    if (end < start) return false;
    let at: bigint = start;
    do {
      const va = Va.new(at);
      if (va === null) return false;
      const until = this.allowedUntil(va, isWrite);
      if (until === at) return false;
      at = until;
    } while (at < end);
    return true;
  }

  mmap(fileStruct: FileStruct, abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    const unknown = abi.arg3 >> 3n;
    if (addr === null || unknown !== 0n) throw KernelError.InvalidArgument;
    const fd = BigInt.asIntN(32, abi.arg4);
    const prot = abi.arg3 | Permission.USER;
    if (fd === -1n) return this.doMmap(addr, abi.arg2, prot, null, abi.arg5);
    const open = fileStruct.files.get(Number(fd))?.file;
    switch (open?.kind) {
      case 'RegularFile':
        return this.doMmap(addr, abi.arg2, prot, open.file, abi.arg5);
      case 'Directory':
        throw KernelError.IsDirectory;
      case 'Pipe':
      case 'Stdio':
        throw KernelError.NotSupportedOperation;
      default:
        throw KernelError.BadFileDescriptor;
    }
  }

  munmap(abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.NoSuchEntry;
    this.pager.munmap(this.pageTable, addr);
    return 0n;
  }

  private allowedUntil(va: Va, isWrite: boolean): bigint {
    const { pager } = this;
    if (pager instanceof EagerPager) return pager.allowedUntil(va, isWrite);
    return pager.accessOk(va, isWrite) ? (va | 0xfffn) + 1n : va;
  }
}
