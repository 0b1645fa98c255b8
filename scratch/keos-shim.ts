import { keos } from '../reference/emulator/keos/index.ts';
export const { PAGE_SHIFT, PAGE_SIZE, PAGE_MASK, Va, Pa, Kva, PageTableMappingError, KernelError, attempt, todo, contains, Permission, Pml4eFlags, PdpeFlags, PdeFlags, PteFlags, PFErrorCode, Page, PageRef, PageTableRoot, StaleTLBEntry, tlbShutdown, loadPt, readCr3, FileBlockNumber } = keos;
