/** Copy-on-write on the entries themselves. Whatever changes, all processors forget everything. */
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

export function isCowFault({ isPresent, isWriteAccess }: PageFaultReason): boolean {
  return isPresent && isWriteAccess;
}

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  tlbShutdown(pageTable.root);
  const vma = pager.vmaAt(reason.faultAddr);
  if (vma === null || !contains(vma.prot, Permission.WRITE)) throw KernelError.BadAddress;
  const leaf = attempt(() => pageTable.walk(Va.pageDown(reason.faultAddr)));
  if (!leaf.ok) throw KernelError.BadAddress;
  const pte = leaf.value;
  const flags = pte.flags();
  const pa = pte.pa();
  if (contains(flags, PteFlags.RW) || pa === null) return;
  const copy = Page.new();
  const old = PageRef.fromPa(pa).inner();
  for (let at = 0; at < old.length; at += 8) copy.innerMut().writeU64(at, old.readU64(at));
  pte.setPa(copy.intoRaw()).setFlags(flags | PteFlags.RW);
  tlbShutdown(pageTable.root);
  Page.fromPa(pa).drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  tlbShutdown(mm.pageTable.root);
  try {
    for (const { va, pte } of leaves(mm.pageTable.root)) {
      const pa = pte.pa();
      if (pa === null) continue;
      pte.setFlags(pte.flags() & ~PteFlags.RW);
      child.pageTable.map(va, PageRef.fromPa(pa).intoPage(), Permission.READ);
      child.pageTable.walk(va).setFlags(pte.flags());
    }
  } catch (error) {
    tlbShutdown(mm.pageTable.root);
    child.pageTable.drop();
    throw error;
  }
  tlbShutdown(mm.pageTable.root);
  tlbShutdown(child.pageTable.root);
  return child;
}
