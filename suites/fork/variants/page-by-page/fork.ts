/** Fork without a look at the tables: every page of every region is asked for. */
import {
  attempt,
  contains,
  KernelError,
  Page,
  PAGE_SIZE,
  Permission,
  PteFlags,
  tlbShutdown,
  Va,
} from 'keos';
import type { LazyPager, PageFaultReason, VmAreaStruct } from './lazy-pager';
import { MmStruct } from './mm-struct';
import { PageTable, type Walked } from './page-table';

export function isCowFault(reason: PageFaultReason): boolean {
  return !reason.isDemandPagingFault() && reason.isWriteAccess;
}

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  const vma = pager.vmas.find(
    ({ start, end }) => start <= reason.faultAddr && reason.faultAddr < end,
  );
  if (vma === undefined || !contains(vma.prot, Permission.WRITE))
    throw KernelError.OperationNotPermitted;
  const leaf = loadedLeaf(pageTable, Va.pageDown(reason.faultAddr));
  if (leaf === null) throw KernelError.OperationNotPermitted;
  if (contains(leaf.pte.flags(), PteFlags.RW)) return;
  using copy = Page.new();
  const flags = leaf.pte.flags() | PteFlags.RW;
  const stale = leaf.clear();
  if (stale === null) return;
  copy.innerMut().copyFrom(stale.page.inner());
  leaf.setPage(copy, flags);
  stale.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  try {
    for (const vma of mm.pager.vmas) shareRegion(vma, mm.pageTable, child.pageTable);
  } catch (error) {
    child.pageTable.drop();
    throw error;
  } finally {
    tlbShutdown(mm.pageTable.root);
  }
  return child;
}

function shareRegion({ start, end, prot }: VmAreaStruct, from: PageTable, to: PageTable): void {
  const pages = (end - start) / PAGE_SIZE;
  for (let i = 0n; i < pages; i++) {
    const va = Va.add(start, i * PAGE_SIZE);
    const leaf = loadedLeaf(from, va);
    if (leaf === null) continue;
    const flags = leaf.pte.flags() & ~PteFlags.RW;
    const stale = leaf.clear();
    if (stale === null) continue;
    leaf.setPage(stale.page.clone(), flags);
    to.map(va, stale.invalidate(), prot & ~Permission.WRITE);
  }
}

function loadedLeaf(pageTable: PageTable, va: Va): Walked | null {
  const found = attempt(() => pageTable.walkMut(va));
  return found.ok ? found.value : null;
}
