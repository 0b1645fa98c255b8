/** Programs in which one region of memory is smaller, or one access goes to an earlier page of its region. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, Op, Program } from '../protocol/program.ts';
import { addressGroups, shifted } from './address-groups.ts';
import { type Simpler, stepsBelow } from './reduce-candidate.ts';
import { USER_END } from './region-rules.ts';

const PAGE = 0x1000n;
/** Ranges that only a call that must refuse them ever has. */
const HUGE = 1n << 32n;

type Mmap = Extract<Op, { op: 'mmap' | 'sys-mmap' }>;
/** Calls that name a region by its start. */
const BY_START: ReadonlySet<Op['op']> = new Set([
  'mmap',
  'sys-mmap',
  'munmap',
  'sys-munmap',
] as const);

/** Each way to make one region of `program` smaller by one step. */
export function smallerRegions(program: Program): Simpler[] {
  return program.ops.flatMap((op, index) => {
    if (op.op !== 'mmap' && op.op !== 'sys-mmap') return [];
    if (BigInt(op.size) >= HUGE) return [];
    return [
      ...earlierPages(program, op),
      ...fromStart(program, op, index),
      ...fromEnd(program, op, index),
    ];
  });
}

function pagesOf({ size }: Mmap): bigint {
  return (BigInt(size) + PAGE - 1n) / PAGE;
}

/** Without its last pages; what lies right behind it stays where it is, or follows. */
function fromEnd(program: Program, op: Mmap, index: number): Simpler[] {
  const pages = pagesOf(op);
  const sized = (size: bigint): Program => ({
    ...program,
    ops: program.ops.with(index, { ...op, size: hex(size) as Hex }),
  });
  if (pages <= 1n) return BigInt(op.size) % PAGE === 0n ? [] : [() => sized(PAGE)];
  const end = (BigInt(op.addr) & ~0xfffn) + pages * PAGE;
  const behind = addressGroups(program).find(({ start }) => start === end);
  const fewer = [...new Set([1n, pages / 2n, ...stepsBelow(pages).map((step) => pages - step)])];
  return fewer.flatMap((left) => [
    () => sized(left * PAGE),
    ...(behind === undefined
      ? []
      : [() => shifted(sized(left * PAGE), end, behind.end, (left - pages) * PAGE)]),
  ]);
}

/** Without its first pages, which nothing uses. */
function fromStart(program: Program, op: Mmap, index: number): Simpler[] {
  const pages = pagesOf(op);
  const start = BigInt(op.addr) & ~0xfffn;
  const end = start + pages * PAGE;
  const used = program.ops.flatMap((other) =>
    'addr' in other && !BY_START.has(other.op) ? [BigInt(other.addr)] : [],
  );
  const inside = used.filter((address) => address >= start && address < end);
  const first = inside.reduce((least, each) => (each < least ? each : least), end - 1n);
  const left = ((first & ~0xfffn) - start) / PAGE;
  const gone = left < pages ? left : 0n;
  if (gone === 0n) return [];
  const trimmed = (by: bigint): Program => {
    const isAnonymous = op.op === 'mmap' ? op.file === null : op.offset === '0x0';
    const offset = isAnonymous ? 0n : by * PAGE;
    const smaller: Op = {
      ...op,
      addr: hex(BigInt(op.addr) + by * PAGE) as Hex,
      size: hex(BigInt(op.size) - by * PAGE) as Hex,
      offset: hex(BigInt(op.offset) + offset) as Hex,
    };
    // The region is unmapped, and perhaps mapped again, by its start.
    const rest = shifted(program, start, start + 1n, by * PAGE);
    return { ...rest, ops: rest.ops.with(index, smaller) };
  };
  // What lies across the end of user space must not begin behind it: no address of the interface is there.
  const isBelow = (by: bigint): boolean => start >= USER_END || start + by * PAGE < USER_END;
  return [gone, ...stepsBelow(gone)].filter(isBelow).map((by) => () => trimmed(by));
}

/** An access in the region, moved to its first page, or to an earlier one. */
function earlierPages(program: Program, op: Mmap): Simpler[] {
  const start = BigInt(op.addr) & ~0xfffn;
  const end = start + pagesOf(op) * PAGE;
  return program.ops.flatMap((other, index) => {
    if (!('addr' in other) || BY_START.has(other.op)) return [];
    const address = BigInt(other.addr);
    if (address < start + PAGE || address >= end) return [];
    const to = (place: bigint) => () => ({
      ...program,
      ops: program.ops.with(index, { ...other, addr: hex(place) as Hex }),
    });
    const first = start + (address & 0xfffn);
    const steps = stepsBelow((address - first) / PAGE);
    return [to(first), ...steps.map((step) => to(address - step * PAGE))];
  });
}
