/** Copy-on-write in small steps: the bytes are saved on a scratch page before anything changes. */
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
  type PageBytes,
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
  if (vma === null) throw KernelError.BadAddress;
  if (!contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;
  const va = Va.pageDown(reason.faultAddr);
  const leaf = attempt(() => pageTable.walkMut(va));
  if (!leaf.ok) throw KernelError.BadAddress;
  if (contains(leaf.value.pte.flags(), PteFlags.RW)) return;

  using scratch = Page.new();
  const page = Page.new();
  const flags = leaf.value.pte.flags();
  const stale = leaf.value.clear();
  if (stale === null) {
    page.drop();
    throw KernelError.BadAddress;
  }
  copyBytes(stale.page.inner(), scratch.innerMut());
  stale.invalidate().drop();
  copyBytes(scratch.inner(), page.innerMut());
  leaf.value.setPage(page, flags | PteFlags.RW);
}

function copyBytes(from: PageBytes, to: PageBytes): void {
  for (let i = 0; i < 4096; i++) to.set(i, from.get(i));
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const pageTable = new PageTable();
  const loaded = [...leaves(mm.pageTable.root)].reverse();
  const failed = attempt(() => {
    for (const { va, pte } of loaded) {
      const pa = pte.pa();
      const flags = pte.flags();
      if (pa === null) continue;
      const perm =
        Permission.READ |
        (contains(flags, PteFlags.XD) ? 0n : Permission.EXECUTABLE) |
        (contains(flags, PteFlags.US) ? Permission.USER : 0n);
      pageTable.map(va, PageRef.fromPa(pa).intoPage(), perm);
    }
  });
  if (!failed.ok) {
    pageTable.drop();
    throw KernelError.NoMemory;
  }
  for (const { pte } of loaded) pte.setFlags(pte.flags() & ~PteFlags.RW);
  tlbShutdown(mm.pageTable.root);
  return new MmStruct(pageTable, mm.pager.clone());
}
