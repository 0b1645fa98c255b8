// Project: fork
import { KernelError, Page, PageRef, Permission, Va, attempt, tlbShutdown } from 'keos';
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { MmStruct } from './mm-struct';
import { PageTable } from './page-table';
import { PAGE, RW } from './words';

export const isCowFault = (reason: PageFaultReason): boolean =>
  reason.isPresent && reason.isWriteAccess;

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  const area = pager.at(reason.faultAddr);
  if (!area || !area.may(Permission.WRITE)) throw KernelError.InvalidAccess;

  const va = Va.pageDown(reason.faultAddr);
  const leaf = attempt(() => pageTable.walkMut(va));
  if (!leaf.ok) throw KernelError.InvalidAccess;
  const flags = leaf.value.pte.flags();
  if (flags & RW) return;

  const copy = Page.new();
  const stale = leaf.value.clear()!;
  copy.innerMut().copyFrom(stale.page.inner());
  leaf.value.setPage(copy, flags | RW);
  stale.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  const protect: (() => void)[] = [];
  try {
    for (const area of mm.pager.areas) {
      for (let a = area.from; a < area.to; a += PAGE) {
        const leaf = attempt(() => mm.pageTable.walk(a as Va));
        if (!leaf.ok) continue;
        const pte = leaf.value;
        const page = PageRef.fromPa(pte.pa()!).intoPage();
        child.pageTable.map(a as Va, page, area.rights & ~Permission.WRITE);
        protect.push(() => (pte.word &= ~RW));
      }
    }
  } catch (error) {
    // nothing of the parent has changed yet
    child.pageTable.drop();
    throw error;
  }
  for (const f of protect) f();
  tlbShutdown(mm.pageTable.root);
  return child;
}
