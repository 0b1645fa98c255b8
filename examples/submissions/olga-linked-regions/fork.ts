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
 * what `tlbShutdown(root)` is for: after the entries have changed, and before anyone relies on it.
 *
 * ## The design here
 *
 * A leaf without `RW` can mean two things: the region is read-only, or the page is shared. The leaf cannot tell them apart (and a page may
 * be shared among more than two, after a fork of a fork). The *region* can: its rights have not changed. So ask the region whether a write is
 * legal, and the leaf only for the frame.
 *
 * Counting owners is done by the frames: each leaf owns one reference. `PageRef.intoPage` or `Page.clone` makes one more, unmapping gives one
 * back. There is no way to ask how many there are, and no need: the last owner may copy like any other.
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
  contains,
  KernelError,
  Page,
  PageRef,
  Permission,
  PteFlags,
  tlbShutdown,
  Va,
} from 'keos';
// This file and lazy-pager.ts import each other. That works because each uses the other only inside functions; at the top level of either
// file the other may not exist yet. `import type` is always safe.
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { MmStruct } from './mm-struct';
import { PageTable } from './page-table';
import { USER_END } from './region';

/** Whether copy-on-write may be the cure for this fault: the page is there, and the access was a write. */
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
 * - Otherwise the address gets a new page with a copy of the *current* bytes (not those that the loader would give), with `RW` and
 *   the other rights as before. The new page is owned by the leaf. The old frame loses the one reference that this leaf owned, and all other
 *   sharers keep it, with its bytes and their read-only leaves. The old translation is invalidated before the old page is released.
 *   If you know that nobody else owns the frame you may give `RW` back instead; then no copy is needed.
 *
 * @param pager the pager of the process.
 * @param pageTable its page table.
 * @param reason a fault for which {@link isCowFault} is true. Its address is not aligned.
 * @throws a KernelError if the write is not legal, and `KernelError.NoMemory` if there is no frame for the copy. After any error the leaf,
 *   its frame and its rights are as before, so that the write can be tried again: take the new page *before* you change the leaf.
 */
export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  const vma = pager.regionAt(reason.faultAddr);
  if (vma === null) throw KernelError.BadAddress;
  if (!contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;

  const found = attempt(() => pageTable.walkMut(Va.pageDown(reason.faultAddr)));
  if (!found.ok) throw KernelError.BadAddress;
  const leaf = found.value;
  const flags = leaf.pte.flags();
  if (contains(flags, PteFlags.RW)) return;

  const copy = Page.new(); // the only step that can fail, before the first change
  const old = leaf.clear();
  if (old !== null) copy.innerMut().copyFrom(old.page.inner());
  leaf.setPage(copy, flags | PteFlags.RW);
  old?.invalidate().drop();
}

/**
 * The memory part of `fork`: makes the address space of the child.
 *
 * When it returns
 * - the child has a page table of its own (`new PageTable()`, with tables of its own) and a clone of the pager;
 * - every page that the parent has loaded is mapped in the child at the same address, on the *same frame*, with the same rights but for
 *   `RW`, which is clear on both sides. That includes pages that were read-only before: they are shared just so, not loaded again;
 * - each shared frame has exactly one owner more, the child's leaf;
 * - pages that were not loaded are loaded in neither;
 * - no processor can write through an old translation of the parent: `tlbShutdown(mm.pageTable.root)`, after the last change.
 *
 * Pages of all regions count, loaded by a fault or by `getUserPage`, at any address of the user half. Pages that an earlier fork
 * has made read-only are shared like any other.
 *
 * @param mm the parent. Its page table is in CR3 here, and maybe on other processors.
 * @returns the child. No processor runs it yet.
 * @throws KernelError.NoMemory if a table of the child cannot be had. Then the child is gone, with everything it owned, and the parent works
 *   as before. Its leaves may have lost `RW` already, since a write cures that; but then a `tlbShutdown` is needed all the same.
 */
export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  // The whole child first. Nothing of the parent has changed if that fails.
  const pageTable = new PageTable();
  try {
    mm.pageTable.forEachLeaf(0n, USER_END, (va, leaf) => {
      const pa = leaf.pa();
      if (pa === null) return;
      const flags = leaf.flags();
      let perm = Permission.READ;
      if (contains(flags, PteFlags.US)) perm |= Permission.USER;
      if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;
      pageTable.map(va, PageRef.fromPa(pa).intoPage(), perm);
    });
  } catch (error) {
    pageTable.drop();
    throw error;
  }

  // Now the parent, and then the translations that its processors remember.
  mm.pageTable.forEachLeaf(0n, USER_END, (_va, leaf) => {
    leaf.word &= ~PteFlags.RW;
  });
  tlbShutdown(mm.pageTable.root);
  return new MmStruct(pageTable, mm.pager.clone());
}
