/**
 * # Chapter 5: fork and copy-on-write
 *
 * ## The idea
 *
 * `fork` makes a second process that is a copy of the first: same memory, same contents, and from then on separate. Copying all of the memory
 * would be slow, and mostly for nothing, because the child often throws it away at once. So neither side gets a copy. Both map the *same*
 * frames, and both lose the right to write. As long as they only read, nobody can tell. The first write is a page fault, and only
 * then the writer gets a copy of that one page.
 *
 * ## What the machine does
 *
 * It enforces the rights of the leaf, and knows nothing of fork. A write to a present leaf without `RW` faults:
 *
 * ```text
 *   before            after fork                      after a write by the parent
 *
 *   parent RW -> A    parent R- --.                   parent RW -> B   (copy of A, then written)
 *                                  >-> A  (2 owners)
 *                     child  R- --'                   child  R- -> A   (1 owner)
 * ```
 *
 * Taking `RW` away from an entry is a change that processors do not notice. Any of them that runs the parent, perhaps on another thread
 * of it, may hold the old translation with the right to write, and would go on writing into the frame that is now the child's, too. That is
 * what `tlbShutdown(root)` is for: after the entries have changed, and before your call ends.
 *
 * ## The design here
 *
 * A leaf without `RW` can mean two things: the region is read-only, or the page is shared. The leaf cannot tell them apart (and a page may
 * be shared among more than two, after a fork of a fork). The *region* can: its rights have not changed. So ask the region whether a write is
 * legal, and the leaf only for the frame.
 *
 * Counting owners is done by the frames: each leaf owns one reference. `PageRef.intoPage` or `Page.clone` makes one more, unmapping
 * gives one back. There is no way to ask how many there are, and no need: a writer that is the last owner copies like any other, and
 * the old frame becomes free.
 *
 * ## An example
 *
 * A parent has two loaded pages: `p` in a region with `READ` and `WRITE`, on frame A, and `q` in a region with `READ` alone, on frame
 * Q. The numbers are the reference counts.
 *
 * ```text
 *                                  p in the     p in the     q in the    q in the
 *                                  parent       child        parent      child         A   B   C   Q
 *   before                         RW -> A      -            R- -> Q     -             1   -   -   1
 *   fork                           R- -> A      R- -> A      R- -> Q     R- -> Q       2   -   -   2
 *   the child writes p: fault      R- -> A      RW -> B      R- -> Q     R- -> Q       1   1   -   2
 *   the child writes p again       (no fault: its leaf has RW)                         1   1   -   2
 *   the parent writes p: fault     RW -> C      RW -> B      R- -> Q     R- -> Q       0   1   1   2
 *   the child writes q: fault      (refused: the region has no WRITE)                  0   1   1   2
 *   the child exits                RW -> C      -            R- -> Q     -             0   0   1   1
 * ```
 *
 * And the third line in slow motion. In your hands or in a leaf, each reference has an owner at every moment:
 *
 * ```text
 *                                               owners of A                     owners of B
 *   copy = Page.new()                           2: both leaves                  1: copy
 *   stale = walked.clear()                      2: the parent's leaf, stale     1: copy
 *   copy the bytes of stale.page                2                               1
 *   walked.setPage(copy, flags)                 2                               1: the child's leaf
 *   old = stale.invalidate()                    2: the parent's leaf, old       1
 *   old.drop()                                  1: the parent's leaf            1
 * ```
 *
 * ## To do
 *
 * - [ ] {@link isCowFault}
 * - [ ] {@link doCopyOnWrite}
 * - [ ] {@link writeProtectPtes}
 * - [ ] `LazyPager.clone` and `VmAreaStruct.clone` in `lazy-pager.ts`
 *
 * This is the last chapter.
 */
import {
  attempt,
  KernelError,
  Page,
  PageRef,
  Permission,
  PteFlags,
  tlbShutdown,
  type Pa,
  type Pte,
  type Va,
} from 'keos';
// This file and lazy-pager.ts import each other. That works because each uses the other only inside functions; at the top level of either
// file the other may not exist yet. `import type` is always safe.
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { MmStruct } from './mm-struct';
import { PageTable } from './page-table';
import { asKernelError } from './ranges';

/**
 * Whether copy-on-write may be the cure for this fault: the page is there, and the access was a write. (Whether the write is legal is for
 * {@link doCopyOnWrite} to find out.)
 */
export function isCowFault(reason: PageFaultReason): boolean {
  return reason.isPresent && reason.isWriteAccess;
}

/**
 * Handles a write to a page that is present: gives the process a page of its own that it may write.
 *
 * In this order:
 * - The region of the address decides. If there is none, or it lacks `WRITE`, throw, and leave everything as it is. (Programs do
 *   write to kernel addresses; the page there is present, too. Do not look it up in the page table.)
 * - If the leaf is not there, throw. If it has `RW` by now, the fault is out of date: return without a copy.
 * - Otherwise the address gets a new page with a copy of the *current* bytes (not those that the loader would give). Its leaf has `RW`,
 *   and `US` and `XD` as before; `A`, `D` and the bits that are free for software are as you like. The new page is owned by the leaf.
 *   The old frame loses the one reference that this leaf owned, and all other sharers keep it, with its bytes and their read-only
 *   leaves. The old translation is invalidated before the old page is released.
 *
 * Copy also if this process may be the last owner: owners cannot be counted. (Only if you keep books of your own, and they are right
 * after every fork, unmap and exit, may you give `RW` back to the frame instead.)
 *
 * @param pager the pager of the process.
 * @param pageTable its page table.
 * @param reason a fault for which {@link isCowFault} is true. Its address is not aligned.
 * @throws any KernelError if the write is not legal, and `KernelError.NoMemory` if there is no frame for the copy. After any error the leaf,
 *   its frame and its rights are as before, so that the write can be tried again: take the new page *before* you change the leaf.
 */
export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  const region = pager.findRegion(reason.faultAddr);
  if (region === null) throw KernelError.BadAddress;
  if (!region.allows(Permission.WRITE)) throw KernelError.InvalidAccess;

  const found = attempt(() => pageTable.walkMut((reason.faultAddr & ~0xfffn) as Va));
  if (!found.ok) throw KernelError.BadAddress;
  const walked = found.value;
  const pa = walked.pte.pa();
  if (pa === null) throw KernelError.BadAddress;
  const had = walked.pte.flags();
  if ((had & PteFlags.RW) !== 0n) return;
  const flags = PteFlags.P | PteFlags.RW | (had & (PteFlags.US | PteFlags.XD));

  if (!pager.isFrameShared(pa)) {
    // All others have left: the frame is this process's alone, and so it needs no copy.
    pager.leaveFrame(pa);
    walked.setFlags(flags);
    tlbShutdown(pageTable.root);
    return;
  }

  const copy = Page.new();
  const stale = walked.clear();
  if (stale === null) {
    copy.drop();
    throw KernelError.BadAddress;
  }
  copy.innerMut().copyFrom(stale.page.inner());
  walked.setPage(copy, flags);
  const old = stale.invalidate();
  pager.leaveFrame(pa);
  old.drop();
}

/**
 * The memory part of `fork`: makes the address space of the child.
 *
 * When it returns
 * - the child has a page table of its own (`new PageTable()`, with tables of its own) and a clone of the pager;
 * - every page that the parent has loaded is mapped in the child at the same address, on the *same frame*, with the rights of the
 *   parent's leaf (`US`, `XD`) but for `RW`, which is clear on both sides. `A`, `D` and the bits that are free for software need not be
 *   the same. That includes pages that were read-only before: they are shared just so, not loaded again;
 * - each shared frame has exactly one owner more, the child's leaf;
 * - pages that were not loaded are loaded in neither;
 * - no processor can write through an old translation of the parent: `tlbShutdown(mm.pageTable.root)`, after the last change.
 *
 * Pages of all regions count, loaded by a fault or by `getUserPage`, at any address of the user half. Pages that an earlier fork has
 * made read-only are shared like any other. Find them by the present entries of the page table, or by the pages of each region: a
 * region is at most 64 MiB, and both are within the budget. (All pages of user space are not.)
 *
 * `new PageTable()` never throws. The tables below it come from `Page.new()` (in `PageTable.map`), and those may.
 *
 * @param mm the parent. Its page table is in CR3 here, and maybe on other processors.
 * @returns the child. No processor runs it yet.
 * @throws KernelError.NoMemory if a table of the child cannot be had. Then the child is gone, with everything it owned: call `drop()`
 *   of its page table, and of its pager, if that holds pages of its own (nobody else will). The parent works as before. Its leaves may
 *   have lost `RW` already, since a write cures that; but then a `tlbShutdown` is needed all the same, before or after the child is
 *   dropped.
 */
export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());

  // First all that can fail. The parent, and the books, do not change until it is done.
  const shared: { readonly pa: Pa; readonly pte: Pte; readonly flags: PteFlags }[] = [];
  const done = attempt(() => {
    for (const [va, pte] of mm.pageTable.leaves()) {
      const pa = pte.pa();
      if (pa === null) continue;
      const flags = pte.flags();
      let perm: Permission = Permission.READ;
      if ((flags & PteFlags.US) !== 0n) perm |= Permission.USER;
      if ((flags & PteFlags.XD) === 0n) perm |= Permission.EXECUTABLE;
      child.pageTable.map(va, PageRef.fromPa(pa).intoPage(), perm);
      shared.push({ pa, pte, flags });
    }
  });
  if (!done.ok) {
    child.pager.drop();
    child.pageTable.drop();
    throw asKernelError(done.error);
  }

  for (const { pa, pte, flags } of shared) {
    if ((flags & PteFlags.RW) !== 0n) pte.setFlags(flags & ~PteFlags.RW);
    mm.pager.shareFrame(pa, child.pager);
  }
  tlbShutdown(mm.pageTable.root);
  return child;
}
