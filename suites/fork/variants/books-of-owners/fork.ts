/** Copy-on-write by books: a page is copied only while somebody else has it. */
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
  type Pa,
} from 'keos';
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { leaves } from './leaves';
import { MmStruct } from './mm-struct';
import { isAlone, left, shared } from './owners';
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
  const leaf = attempt(() => pageTable.walkMut(va));
  if (!leaf.ok) throw KernelError.InvalidAccess;
  const { pte } = leaf.value;
  const pa = pte.pa();
  if (pa === null || contains(pte.flags(), PteFlags.RW)) return;
  if (isAlone(pa)) {
    // Only a right is added: what processors remember makes them fault once more at most.
    pte.setFlags(pte.flags() | PteFlags.RW);
    return;
  }
  const flags = pte.flags();
  const copy = Page.new();
  copy.innerMut().copyFrom(PageRef.fromPa(pa).inner());
  const stale = leaf.value.clear();
  leaf.value.setPage(copy, flags | PteFlags.RW);
  stale?.invalidate().drop();
  left(pa);
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  const counted: Pa[] = [];
  try {
    for (const { va, pte } of [...leaves(mm.pageTable.root)]) {
      const pa = pte.pa();
      if (pa === null) continue;
      const flags = pte.flags();
      let perm = Permission.READ;
      if (contains(flags, PteFlags.US)) perm |= Permission.USER;
      if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;
      child.pageTable.map(va, PageRef.fromPa(pa).intoPage(), perm);
      shared(pa);
      counted.push(pa);
      pte.setFlags(flags & ~PteFlags.RW);
    }
  } catch (error) {
    for (const pa of counted) left(pa);
    child.pageTable.drop();
    throw error;
  } finally {
    tlbShutdown(mm.pageTable.root);
  }
  child.pager.pageTable = child.pageTable;
  return child;
}
