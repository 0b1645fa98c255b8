/** Copy-on-write with marks in the bits of the leaf that are free for software. */
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

/** The frame may be somebody else's, too. */
const SHARED: PteFlags = 1n << 9n;
/** The leaf had RW before it was shared. */
const WAS_WRITABLE: PteFlags = 1n << 10n;
/** Set in copies, for whoever looks at a page walk. */
const COPIED: PteFlags = 1n << 52n;

export function isCowFault(reason: PageFaultReason): boolean {
  return reason.isPresent && reason.isWriteAccess;
}

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  { faultAddr }: PageFaultReason,
): void {
  const prot = pager.vmaAt(faultAddr)?.prot ?? 0n;
  if (!contains(prot, Permission.WRITE)) throw KernelError.InvalidAccess;
  const found = attempt(() => pageTable.walkMut(Va.pageDown(faultAddr)));
  if (!found.ok) throw KernelError.BadAddress;
  const walked = found.value;
  const flags = walked.pte.flags();
  if (contains(flags, PteFlags.RW)) return;
  const restored = (flags & ~(SHARED | WAS_WRITABLE)) | PteFlags.RW;
  // Without the mark nobody has the frame but this leaf: only RW is missing.
  if (!contains(flags, SHARED)) {
    walked.pte.setFlags(restored);
    return;
  }
  const copy = Page.new();
  const stale = walked.clear();
  if (stale === null) throw KernelError.InvalidAccess;
  copy.innerMut().copyFrom(stale.page.inner());
  walked.setPage(copy, restored | COPIED);
  stale.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  try {
    for (const { va, pte } of leaves(mm.pageTable.root)) {
      const pa = pte.pa();
      if (pa === null) continue;
      const flags = pte.flags();
      const mark = SHARED | (contains(flags, PteFlags.RW) ? WAS_WRITABLE : 0n);
      child.pageTable.map(va, PageRef.fromPa(pa).intoPage(), Permission.READ);
      child.pageTable.walk(va).setFlags((flags | mark) & ~PteFlags.RW);
      pte.setFlags((flags | mark) & ~PteFlags.RW);
    }
  } catch (error) {
    child.pageTable.drop();
    tlbShutdown(mm.pageTable.root);
    throw error;
  }
  tlbShutdown(mm.pageTable.root);
  return child;
}
