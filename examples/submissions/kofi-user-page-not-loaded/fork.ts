// fork.ts - Kofi
import { KernelError, Page, PageRef, Permission, PteFlags, Va, contains, tlbShutdown } from 'keos';
import type { LazyPager, PageFaultReason } from './lazy-pager';
import { MmStruct } from './mm-struct';
import { PageTable } from './page-table';
import { forEachPage, lookup } from './util';

export function isCowFault(reason: PageFaultReason): boolean {
	return reason.isPresent && reason.isWriteAccess;
}

export function doCopyOnWrite(
	pager: LazyPager,
	pageTable: PageTable,
	reason: PageFaultReason,
): void {
	const vma = pager.vmaOf(reason.faultAddr);
	if (vma === null) throw KernelError.BadAddress;
	if (!contains(vma.prot, Permission.WRITE)) throw KernelError.InvalidAccess;

	const va = Va.pageDown(reason.faultAddr);
	const pte = lookup(pageTable, va);
	if (pte === null) throw KernelError.BadAddress;
	const flags = pte.flags();
	if (contains(flags, PteFlags.RW)) return; // already done

	const copy = Page.new();
	const walked = pageTable.walkMut(va);
	const old = walked.clear();
	if (old !== null) {
		copy.innerMut().copyFrom(old.page.inner());
		walked.setPage(copy, flags | PteFlags.RW);
		old.invalidate().drop();
	}
}

export function writeProtectPtes(mm: MmStruct<LazyPager>): MmStruct<LazyPager> {
	const parent = mm.pageTable;
	const child = new PageTable();
	const pager = mm.pager.clone();
	try {
		for (const vma of mm.pager.vmas.values()) {
			forEachPage(vma.start, vma.nPages, (va) => {
				const pte = lookup(parent, va);
				const pa = pte === null ? null : pte.pa();
				if (pte === null || pa === null) return; // not loaded
				const page = PageRef.fromPa(pa).intoPage(); // one more owner, for the child
				child.map(va, page, vma.prot & ~Permission.WRITE);
				pte.setFlags(pte.flags() & ~PteFlags.RW);
			});
		}
	} catch (err) {
		tlbShutdown(parent.root);
		child.drop();
		throw err;
	}
	tlbShutdown(parent.root);
	return new MmStruct(child, pager);
}
