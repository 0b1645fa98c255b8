/** Fork by words: every table of the parent is written once more for the child, word by word, through the bytes of its page. */
import {
  attempt,
  contains,
  KernelError,
  Pa,
  Page,
  PageRef,
  PageTableRoot,
  Permission,
  PteFlags,
  tlbShutdown,
  Va,
} from 'keos';
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { MmStruct } from './mm-struct';
import { PageTable } from './page-table';

/** Bits 12 to 51 of an entry. */
const ADDRESS = 0x000f_ffff_ffff_f000n;
/** Marks of ours in bits that the hardware ignores: the frame was shared by a fork; the page is a copy. */
const SHARED = 1n << 11n;
const COPIED = 1n << 58n;

export function isCowFault(reason: PageFaultReason): boolean {
  return reason.isPresent && reason.isWriteAccess;
}

export function doCopyOnWrite(
  pager: LazyPager,
  pageTable: PageTable,
  reason: PageFaultReason,
): void {
  if (!pager.accessOk(reason.faultAddr, true)) throw KernelError.InvalidAccess;
  const leaf = attempt(() => pageTable.walkMut(Va.pageDown(reason.faultAddr)));
  if (!leaf.ok) throw KernelError.InvalidAccess;
  const { word } = leaf.value.pte;
  if (contains(word, PteFlags.RW)) return;
  const copy = Page.new();
  const stale = leaf.value.clear();
  if (stale === null) throw KernelError.InvalidAccess;
  copy.innerMut().copyFrom(stale.page.inner());
  leaf.value.setPage(copy, (word & ~ADDRESS & ~SHARED) | PteFlags.RW | COPIED);
  stale.invalidate().drop();
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
  const child = new MmStruct(new PageTable(), mm.pager.clone());
  try {
    for (let i = 0; i < PageTableRoot.KBASE; i++) {
      const { word } = mm.pageTable.root.at(i);
      if (!contains(word, PteFlags.P)) continue;
      addTwin(word, 3, (twin) => {
        child.pageTable.root.indexMut(i).word = twin;
      });
    }
  } catch (error) {
    child.pageTable.drop();
    throw error;
  } finally {
    tlbShutdown(mm.pageTable.root);
  }
  return child;
}

/** Makes a twin of the table that `word` leads to. It is linked before it is filled, so that all of it can be found and freed. */
function addTwin(word: bigint, level: number, link: (word: bigint) => void): void {
  const page = Page.new();
  const from = PageRef.fromPa(address(word)).innerMut();
  const to = page.innerMut();
  link(page.intoRaw() | (word & ~ADDRESS));
  for (let at = 0; at < 4096; at += 8) {
    const entry = from.readU64(at);
    if (!contains(entry, PteFlags.P)) continue;
    if (level > 1) {
      addTwin(entry, level - 1, (twin) => to.writeU64(at, twin));
      continue;
    }
    const shared = (entry & ~PteFlags.RW & ~COPIED) | SHARED;
    from.writeU64(at, shared);
    const owner = PageRef.fromPa(address(entry)).intoPage();
    to.writeU64(at, owner.intoRaw() | (shared & ~ADDRESS));
  }
}

function address(word: bigint): Pa {
  return Pa.new(word & ADDRESS)!;
}
