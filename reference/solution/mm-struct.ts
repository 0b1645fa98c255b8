/** The address space of a process: a page table and the policy that fills it. */
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

const PROT_MASK = Permission.READ | Permission.WRITE | Permission.EXECUTABLE;

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
    return f(...found);
  }

  accessOk(start: Va, end: bigint, isWrite: boolean): boolean {
    // The first page is asked for even if the range is empty.
    if (end < start || !this.pager.accessOk(start, isWrite)) return false;
    for (let at = Va.pageDown(start) + PAGE_SIZE; at < end; at += PAGE_SIZE) {
      const va = Va.new(at);
      if (va === null || !this.pager.accessOk(va, isWrite)) return false;
    }
    return true;
  }

  mmap(fileStruct: FileStruct, abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    const prot = abi.arg3;
    if (addr === null || (prot & ~PROT_MASK) !== 0n) throw KernelError.InvalidArgument;
    const file = fileToMap(fileStruct, BigInt.asIntN(32, abi.arg4));
    return this.doMmap(addr, abi.arg2, prot | Permission.USER, file, abi.arg5);
  }

  munmap(abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    return this.pager.munmap(this.pageTable, addr);
  }
}

/** The file behind descriptor `fd`; `null` for -1, which asks for anonymous memory. */
function fileToMap({ files }: FileStruct, fd: bigint): RegularFile | null {
  if (fd === -1n) return null;
  const open = files.get(Number(fd));
  if (open === undefined) throw KernelError.BadFileDescriptor;
  if (open.file.kind !== 'RegularFile') throw KernelError.InvalidArgument;
  return open.file.file;
}
