/** What the tables say about an address, without an access: no rights are asked for, no flag is set. */
import type { PagingControls } from '../x86/access.ts';
import { SPAN, tableIndex } from '../x86/address.ts';
import { entryAddress, HI_EXECUTE_DISABLE, type Level, LO } from '../x86/page-table-entry.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import { hasReservedBit, type Translation } from './walker.ts';

/**
 * The translation of a signed linear address from `root`, or `null` where an entry is absent or malformed. Source: as for `walk`, but for "Accessed and
 * Dirty Flags".
 */
export function peek(
  memory: PhysicalMemory,
  root: number,
  linear: number,
  controls: PagingControls,
): Translation | null {
  const rights = { writable: true, user: true, executable: true };
  for (let table = root, level: Level = 4; ; level = (level - 1) as Level) {
    const at = table + tableIndex(linear, level) * 8;
    const [lo, hi] = [memory.readU32(at), memory.readU32(at + 4)];
    if ((lo & LO.PRESENT) === 0 || hasReservedBit(lo, hi, level, controls)) return null;
    rights.writable &&= (lo & LO.WRITABLE) !== 0;
    rights.user &&= (lo & LO.USER) !== 0;
    rights.executable &&= (hi & HI_EXECUTE_DISABLE) === 0;
    table = entryAddress(lo, hi);
    if (level > 1 && (lo & LO.PAGE_SIZE) === 0) continue;
    const span = SPAN[level];
    return {
      ...rights,
      base: Math.floor(table / span) * span,
      span,
      dirty: (lo & LO.DIRTY) !== 0,
      global: controls.pge && (lo & LO.GLOBAL) !== 0,
    };
  }
}

/** Whether a cached translation says no more about a signed linear address than `now`, what the tables say: same byte, no right that they do not give, no dirty flag that was cleared. */
export function agrees(
  cached: Translation & { readonly distance: number },
  linear: number,
  now: Translation | null,
): boolean {
  return (
    now !== null &&
    physicalOf(now, linear) === linear + cached.distance &&
    (now.writable || !cached.writable) &&
    (now.user || !cached.user) &&
    (now.executable || !cached.executable) &&
    // Another processor may have set it; software that clears it has to tell.
    (now.dirty || !cached.dirty)
  );
}

/** The physical address that a translation gives for a signed linear address. */
export function physicalOf({ base, span }: Translation, linear: number): number {
  return base + linear - Math.floor(linear / span) * span;
}
