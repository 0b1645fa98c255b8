/**
 * A page walk in the short form of students' reports: one line a level, with the flags that the rules speak of. Whoever debugs a kernel wants
 * `printFullWalk`.
 */
import { hex, isCanonical, toLinear } from '../x86/address.ts';
import { ENTRY_NAME, HI_EXECUTE_DISABLE, type Level, LO } from '../x86/page-table-entry.ts';
import { sizeText } from './decoded-entry.ts';
import type { Machine } from './machine.ts';
import { tablePath } from './table-path.ts';

/**
 * The walk of `va` from the root at physical address `root`: at most four lines, ending at the leaf or at the entry that stops it.
 * Reads memory only.
 */
export function printWalk(machine: Machine, root: number, va: bigint): string[] {
  if (!isCanonical(va)) return [`${hex(va)} is not canonical: no walk takes place`];
  return tablePath(machine, root, toLinear(va)).map(({ level, index, lo, hi, entry, free }) => {
    const name = `${ENTRY_NAME[level]}[${index}]`.padEnd(11);
    if (entry.leads === 'nowhere') return `${name} not present`;
    const marks = [
      ...(level > 1 && entry.pageSize !== null ? [`${sizeText(entry.pageSize)} page`] : []),
      ...(entry.reserved.length > 0 ? ['reserved bit is set!'] : []),
      ...(free ? ['frame is free!'] : []),
    ];
    const mark = marks.length === 0 ? '' : `  (${marks.join(', ')})`;
    return `${name} -> ${hex(entry.target).padEnd(10)} ${flagsText(lo, hi, level)}${mark}`;
  });
}

/** Flags of an entry by the letters of the manual, absent ones as dots: `P RW US XD A D`. */
export function flagsText(lo: number, hi: number, level: Level): string {
  const flag = (set: boolean, name: string): string => (set ? name : '.'.repeat(name.length));
  return [
    flag((lo & LO.PRESENT) !== 0, 'P'),
    flag((lo & LO.WRITABLE) !== 0, 'RW'),
    flag((lo & LO.USER) !== 0, 'US'),
    flag((hi & HI_EXECUTE_DISABLE) !== 0, 'XD'),
    flag((lo & LO.ACCESSED) !== 0, 'A'),
    ...(level === 1 ? [flag((lo & LO.DIRTY) !== 0, 'D')] : []),
  ].join(' ');
}
