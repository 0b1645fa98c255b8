/** Chapter 5: fork and copy-on-write. */
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
import { USER_END } from './regions';

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
  const region = pager.findRegion(reason.faultAddr);
  if (region === null) throw KernelError.BadAddress;
  if (!contains(region.prot, Permission.WRITE)) throw KernelError.InvalidAccess;

  const va = Va.pageDown(reason.faultAddr);
  const found = attempt(() => pageTable.walkMut(va));
  if (!found.ok) throw KernelError.BadAddress;
  const leaf = found.value;
  const flags = leaf.pte.flags();
  if (contains(flags, PteFlags.RW)) return; // out of date

  const copy = Page.new(); // the only step that can fail
  const stale = leaf.clear();
  if (stale === null) {
    copy.drop();
    throw KernelError.BadAddress;
  }
  copy.innerMut().copyFrom(stale.page.inner());
  leaf.setPage(copy, flags | PteFlags.RW);
  stale.invalidate().drop();
}

/** The rights of a leaf with these flags, without `WRITE`. */
function sharedRights(flags: PteFlags): Permission {
  let perm = Permission.READ;
  if (contains(flags, PteFlags.US)) perm |= Permission.USER;
  if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;
  return perm;
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
  const child = new PageTable();
  try {
    for (const { va, pte } of mm.pageTable.leavesIn(0n, USER_END)) {
      const pa = pte.pa();
      if (pa === null) continue;
      const flags = pte.flags();
      child.map(va, PageRef.fromPa(pa).intoPage(), sharedRights(flags));
      if (contains(flags, PteFlags.RW)) pte.setFlags(flags & ~PteFlags.RW);
    }
  } catch (error) {
    child.drop();
    throw error;
  } finally {
    // Some leaves have lost RW also if this failed.
    tlbShutdown(mm.pageTable.root);
  }
  return new MmStruct(child, mm.pager.clone());
}
