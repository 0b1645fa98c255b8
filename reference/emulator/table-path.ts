/** The entries on the way from a root to an address, decoded, for whoever prints them. Reads memory only. */
import { KEOS_CONTROLS, type PagingControls } from '../x86/access.ts';
import { tableIndex } from '../x86/address.ts';
import { type Level, PAGE_SIZE } from '../x86/page-table-entry.ts';
import { decodeEntry, type DecodedEntry } from './decoded-entry.ts';
import type { Machine } from './machine.ts';

/** One entry on the way. */
export interface PathStep {
  readonly level: Level;
  readonly index: number;
  /** Physical address of the entry. */
  readonly at: number;
  readonly lo: number;
  readonly hi: number;
  readonly entry: DecodedEntry;
  /** It leads to a frame that is free: what lies there is no structure any more. */
  readonly free: boolean;
}

/** The entries that a walk for `linear` from `root` reads, top level first, up to the page or to what stops it: an absent or malformed entry, a free frame. */
export function tablePath(
  { memory, frames }: Machine,
  root: number,
  linear: number,
  controls: PagingControls = KEOS_CONTROLS,
): PathStep[] {
  const path: PathStep[] = [];
  for (let table = root, level: Level = 4; ; level = (level - 1) as Level) {
    const index = tableIndex(linear, level);
    const at = table + index * 8;
    const [lo, hi] = [memory.readU32(at), memory.readU32(at + 4)];
    const entry = decodeEntry(lo, hi, level, controls);
    const free =
      entry.leads !== 'nowhere' && frames.get(entry.target / PAGE_SIZE)?.references === 0;
    path.push({ level, index, at, lo, hi, entry, free });
    if (entry.leads !== 'to-table' || entry.reserved.length > 0 || free) return path;
    table = entry.target;
  }
}
