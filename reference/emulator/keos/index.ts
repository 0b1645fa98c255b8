/** The `keos` module as student code receives it, checked against the contract. */
import type * as contract from '../../contract/keos.ts';
import { FileBlockNumber, Kva, Pa, Va } from './addresses.ts';
import { attempt, KernelError, PageTableMappingError, todo } from './errors.ts';
import {
  contains,
  PdeFlags,
  PdpeFlags,
  Permission,
  PFErrorCode,
  Pml4eFlags,
  PteFlags,
} from './flags.ts';
import { Page, PageRef } from './page.ts';
import { PageTableRoot } from './page-table-root.ts';
import { loadPt, readCr3, StaleTLBEntry, tlbShutdown } from './tlb.ts';

type Contract = typeof contract;
/** The contract's values; for a class its static side, since nobody outside constructs one. */
type Surface = {
  [K in keyof Contract]: Contract[K] extends (...args: never[]) => unknown
    ? Contract[K]
    : Contract[K] extends { prototype: unknown }
      ? Omit<Contract[K], 'prototype'>
      : Contract[K];
};

export const keos: Surface = {
  PAGE_SHIFT: 12n,
  PAGE_SIZE: 0x1000n,
  PAGE_MASK: 0xfffn,
  Va,
  Pa,
  Kva,
  PageTableMappingError,
  KernelError,
  attempt,
  todo,
  contains,
  Permission,
  Pml4eFlags,
  PdpeFlags,
  PdeFlags,
  PteFlags,
  PFErrorCode,
  Page,
  PageRef,
  PageTableRoot,
  StaleTLBEntry,
  tlbShutdown,
  loadPt,
  readCr3,
  FileBlockNumber,
};
