/** Ada's fork. */
import { contains, KernelError, Page, PageRef, Permission, PteFlags, tlbShutdown, Va } from 'keos';
import { PAGE_SIZE } from 'keos';
import { vaOf } from './bits';
import { leafAt, type LazyPager, type PageFaultReason, type VmAreaStruct } from './lazy-pager';
import { MmStruct } from './mm-struct';
import { PageTable, Walked } from './page-table';

export function isCowFault(reason: PageFaultReason): boolean {
  return reason.isPresent && reason.isWriteAccess;
}

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  if (!pager.regions.permits(reason.faultAddr, true)) throw KernelError.InvalidAccess;
  const va = Va.pageDown(reason.faultAddr);
  const pte = leafAt(pageTable, va);
  if (pte === null) throw KernelError.BadAddress;
  const flags = pte.flags();
  if (contains(flags, PteFlags.RW)) return; // somebody did it already

  const mine = Page.new(); // may throw, nothing has happened so far
  const walked = new Walked(va, pte);
  const stale = walked.clear();
  if (stale === null) throw new Error('unreachable');
  mine.innerMut().copyFrom(stale.page.inner());
  walked.setPage(mine, flags | PteFlags.RW);
  stale.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  try {
    for (const region of mm.pager.regions) shareRegion(mm.pageTable, child.pageTable, region);
  } catch (error) {
    child.pageTable.drop();
    throw error;
  } finally {
    // also after a failure: some leaves of the parent have lost RW by then
    tlbShutdown(mm.pageTable.root);
  }
  return child;
}

/** Pages are only mapped inside of regions, so going through the regions finds all of them. */
function shareRegion(parent: PageTable, child: PageTable, region: VmAreaStruct): void {
  for (let at = region.start; at < region.end; at += PAGE_SIZE) {
    const va = vaOf(at);
    const pte = leafAt(parent, va);
    const pa = pte?.pa() ?? null;
    if (pte === null || pa === null) continue;
    child.map(va, PageRef.fromPa(pa).intoPage(), region.prot & ~Permission.WRITE);
    pte.setFlags(pte.flags() & ~PteFlags.RW);
  }
}
