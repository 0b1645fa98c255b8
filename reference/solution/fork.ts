/** Fork with copy-on-write: parent and child share every loaded page read-only until one of them writes. */
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
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { leaves, type Leaf } from './leaves';
import { MmStruct } from './mm-struct';
import { PageTable } from './page-table';

export function isCowFault(reason: PageFaultReason): boolean {
  return reason.isPresent && reason.isWriteAccess;
}

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  // The region decides, never the entry: after a fork both sides' entries are read-only. Asked first, it also keeps us out of the kernel half.
  const vma = pager.vmaAt(reason.faultAddr);
  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;

  const va = Va.pageDown(reason.faultAddr);
  const leaf = attempt(() => pageTable.walkMut(va));
  if (!leaf.ok) throw KernelError.InvalidAccess;
  const walked = leaf.value;
  const flags = walked.pte.flags();
  // Another thread was faster, or the fault came from a stale translation, which the fault itself removed.
  if (contains(flags, PteFlags.RW)) return;

  // Allocated before anything changes: this is the only step that can fail.
  const copy = Page.new();
  const stale = walked.clear();
  if (stale === null) throw new Error('doCopyOnWrite: the leaf that was walked to is not present');
  copy.innerMut().copyFrom(stale.page.inner());
  walked.setPage(copy, flags | PteFlags.RW);
  stale.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  const loaded = [...leaves(mm.pageTable.root)];
  // What can fail comes first and changes only the child, so that a failed fork leaves the parent as it was.
  try {
    for (const leaf of loaded) share(leaf, child.pageTable);
  } catch (error) {
    child.pageTable.drop();
    throw error;
  }
  for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);
  // Processors that run the parent may still hold writable translations of pages that the child now sees.
  tlbShutdown(mm.pageTable.root);
  return child;
}

/** Maps the frame of `leaf` in `table` too, with the same rights but for writing. */
function share({ va, pte }: Leaf, table: PageTable): void {
  const pa = pte.pa();
  if (pa === null) return;
  const flags = pte.flags();
  let perm = Permission.READ;
  if (contains(flags, PteFlags.US)) perm |= Permission.USER;
  if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;
  table.map(va, PageRef.fromPa(pa).intoPage(), perm);
}
