/**
 * # The interface between a process and a paging policy
 *
 * Given; there is nothing to write in this file, though you may (say, a helper for both pagers). `EagerPager` (chapter 3) and `LazyPager`
 * (chapter 4) implement it. Your pagers may have more public fields and methods than the interface; the grader does not call them.
 *
 * A page table knows *pages*. A process asks for *regions*: "64 KiB here, readable and writable, from this file". A pager stands
 * between the two. It remembers the regions, and it decides when a page of a region gets a frame.
 *
 * Rules for both pagers:
 *
 * - A region is a run of whole pages in user space, and two regions of a process never overlap.
 * - A page is mapped only where there is a region, never with more rights than the region has.
 * - An operation that throws has changed nothing: same regions, same mappings, same bytes, no frame leaked. Trying again later
 *   works. (Empty tables may stay behind.)
 * - `Page.new()`, and so `pageTable.map()` and `file.mmap()`, may throw `KernelError.NoMemory` at any call; a file may throw
 *   `KernelError.IOError`. Undo what you have done, and let the `KernelError` out.
 * - What leaves a pager is always a `KernelError`. A `PageTableMappingError` is between you and the page table.
 * - The page table passed in is that of the process, and the processor that runs your call has it in CR3. It may run on other
 *   processors as well.
 * - Everything that is mapped in the user half of that page table was mapped by this pager, or by the fork that made it. A pager never meets
 *   mappings of anyone else.
 * - `prot` has no bits but `READ`, `WRITE`, `EXECUTABLE` and `USER`.
 *
 * # Which error
 *
 * - Where the documentation says *exactly this one*, it is that error. Where it says *any KernelError*, choose.
 * - A call may be wrong in several ways. A pager looks at the arguments before it compares with other regions: what asks for exactly
 *   `InvalidArgument` goes before an overlap. In all other cases each of the errors named for what is wrong is right, whatever you check
 *   first; so it is with the system calls of chapter 2, where a bad register and a bad region may come together.
 * - A call that must be refused is refused before memory or a file is needed: `NoMemory` and `IOError` are no answers to bad arguments.
 * - `PageTable` has an order of its own: `PageTable.doMap`.
 *
 * # How large regions get
 *
 * A region that has to be mapped, unmapped or forked is at most 64 MiB (16384 pages). A loop over its pages is within the budget of calls
 * (README, "Bounded work"). Larger sizes, up to `2n ** 64n - 1n`, occur only where `mmap` must refuse.
 */
import type { PageRef, Permission, RegularFile, Va } from 'keos';
import type { PageTable } from './page-table';

export interface Pager {
  /**
   * Maps a region.
   *
   * @param addr first address of the region.
   * @param size bytes, `0n`..`2n ** 64n - 1n`. Rounded up to whole pages; all of the last page belongs to the region.
   * @param prot rights of the region. `USER` is not required. `WRITE` together with `EXECUTABLE` is fine.
   * @param file where the contents come from; `null` for zeros. Read it with `file.mmap(block)`, one 4096-byte block a page: the page
   *   it gives you can be mapped as it is, writable too. The mapping is private: stores never reach the file, and it does not matter
   *   how the file was opened.
   * @param offset byte of the file at which the region begins, `0n`..`2n ** 64n - 1n`; page `i` of the region shows the block `offset /
   *   4096 + i`. (`offset + size` is at most 2^64 where the call must succeed.) Not looked at without a file.
   *
   * @returns **the start address**, `addr`: not the number of bytes. (Accounts of KeOS differ on this point; here it is the address.)
   *
   * @throws KernelError.InvalidArgument, exactly this one (see "Which error" at the top of this file), if
   *   - `addr` is 0, not a multiple of 4096, or in the kernel half;
   *   - the region would reach beyond user space, however large `size` is. (A `bigint` does not wrap around; your checks should
   *     rely on that.) It *may* end exactly at `0x8000_0000_0000`, the end of user space, which is no `Va`: keep ends as `bigint`.
   *   - `prot` lacks `READ`;
   *   - there is a file and `offset` is not a multiple of 4096.
   * @throws any KernelError if
   *   - `size` is 0;
   *   - the region would overlap another. Touching one is fine;
   *   - the file is empty (its size is 0).
   *
   * No error: an offset past the end of the file, or a region longer than the file. Bytes past its end read as zero.
   */
  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint;

  /**
   * Removes the region that starts exactly at `addr`, all of it.
   *
   * Afterwards none of its pages is mapped, no processor translates them, each frame has lost the one reference that the leaf owned
   * (other owners keep it), the region is forgotten, and the range can be mapped afresh. Other regions are untouched.
   *
   * Never fails for lack of memory.
   *
   * @param addr any address at all, of either half, aligned or not.
   * @returns **`0n`**: not the number of bytes.
   * @throws any KernelError if no region starts at `addr`: nothing is there, it was unmapped before, or `addr` is inside a region.
   */
  munmap(pageTable: PageTable, addr: Va): bigint;

  /**
   * The page at `addr`, for the kernel to look into, with the rights of its region.
   *
   * The page is *borrowed*, so its reference count stays as it is (`PageRef.fromPa`). The view begins at the start of the page
   * also if `addr` does not.
   *
   * @param addr any address at all, of either half; it need not be aligned.
   * @returns the page and the `prot` of the region as given to `mmap` (not what the leaf allows at the moment), or `null` if no
   *   region contains `addr`.
   * @throws a KernelError if the page has to be brought in first and that fails; nothing has changed then. (To return `null` is
   *   accepted there, too.)
   */
  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null;

  /**
   * Whether a process may access `va`: true if a region contains it and has `WRITE` (if `isWrite`) or `READ` (if not).
   *
   * Answers from the regions alone: it gets no page table, brings in nothing and changes nothing. `USER` does not matter.
   *
   * @param va any address at all, of either half.
   */
  accessOk(va: Va, isWrite: boolean): boolean;

  /**
   * Optional. The process ends: give back pages that you hold in fields of your own. Pages mapped in the page table are not among
   * them, since `PageTable.drop`, which comes next, gives those back. Called once, when no processor runs the process any more.
   */
  drop?(): void;
}
