import {
  contains,
  Page,
  PageRef,
  PageTableRoot,
  Permission,
  PteFlags,
  tlbShutdown,
  Va,
  type Pte,
} from 'keos';
// This file and lazy-pager.ts import each other. That works because each uses the other only inside functions; at the top level of either
// file the other may not exist yet. `import type` is always safe.
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
  const vma = pager.findVma(reason.faultAddr);
  if (vma === null) throw 'no mapping';
  if (!contains(vma.prot, Permission.WRITE)) throw 'access denied';

  const va = Va.pageDown(reason.faultAddr);
  if (!pager.isLoaded(pageTable, va)) throw 'no mapping';
  const walked = pageTable.walkMut(va);
  const flags = walked.pte.flags();
  if (contains(flags, PteFlags.RW)) return; // somebody else was faster

  const newPage = Page.new();
  const old = walked.clear();
  if (old === null) {
    newPage.drop();
    throw 'no mapping';
  }
  newPage.innerMut().copyFrom(old.page.inner());
  walked.setPage(newPage, flags | PteFlags.RW);
  old.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const childTable = new PageTable();
  const child = new MmStruct(childTable, mm.pager.clone());
  try {
    // everything in the user half
    const root = mm.pageTable.root;
    for (let i = 0; i < PageTableRoot.KBASE; i++) {
      if (root.at(i).pa() === null) continue;
      const pdp = root.at(i).intoPdp();
      for (let j = 0; j < 512; j++) {
        if (pdp.at(j).pa() === null) continue;
        const pd = pdp.at(j).intoPd();
        for (let k = 0; k < 512; k++) {
          if (pd.at(k).pa() === null) continue;
          const pt = pd.at(k).intoPtMut();
          for (let l = 0; l < 512; l++) {
            const va = Va.new(
              (BigInt(i) << 39n) | (BigInt(j) << 30n) | (BigInt(k) << 21n) | (BigInt(l) << 12n),
            );
            if (va !== null) sharePage(childTable, va, pt.at(l));
          }
        }
      }
    }
  } catch (e) {
    tlbShutdown(mm.pageTable.root);
    childTable.drop();
    throw e;
  }
  tlbShutdown(mm.pageTable.root);
  return child;
}

function sharePage(childTable: PageTable, va: Va, pte: Pte): void {
  const pa = pte.pa();
  if (pa === null) return;
  const flags = pte.flags();
  let perm = Permission.READ;
  if (contains(flags, PteFlags.US)) perm |= Permission.USER;
  if (!contains(flags, PteFlags.XD)) perm |= Permission.EXECUTABLE;
  childTable.map(va, PageRef.fromPa(pa).intoPage(), perm);
  pte.setFlags(flags & ~PteFlags.RW);
}
