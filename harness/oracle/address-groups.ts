/** Addresses of a program that belong together: a region with all that lies in it, or a page outside of any. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, Op, Program } from '../protocol/program.ts';

/** Ranges that only a call that must refuse them ever has are not taken apart. */
const HUGE = 1n << 32n;

/** Whole pages from `start` up to `end`. */
export interface AddressGroup {
  readonly start: bigint;
  readonly end: bigint;
}

/** The groups of a program, none of which overlap. Ascending. */
export function addressGroups({ ops }: Program): readonly AddressGroup[] {
  const regions = ops.flatMap((op): AddressGroup[] => {
    if (op.op !== 'mmap' && op.op !== 'sys-mmap' && op.op !== 'register-lazy') return [];
    const start = BigInt(op.addr) & ~0xfffn;
    const size = (BigInt(op.size) + 0xfffn) & ~0xfffn;
    return size < HUGE ? [{ start, end: start + (size === 0n ? 0x1000n : size) }] : [];
  });
  const groups = joined(regions);
  const isInside = (address: bigint): boolean =>
    groups.some(({ start, end }) => address >= start && address < end);
  const others = new Set<bigint>();
  for (const op of ops) {
    const address = addressOf(op);
    if (address !== null && !isInside(address)) others.add(address & ~0xfffn);
  }
  const pages = [...others].map((start) => ({ start, end: start + 0x1000n }));
  return [...groups, ...pages].sort(byStart);
}

function byStart(a: AddressGroup, b: AddressGroup): number {
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}

/** Regions that overlap are one. */
function joined(regions: readonly AddressGroup[]): readonly AddressGroup[] {
  const result: AddressGroup[] = [];
  for (const region of [...regions].sort(byStart)) {
    const last = result.at(-1);
    if (last === undefined || region.start >= last.end) result.push(region);
    else if (region.end > last.end) result[result.length - 1] = { ...last, end: region.end };
  }
  return result;
}

function addressOf(op: Op): bigint | null {
  if ('va' in op) return BigInt(op.va);
  return 'addr' in op ? BigInt(op.addr) : null;
}

/** The program in which every address from `start` up to `end` is `by` higher. */
export function shifted(program: Program, start: bigint, end: bigint, by: bigint): Program {
  const moved = (address: Hex): Hex => {
    const value = BigInt(address);
    return value >= start && value < end ? (hex(value + by) as Hex) : address;
  };
  const ops = program.ops.map((op): Op => {
    if (op.op === 'mark-cow-range')
      return {
        ...op,
        pages: op.pages.map((page) => ({ ...page, va: moved(page.va) })),
      };
    if ('va' in op && 'addr' in op) return { ...op, va: moved(op.va), addr: moved(op.addr) };
    if ('va' in op) return { ...op, va: moved(op.va) };
    if (op.op === 'access-range') {
      const addr = moved(op.addr);
      const end = BigInt(op.end) + BigInt(addr) - BigInt(op.addr);
      return { ...op, addr, end: hex(end < 0n ? 0n : end) as Hex };
    }
    return 'addr' in op ? { ...op, addr: moved(op.addr) } : op;
  });
  return { ...program, ops };
}
