/**
 * # Chapter 2: the address space of a process
 *
 * ## The idea
 *
 * A process has one page table and one pager. Together they are its address space, {@link MmStruct}. Two kinds of callers come to
 * it. The process itself comes through *system calls*, with arguments in registers, any of which may be nonsense or malice. And the
 * kernel comes on behalf of a process: `read(fd, buffer, n)` has to store into memory at an address that the process chose, so
 * it must ask first whether the process could have stored there itself.
 *
 * ## What the machine does
 *
 * A system call arrives as a number and six 64-bit registers (`SyscallAbi`). A register has no type. The same 64 bits may be an
 * address, a count, or a C `int` of which only the lower half counts:
 *
 * ```text
 *           mmap                                    munmap
 *   arg1    address                                 address
 *   arg2    length in bytes
 *   arg3    protection: 1 read, 2 write, 4 execute
 *   arg4    file descriptor, an int: bits 31..0, signed; -1 for no file
 *   arg5    offset into the file, in bytes
 * ```
 *
 * Only `arg4` is an `int`. The others count with all of their 64 bits, and they are unsigned.
 *
 * ## The design here
 *
 * `MmStruct` checks only what it alone can see, the registers and the file descriptor, and leaves everything about regions to the
 * pager. It works with any pager, so it uses nothing but the `Pager` interface: page by page is how it asks, and nobody expects you to add a
 * method for ranges. State of your own belongs into the pager; the grader may put an `MmStruct` around the same page table and pager
 * anew.
 *
 * ## To do
 *
 * - [ ] {@link MmStruct.accessOk}
 * - [ ] {@link MmStruct.mmap}
 * - [ ] {@link MmStruct.munmap}
 *
 * Next: chapter 3, `eager-pager.ts`.
 */
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

/** The address space of a process. */
export class MmStruct<P extends Pager> {
  /** The page table; owned. */
  readonly pageTable: PageTable;
  /** What manages the regions. */
  readonly pager: P;

  /** Given. An address space made of these two. */
  constructor(pageTable: PageTable, pager: P) {
    this.pageTable = pageTable;
    this.pager = pager;
  }

  /** Given. Maps a region; parameters, result and errors as in `Pager.mmap`. */
  doMmap(
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint {
    return this.pager.mmap(this.pageTable, addr, size, prot, file, offset);
  }

  /**
   * Given. Calls `f` with the page at `addr` and the rights of its region, and returns what `f` returns.
   *
   * @throws KernelError.BadAddress if no region contains `addr`; what `Pager.getUserPage` throws.
   */
  getUserPageAnd<R>(addr: Va, f: (page: PageRef, perm: Permission) => R): R {
    const found = this.pager.getUserPage(this.pageTable, addr);
    if (found === null) throw KernelError.BadAddress;
    return f(found[0], found[1]);
  }

  /**
   * Whether the process may access every byte from `start` up to, not including, `end`.
   *
   * True if `Pager.accessOk` agrees for each page that the range touches. The range may span several regions that touch each other.
   * `start` and `end` need not be aligned.
   *
   * - An empty range (`end === start`) counts as its start address: true exactly if `Pager.accessOk` agrees for `start`. The kernel may well
   *   be asked to read 0 bytes, and that must work on a good address.
   * - A reversed range (`end < start`): false.
   * - Going page by page is fine. A range that is allowed as a whole is at most 64 MiB in grading. A larger one, up to all 64 bits,
   *   occurs only where the answer is false early: stop at the first page that is not allowed.
   *
   * Brings in nothing and changes nothing.
   *
   * @param start any address at all.
   * @param end a plain `bigint`, `0n`..`2n ** 64n`, because an exclusive end may be no address: `0x8000_0000_0000n` is none. Mind this
   *   when you step from page to page: `Va.add` panics when it leaves the addresses, `Va.new` returns `null`, and a cast `as Va` asks
   *   nobody.
   */
  accessOk(start: Va, end: bigint, isWrite: boolean): boolean {
    if (end < start) return false;
    if (!this.pager.accessOk(start, isWrite)) return false;
    for (let next = (start | 0xfffn) + 1n; next < end; next += 0x1000n) {
      const va = Va.new(next);
      if (va === null || !this.pager.accessOk(va, isWrite)) return false;
    }
    return true;
  }

  /**
   * The system call `mmap`: maps a region as the registers ask, with the right `USER` added to `arg3`.
   *
   * A file position is neither used nor moved, and it does not matter how the file was opened. For memory without a file (`arg4` is
   * -1) `arg5` does not matter. `arg2` and `arg5` go to the pager as they are, large as they may be.
   *
   * @param fileStruct the open files of the process.
   * @param abi the registers, see the table at the top of this file.
   * @returns **the start address** of the region.
   * @throws KernelError.InvalidArgument, exactly this one, if `arg1` is no virtual address (not canonical: `Va.new` says so), or `arg3` has
   *   bits set other than bits 0, 1 and 2, in any part of the register.
   * @throws any KernelError if `arg4` is neither -1 nor the descriptor of an open *regular* file: unknown, standard input or output, a
   *   directory, a pipe. (`KernelError.BadFileDescriptor` is made for the first.)
   * @throws what `Pager.mmap` throws. If several things are wrong: `pager.ts`, "Which error".
   */
  mmap(fileStruct: FileStruct, abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    if ((abi.arg3 & ~7n) !== 0n) throw KernelError.InvalidArgument;

    let prot: Permission = Permission.USER;
    if ((abi.arg3 & 1n) !== 0n) prot |= Permission.READ;
    if ((abi.arg3 & 2n) !== 0n) prot |= Permission.WRITE;
    if ((abi.arg3 & 4n) !== 0n) prot |= Permission.EXECUTABLE;

    const fd = Number(BigInt.asIntN(32, abi.arg4));
    let file: RegularFile | null = null;
    if (fd !== -1) {
      const kind = fileStruct.files.get(fd)?.file;
      if (kind?.kind !== 'RegularFile') throw KernelError.BadFileDescriptor;
      file = kind.file;
    }
    return this.doMmap(addr, abi.arg2, prot, file, abi.arg5);
  }

  /**
   * The system call `munmap`: removes the region that starts at `arg1`.
   *
   * @returns **`0n`**.
   * @throws any KernelError if `arg1` is no virtual address; what `Pager.munmap` throws.
   */
  munmap(abi: SyscallAbi): bigint {
    const addr = Va.new(abi.arg1);
    if (addr === null) throw KernelError.InvalidArgument;
    return this.pager.munmap(this.pageTable, addr);
  }
}
