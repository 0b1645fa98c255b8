import type { PageRef, Permission, RegularFile, Va } from 'keos';
import type { PageTable } from './page-table';

export interface Pager {
  mmap(
    pageTable: PageTable,
    addr: Va,
    size: bigint,
    prot: Permission,
    file: RegularFile | null,
    offset: bigint,
  ): bigint;

  munmap(pageTable: PageTable, addr: Va): bigint;

  getUserPage(pageTable: PageTable, addr: Va): readonly [PageRef, Permission] | null;

  accessOk(va: Va, isWrite: boolean): boolean;

  drop?(): void;
}
