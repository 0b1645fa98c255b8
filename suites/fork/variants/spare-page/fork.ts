/** Copy-on-write with a page in reserve: a copy fails only if there is neither a reserve nor memory. */
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
  const leaf = attempt(() => pageTable.walkMut(Va.pageDown(reason.faultAddr)));
  if (!leaf.ok) throw KernelError.InvalidAccess;
  const walked = leaf.value;
  const flags = walked.pte.flags();
  if (contains(flags, PteFlags.RW)) return;
  const copy = pager.spare ?? Page.new();
  pager.spare = null;
  const stale = walked.clear();
  if (stale === null) throw KernelError.InvalidAccess;
  copy.innerMut().copyFrom(stale.page.inner());
  walked.setPage(copy, flags | PteFlags.RW);
  stale.invalidate().drop();
  reserve(pager);
}

/** Takes a page for the next copy, if there is one to be had. */
function reserve(pager: LazyPager): void {
  const page = attempt(() => Page.new());
  if (page.ok) pager.spare = page.value;
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
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
