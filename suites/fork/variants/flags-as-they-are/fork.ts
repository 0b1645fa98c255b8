/** Fork leaf by leaf: each page is shared, protected and invalidated before the next one is looked at. */
import {
  attempt,
  contains,
  KernelError,
  Page,
  PageRef,
  Permission,
  PteFlags,
  StaleTLBEntry,
  Va,
} from 'keos';
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { leaves } from './leaves';
import { MmStruct } from './mm-struct';
import { PageTable } from './page-table';

export function isCowFault(reason: PageFaultReason): boolean {
  return reason.isWriteAccess && reason.isPresent;
}

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  const vma = pager.vmaAt(reason.faultAddr);
  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;
  const va = Va.pageDown(reason.faultAddr);
  const leaf = attempt(() => pageTable.walk(va));
  const pa = leaf.ok ? leaf.value.pa() : null;
  // Gone since the fault was taken: then it is a matter of loading.
  if (!leaf.ok || pa === null) return pager.doLazyLoad(pageTable, reason);
  const flags = leaf.value.flags();
  if (contains(flags, PteFlags.RW)) return;
  const copy = Page.new();
  copy.innerMut().copyFrom(PageRef.fromPa(pa).inner());
  leaf.value.setPa(copy.intoRaw()).setFlags((flags | PteFlags.RW) & ~(PteFlags.A | PteFlags.D));
  StaleTLBEntry.new(va, Page.fromPa(pa)).invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  try {
    for (const { va, pte } of leaves(mm.pageTable.root)) {
      const pa = pte.pa();
      if (pa === null) continue;
      const page = PageRef.fromPa(pa).intoPage();
      child.pageTable.map(va, page, Permission.READ);
      pte.setFlags(pte.flags() & ~PteFlags.RW);
      child.pageTable.walk(va).setFlags(pte.flags());
      StaleTLBEntry.new(va, PageRef.fromPa(pa).intoPage()).invalidate().drop();
    }
  } catch (error) {
    child.pageTable.drop();
    throw error;
  }
  return child;
}
