/** What `walk` and `walkMut` show of a leaf entry, held against what was mapped. */
import { hex } from '../../reference/x86/address.ts';
import type { PageTableOp } from '../protocol/program.ts';
import type { EntrySeen } from '../protocol/trace.ts';
import type { Mismatch } from './mismatch.ts';
import type { Mapped } from './page-table-model.ts';
import { permissionText } from './words.ts';

/** Flags that the hardware sets: accessed and dirty. */
const HARDWARE = 0x60n;

/** What is wrong with the entry itself: it is not the live one, or leads elsewhere. */
export function entryMismatch(
  op: PageTableOp,
  { live, frame }: EntrySeen,
  mapped: Mapped,
): Mismatch | null {
  if (!live)
    return {
      rule: op.op === 'walk' ? 'PT-12' : 'PT-13',
      summary: 'the entry returned is not the one in the page table',
      expected: 'a view of the leaf entry itself',
      observed: 'a view of another entry',
    };
  if (frame === mapped.frame) return null;
  return {
    rule: 'PT-3',
    summary: 'the entry leads to another frame',
    expected: `an entry for ${mapped.label} (frame ${hex(mapped.frame)})`,
    observed: frame === null ? 'an entry without P' : `an entry for frame ${hex(frame)}`,
  };
}

/** Flags that do not say what was asked for. A fresh entry that no processor has used must have exactly the defined bits. */
export function flagsMismatch({ flags: seen }: EntrySeen, mapped: Mapped): Mismatch | null {
  const flags = BigInt(seen) & (mapped.touched ? ~HARDWARE : ~0n);
  const exact = exactFlags(mapped.perm);
  if (flags === exact) return null;
  return {
    rule: 'PT-4',
    summary: `the leaf entry does not say ${permissionText(mapped.perm)}`,
    expected: `flags ${flagNames(exact)}`,
    observed: `flags ${flagNames(flags)}`,
  };
}

/** The exact flag word of a fresh leaf: present, RW = WRITE, US = USER, XD unless EXECUTABLE. */
function exactFlags(perm: number): bigint {
  return (
    1n |
    ((perm & 2) !== 0 ? 2n : 0n) |
    ((perm & 8) !== 0 ? 4n : 0n) |
    ((perm & 4) !== 0 ? 0n : 1n << 63n)
  );
}

function flagNames(flags: bigint): string {
  const names: [bigint, string][] = [
    [1n, 'P'],
    [2n, 'RW'],
    [4n, 'US'],
    [0x20n, 'A'],
    [0x40n, 'D'],
    [1n << 63n, 'XD'],
  ];
  const known = names.filter(([bit]) => (flags & bit) !== 0n).map(([, name]) => name);
  const rest = names.reduce((left, [bit]) => left & ~bit, flags);
  return [...known, ...(rest === 0n ? [] : [hex(rest)])].join(' | ') || 'none';
}
