/**
 * A paging-structure entry taken apart, for people and for snapshots: which flags are set, what it leads to, what software keeps in it, and which of
 * its bits the manual reserves.
 *
 * Source: Intel SDM vol. 3A, chapter "Paging", section "4-Level Paging and 5-Level Paging" (the tables of entry formats).
 */
import type { PagingControls } from '../x86/access.ts';
import { SPAN } from '../x86/address.ts';
import { entryAddress, HI_EXECUTE_DISABLE, type Level, LO } from '../x86/page-table-entry.ts';

/** Flags as kernel engineers abbreviate them, in the order in which they are printed. */
export const ENTRY_FLAGS = [
  'P',
  'RW',
  'US',
  'PWT',
  'PCD',
  'A',
  'D',
  'PS',
  'PAT',
  'G',
  'XD',
] as const;
/** Name of a flag. */
export type EntryFlag = (typeof ENTRY_FLAGS)[number];

/** An entry, decoded. Plain data but for `word`. */
export interface DecodedEntry {
  readonly word: bigint;
  /** What it is for the processor: nothing, the way to a further structure, or a page. */
  readonly leads: 'nowhere' | 'to-table' | 'to-page';
  /** Flags that are set and mean something in this entry, in the order of {@link ENTRY_FLAGS}. */
  readonly flags: readonly EntryFlag[];
  /** Physical address of the structure or page; 0 if it leads nowhere. */
  readonly target: number;
  /** Bytes of the page; `null` unless it leads to one. */
  readonly pageSize: number | null;
  /** Numbers of the bits set that the processor ignores, for software to use. */
  readonly available: readonly number[];
  /** Bits set that the manual reserves: any access by way of the entry faults. */
  readonly reserved: readonly ReservedBits[];
}

/** Bits set that must not be, and why. */
export interface ReservedBits {
  readonly bits: readonly number[];
  readonly why: string;
}

/** The PAT flag of a large page, bit 12; in a PTE it is bit 7. Source: Intel SDM vol. 3A, section "Paging and Memory Typing". */
const LARGE_PAT = 1 << 12;
/** Ignored in every entry: bits 9..11 and 52..62 (protection keys and HLAT paging are not emulated). */
const ALWAYS_AVAILABLE = [9, 10, 11, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62];
/** Ignored too in an entry that leads to a structure: those of D and G. */
const AVAILABLE_IN_LINK = [6, 8];

/** Decodes the halves of an entry of `level`. */
export function decodeEntry(
  lo: number,
  hi: number,
  level: Level,
  controls: PagingControls,
): DecodedEntry {
  const word = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  if ((lo & LO.PRESENT) === 0) {
    // All other bits of an entry that is not present are ignored.
    const available = bitsOf(word);
    return {
      word,
      leads: 'nowhere',
      flags: [],
      target: 0,
      pageSize: null,
      available,
      reserved: [],
    };
  }
  const isLeaf = level === 1 || (level < 4 && (lo & LO.PAGE_SIZE) !== 0);
  const ignored = isLeaf ? ALWAYS_AVAILABLE : [...AVAILABLE_IN_LINK, ...ALWAYS_AVAILABLE];
  const address = entryAddress(lo, hi);
  return {
    word,
    leads: isLeaf ? 'to-page' : 'to-table',
    flags: flagsOf(lo, hi, level, isLeaf),
    target: isLeaf ? Math.floor(address / SPAN[level]) * SPAN[level] : address,
    pageSize: isLeaf ? SPAN[level] : null,
    available: bitsOf(word).filter((bit) => ignored.includes(bit)),
    reserved: reservedOf(word, level, controls),
  };
}

/** Flags that are set and mean something, of a present entry. */
function flagsOf(lo: number, hi: number, level: Level, isLeaf: boolean): EntryFlag[] {
  const pat = level === 1 ? LO.PAGE_SIZE : LARGE_PAT;
  const isSet: Readonly<Record<EntryFlag, boolean>> = {
    P: true,
    RW: (lo & LO.WRITABLE) !== 0,
    US: (lo & LO.USER) !== 0,
    PWT: (lo & LO.WRITE_THROUGH) !== 0,
    PCD: (lo & LO.CACHE_DISABLE) !== 0,
    A: (lo & LO.ACCESSED) !== 0,
    D: isLeaf && (lo & LO.DIRTY) !== 0,
    PS: level > 1 && (lo & LO.PAGE_SIZE) !== 0,
    PAT: isLeaf && (lo & pat) !== 0,
    G: isLeaf && (lo & LO.GLOBAL) !== 0,
    XD: (hi & HI_EXECUTE_DISABLE) !== 0,
  };
  return ENTRY_FLAGS.filter((flag) => isSet[flag]);
}

/** The reserved bits that a present entry has set. Says the same as `hasReservedBit` of the walker, in words and not in a hurry. */
function reservedOf(word: bigint, level: Level, controls: PagingControls): ReservedBits[] {
  const { nxe, maxPhyAddr } = controls;
  const isLargePage = (level === 3 || level === 2) && ((word >> 7n) & 1n) === 1n;
  const within = (from: number, to: number): number[] =>
    bitsOf(word).filter((bit) => bit >= from && bit <= to);
  const found: ReservedBits[] = [
    { bits: level === 4 ? within(7, 7) : [], why: 'PS, which a PML4E cannot have' },
    {
      bits: isLargePage ? within(13, level === 3 ? 29 : 20) : [],
      why: `below the address of a ${sizeText(SPAN[level])} page`,
    },
    { bits: within(maxPhyAddr, 51), why: `address beyond MAXPHYADDR ${String(maxPhyAddr)}` },
    { bits: nxe ? [] : within(63, 63), why: 'XD, while EFER.NXE is clear' },
  ];
  return found.filter(({ bits }) => bits.length > 0);
}

/** The size of a page in words: `4 KiB`, `2 MiB`, `1 GiB`. */
export function sizeText(bytes: number): string {
  return bytes === SPAN[3] ? '1 GiB' : bytes === SPAN[2] ? '2 MiB' : '4 KiB';
}

/** Numbers of the bits that are set in a word, ascending. */
function bitsOf(word: bigint): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < 64; bit++) if (((word >> BigInt(bit)) & 1n) === 1n) bits.push(bit);
  return bits;
}
