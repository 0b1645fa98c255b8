/** Calls of `mmap` in generated programs: those that must work, and those that must be refused. */
import { pageAddress, toHex, userAddress } from './addresses.ts';
import { FIRST_FD, type MadeProcess, overlaps, type ProcessState } from './process-state.ts';
import type { Draw } from './raw-choices.ts';

const SIZES = [1, 0xfff, 0x1000, 0x1001, 0x2000, 0x2fff, 0x4000, 0x6000] as const;
/** READ, WRITE, EXECUTABLE, USER as 1, 2, 4, 8: mostly what programs use. */
const PROTS = [11, 11, 11, 11, 9, 9, 9, 13, 13, 15, 1, 3, 5, 7] as const;
/** For files of the page cache, which are only ever mapped without WRITE. */
const READ_ONLY = [9, 9, 13, 1, 5] as const;

/** A new region; by the system call, if it can be, if `byCall`. */
export function mapRegion(
  state: ProcessState,
  draw: Draw,
  process: MadeProcess,
  cpu: number,
  byCall = false,
): void {
  const size = draw.of(SIZES.filter((each) => each <= state.mostPages * 0x1000));
  const pages = Math.ceil(size / 0x1000);
  const anyProt = draw.of(PROTS);
  let start = freshStart(state, draw, process, pages);
  while (overlaps(process.regions, start, pages))
    start = Math.max(0x1000, (start + 0x10_0000) % 0x7fff_0000_0000);
  const files = [...state.files.values()];
  const file = draw.oneIn(2) ? null : draw.of([...files, null]);
  const blocks = Math.ceil((file?.size ?? 0) / 0x1000);
  const offset = file === null ? 0 : draw.below(blocks + 2) * 0x1000;
  const prot = file?.cached === true ? draw.of(READ_ONLY) : anyProt;
  const failure = state.pager === 'eager' ? state.failure(draw) : {};
  const at = { process: process.label, cpu, addr: toHex(start), size: toHex(size) };
  if (byCall && file?.cached !== true) {
    const fd = file === null ? -1 : FIRST_FD + files.indexOf(file);
    state.ops.push({
      op: 'sys-mmap',
      ...at,
      prot: toHex(prot & 7),
      fd: toHex(BigInt.asUintN(draw.oneIn(2) ? 32 : 64, BigInt(fd))),
      offset: toHex(offset),
      ...failure,
    });
    process.regions.push({ start, pages, prot: prot | 8 });
    return;
  }
  const label = file?.label ?? null;
  state.ops.push({ op: 'mmap', ...at, prot, file: label, offset: toHex(offset), ...failure });
  process.regions.push({ start, pages, prot });
}

/** Next to a region, where one was before, or anywhere. */
function freshStart(state: ProcessState, draw: Draw, process: MadeProcess, pages: number): number {
  const region = process.regions.length > 0 ? draw.of(process.regions) : undefined;
  const choices = [pageAddress(draw, state.places), pageAddress(draw, state.places)];
  if (region !== undefined)
    choices.push(region.start + region.pages * 0x1000, region.start - pages * 0x1000);
  if (process.gone.length > 0) choices.push(draw.of(process.gone).start);
  const start = draw.of(choices);
  return Math.min(Math.max(0x1000, start), 0x8000_0000_0000 - pages * 0x1000);
}

/** Arguments that make no region. */
export function refusedMapping(
  state: ProcessState,
  draw: Draw,
  process: MadeProcess,
  cpu: number,
): void {
  const call = { addr: 0x5000_0000n, size: 0x2000n, prot: 11, offset: 0n };
  const region = process.regions.length > 0 ? draw.of(process.regions) : undefined;
  const bad = draw.of([
    'null',
    'unaligned',
    'kernel',
    'beyond',
    'wrap',
    'empty',
    'overlap',
    'overlap',
    'unreadable',
  ] as const);
  if (bad === 'null') call.addr = 0n;
  if (bad === 'unaligned') call.addr += BigInt(1 + draw.below(4095));
  if (bad === 'kernel') call.addr = 0xffff_ff00_0090_0000n;
  if (bad === 'beyond') call.size = 0x8000_0000_0000n;
  if (bad === 'wrap') call.size = 0xffff_ffff_ffff_e000n;
  if (bad === 'empty') call.size = 0n;
  if (bad === 'unreadable') call.prot = draw.of([0, 2, 4, 8, 10, 12]);
  if (bad === 'overlap') {
    if (region === undefined) return;
    const from = draw.below(region.pages);
    const before = draw.below(2);
    call.addr = BigInt(userAddress(Math.max(0x1000, region.start + (from - before) * 0x1000)));
    call.size = BigInt(1 + before + draw.below(region.pages + 1)) * 0x1000n;
  }
  state.ops.push({
    op: 'mmap',
    process: process.label,
    cpu,
    addr: toHex(call.addr),
    size: toHex(call.size),
    prot: call.prot,
    file: null,
    offset: toHex(call.offset),
  });
  const pages = Number(call.size / 0x1000n);
  const isRefused =
    bad !== 'overlap' ||
    overlaps(process.regions, Number(call.addr), pages) ||
    call.addr + call.size > 0x8000_0000_0000n;
  // An "overlap" that starts before its region can miss it; then it is a mapping like any other.
  if (!isRefused) process.regions.push({ start: Number(call.addr), pages, prot: call.prot });
}

/** Registers that make no sense, or a descriptor that cannot be mapped. */
export function refusedCall(state: ProcessState, draw: Draw, process: string, cpu: number): void {
  const call = { addr: 0x5000_0000n, size: 0x1000n, prot: 3n, fd: 0xffff_ffffn };
  const bad = draw.of(['address', 'prot', 'fd', 'fd', 'kernel', 'size'] as const);
  if (bad === 'address') call.addr = 0xdead_beef_0000_0000n + BigInt(draw.below(16)) * 0x1000n;
  if (bad === 'prot') call.prot = draw.of([8n, 9n, 0x13n, 0x1_0000_0001n, 0n, 2n]);
  if (bad === 'fd') call.fd = draw.of([0n, 1n, 2n, 99n, 0xffff_fffen, 0x8000_0000n]);
  if (bad === 'kernel') call.addr = 0xffff_8000_0000_0000n;
  if (bad === 'size') call.size = draw.of([0n, 0x1_0000_0000_1000n, 0xffff_ffff_ffff_f000n]);
  state.ops.push({
    op: 'sys-mmap',
    process,
    cpu,
    addr: toHex(call.addr),
    size: toHex(call.size),
    prot: toHex(call.prot),
    fd: toHex(call.fd),
    offset: '0x0',
  });
}
