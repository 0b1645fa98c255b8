/** Copy-on-write in two faults: one to copy, one to allow. */
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
import { leaves } from './leaves';
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
  const vma = pager.vmaAt(reason.faultAddr);
  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;
  const va = Va.pageDown(reason.faultAddr);
  const leaf = attempt(() => pageTable.walkMut(va));
  // Nothing to copy: the access is repeated, and its next fault says that the page is not there.
  if (!leaf.ok) return;
  const walked = leaf.value;
  const flags = walked.pte.flags();
  if (contains(flags, PteFlags.RW)) return;
  if (pager.copied.delete(va)) {
    walked.pte.setFlags(flags | PteFlags.RW);
    return;
  }
  const copy = Page.new();
  const stale = walked.clear();
  if (stale === null) throw KernelError.InvalidAccess;
  copy.innerMut().copyFrom(stale.page.inner());
  walked.setPage(copy, flags);
  stale.invalidate().drop();
  pager.copied.add(va);
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  // What was copied and not yet allowed is shared again from now on.
  mm.pager.copied.clear();
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  const loaded = [...leaves(mm.pageTable.root)];
  try {
    for (const { va, pte } of loaded) {
      const pa = pte.pa();
      if (pa === null) continue;
      child.pageTable.map(va, PageRef.fromPa(pa).intoPage(), Permission.READ);
      child.pageTable.walk(va).setFlags(pte.flags() & ~PteFlags.RW);
    }
  } catch (error) {
    child.pageTable.drop();
    throw error;
  }
  for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);
  tlbShutdown(mm.pageTable.root);
  return child;
}
