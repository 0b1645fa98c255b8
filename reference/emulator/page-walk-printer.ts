/** A page walk as a kernel engineer would want it in a terminal: one line a level, flags decoded. */
import { hex, isCanonical, tableIndex, toLinear } from '../x86/address.ts';
import {
  entryAddress,
  ENTRY_NAME,
  HI_EXECUTE_DISABLE,
  type Level,
  LO,
  PAGE_SIZE,
} from '../x86/page-table-entry.ts';
import type { Machine } from './machine.ts';

/**
 * The walk of `va` from the root at physical address `root`: at most four lines, ending at the leaf or at the entry that stops it.
 * Reads memory only.
 */
export function printWalk(machine: Machine, root: number, va: bigint): string[] {
  if (!isCanonical(va)) return [`${hex(va)} is not canonical: no walk takes place`];
  const linear = toLinear(va);
  const lines: string[] = [];
  let table = root;
  for (let level: Level = 4; ; level = (level - 1) as Level) {
    const index = tableIndex(linear, level);
    const lo = machine.memory.readU32(table + index * 8);
    const hi = machine.memory.readU32(table + index * 8 + 4);
    const name = `${ENTRY_NAME[level]}[${String(index)}]`.padEnd(11);
    if ((lo & LO.PRESENT) === 0) return [...lines, `${name} not present`];
    const target = entryAddress(lo, hi);
    const free = (machine.frames.get(target / PAGE_SIZE)?.references ?? 1) === 0;
    lines.push(
      `${name} -> ${hex(target).padEnd(10)} ${flagsText(lo, hi, level)}${free ? '  (frame is free!)' : ''}`,
    );
    if (level === 1 || (lo & LO.PAGE_SIZE) !== 0 || free) return lines;
    table = target;
  }
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
