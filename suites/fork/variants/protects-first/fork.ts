/** Protect, shoot down, share: in this order nothing can be written while it is shared. */
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
  if (!pager.accessOk(reason.faultAddr, true)) throw KernelError.InvalidAccess;
  const va = Va.pageDown(reason.faultAddr);
  const found = attempt(() => pageTable.walk(va));
  if (!found.ok) throw KernelError.InvalidAccess;
  const flags = found.value.flags();
  const pa = found.value.pa();
  if (pa === null || contains(flags, PteFlags.RW)) return;
  let perm = Permission.READ | Permission.WRITE;
  if (contains(flags, PteFlags.US)) perm |= Permission.USER;
  if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;
  const copy = Page.new();
  copy.innerMut().copyFrom(PageRef.fromPa(pa).inner());
  // unmap may free tables that map then makes again, so the old page is put back if that fails.
  const old = pageTable.unmap(va);
  try {
    pageTable.map(va, copy, perm);
  } catch (error) {
    pageTable.map(va, old, perm & ~Permission.WRITE);
    throw error;
  }
  old.drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  for (const { pte } of leaves(mm.pageTable.root)) pte.setFlags(pte.flags() & ~PteFlags.RW);
  tlbShutdown(mm.pageTable.root);
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  try {
    for (const { va, pte } of leaves(mm.pageTable.root)) {
      const pa = pte.pa();
      const prot = mm.pager.vmaAt(va)?.prot ?? Permission.READ;
      if (pa !== null)
        child.pageTable.map(va, PageRef.fromPa(pa).intoPage(), prot & ~Permission.WRITE);
    }
    return child;
  } catch (error) {
    child.pageTable.drop();
    throw error;
  }
}
