/** Fork as a copy of the tables: each table of the parent gets a twin in the child, and both twins lead to the same pages. */
import {
  attempt,
  contains,
  KernelError,
  Page,
  PageRef,
  PageTableRoot,
  Permission,
  PteFlags,
  tlbShutdown,
  Va,
  type Entry,
  type Table,
} from 'keos';
import type { LazyPager, PageFaultReason } from './lazy-pager';
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
  const flags = leaf.value.pte.flags();
  if (contains(flags, PteFlags.RW)) return;
  const copy = Page.new();
  const stale = leaf.value.clear();
  if (stale === null) throw KernelError.InvalidAccess;
  copy.innerMut().copyFrom(stale.page.inner());
  leaf.value.setPage(copy, flags | PteFlags.RW);
  stale.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  try {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {
      const pml4e = mm.pageTable.root.at(i);
      if (pml4e.pa() === null) continue;
      const twin = child.pageTable.root.indexMut(i);
      addTable(twin, pml4e);
      twinTables(pml4e.intoPdp(), twin.intoPdpMut(), (pdpe, pdpeTwin) =>
        twinTables(pdpe.intoPd(), pdpeTwin.intoPdMut(), (pde, pdeTwin) =>
          sharePages(pde.intoPt(), pdeTwin.intoPtMut()),
        ),
      );
    }
  } catch (error) {
    child.pageTable.drop();
    throw error;
  } finally {
    tlbShutdown(mm.pageTable.root);
  }
  return child;
}

/** Gives `twin` a new, empty table with the rights of `original`. */
function addTable(twin: Entry<bigint>, original: Entry<bigint>): void {
  twin.setPa(Page.new().intoRaw()).setFlags(original.flags());
}

/** Gives each table that `from` leads to a twin in `to`, and goes on below. */
function twinTables<E extends Entry<bigint>>(
  from: Table<E>,
  to: Table<E>,
  below: (entry: E, twin: E) => void,
): void {
  for (let i = 0; i < 512; i++) {
    if (from.at(i).pa() === null) continue;
    addTable(to.at(i), from.at(i));
    below(from.at(i), to.at(i));
  }
}

function sharePages<E extends Entry<bigint>>(from: Table<E>, to: Table<E>): void {
  for (let i = 0; i < 512; i++) {
    const pte = from.at(i);
    const pa = pte.pa();
    if (pa === null) continue;
    pte.setFlags(pte.flags() & ~PteFlags.RW);
    to.at(i).setPa(PageRef.fromPa(pa).intoPage().intoRaw()).setFlags(pte.flags());
  }
}
