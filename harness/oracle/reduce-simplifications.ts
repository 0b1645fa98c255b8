/** Simpler programs with the same operations: lower addresses, smaller sizes, plainer rights and bytes, fewer processors. */
import { hex, LOWER_HALF_END } from '../../reference/x86/address.ts';
import type { Hex, Op, Program } from '../protocol/program.ts';
import type { Candidate } from './reduce-candidate.ts';

const USER_END = BigInt(LOWER_HALF_END);

/** The `at`th simplification to try, or `null` after the last. */
export function simplifications(program: Program, at: number): Candidate | null {
  let place = at;
  for (const list of [worlds, fields, moves]) {
    const candidates = list(program);
    const candidate = candidates[place];
    if (candidate !== undefined) return { program: candidate(), next: at + 1 };
    place -= candidates.length;
  }
  return null;
}

type Lazy = () => Program;

function worlds(program: Program): Lazy[] {
  const { world } = program;
  const simpler: Lazy[] = [];
  if (world.policy !== 'quarantine')
    simpler.push(() => ({ ...program, world: { ...world, policy: 'quarantine' } }));
  const last = world.cpus - 1;
  if (last > 0 && !program.ops.some((op) => 'cpu' in op && op.cpu === last))
    simpler.push(() => ({ ...program, world: { ...world, cpus: world.cpus - 1 } }));
  return simpler;
}

function fields(program: Program): Lazy[] {
  // Files of the page cache are only ever mapped without WRITE: no rule says what else would show.
  const shared = new Set(
    program.ops.flatMap((op) => (op.op === 'file' && op.cached === true ? [op.file] : [])),
  );
  return program.ops.flatMap((op, index) =>
    simplerOps(op, 'file' in op && shared.has(op.file ?? '')).map((simpler) => () => ({
      ...program,
      ops: program.ops.with(index, simpler),
    })),
  );
}

/** Operations like `op` with one field closer to its simplest value. `readOnly`: a mapping keeps without WRITE. */
function simplerOps(op: Op, readOnly: boolean): Op[] {
  const found: Op[] = [];
  const add = (change: Partial<Record<string, unknown>>): void => {
    found.push({ ...op, ...change });
  };
  if ('cpu' in op && op.cpu > 0 && op.op !== 'load-table' && op.op !== 'probe') add({ cpu: 0 });
  if ('length' in op && op.length > 1) {
    add({ length: 1 });
    add({ length: Math.ceil(op.length / 2) });
  }
  if (op.op === 'mmap') {
    const pages = (BigInt(op.size) + 0xfffn) / 0x1000n;
    if (BigInt(op.size) < 1n << 32n && pages > 1n) {
      add({ size: '0x1000' });
      add({ size: hex((pages / 2n) * 0x1000n) });
      add({ size: hex((pages - 1n) * 0x1000n) });
    }
    if (BigInt(op.size) % 0x1000n !== 0n && pages === 1n) add({ size: '0x1000' });
    if (op.file !== null) add({ file: null, offset: '0x0' });
    if (op.offset !== '0x0') add({ offset: '0x0' });
    for (const prot of readOnly ? [9] : [9, 11]) if (prot < op.prot) add({ prot });
  }
  if (op.op === 'sys-mmap') {
    if (BigInt(op.size) < 1n << 32n && BigInt(op.size) > 0x1000n) add({ size: '0x1000' });
    if (op.fd !== '0xffffffffffffffff') add({ fd: '0xffffffffffffffff', offset: '0x0' });
    if (op.offset !== '0x0') add({ offset: '0x0' });
    for (const prot of [1n, 3n]) if (prot < BigInt(op.prot)) add({ prot: hex(prot) });
  }
  if (op.op === 'open') {
    if (op.position !== undefined && op.position !== 0) add({ position: 0 });
    if (op.fd !== 3) add({ fd: 3 });
  }
  if (op.op === 'access-range') {
    const start = BigInt(op.addr);
    const pages = (BigInt(op.end) - start + 0xfffn) / 0x1000n;
    if (pages > 1n && pages < 1n << 20n) {
      for (const fewer of [1n, pages / 2n, pages - 1n]) add({ end: hex(start + fewer * 0x1000n) });
    }
  }
  if (op.op === 'file') {
    if (op.size > 4096) add({ size: 4096 });
    for (const special of ['cached', 'sparse', 'readLimit', 'unreadable'] as const) {
      const { [special]: dropped, ...plainer } = op;
      if (dropped !== undefined) found.push(plainer);
    }
  }
  if ((op.op === 'map' || op.op === 'do-map') && op.perm !== 1) {
    for (const perm of [1, 9, 11]) if (perm < op.perm) add({ perm });
  }
  if (
    op.op === 'access' ||
    op.op === 'get-user-page' ||
    op.op === 'access-ok' ||
    op.op === 'page-fault'
  ) {
    const offset = BigInt(op.addr) & 0xfffn;
    if (offset !== 0n) add({ addr: hex(BigInt(op.addr) - offset) });
  }
  if (op.op === 'access' && op.kind === 'fetch') add({ kind: 'read' });
  if ('value' in op && op.value !== 1) add({ value: 1 });
  if ('fault' in op) {
    const { fault, ...spared } = op;
    found.push(spared);
    if (fault.mode === 'chance') add({ fault: { point: fault.point, mode: 'once', nth: 1 } });
    else {
      if (fault.nth > 1) add({ fault: { ...fault, nth: fault.nth - 1 } });
      if (fault.mode !== 'once') add({ fault: { ...fault, mode: 'once' } });
    }
  }
  return found;
}

/** Regions, and pages outside of any, moved to the lowest place that is free, with everything that addresses them. */
function moves(program: Program): Lazy[] {
  const groups = addressGroups(program);
  const taken = groups.map(({ start, end }) => [start, end] as const);
  return groups.flatMap(({ start, end }) => {
    // Addresses of the kernel half stand for themselves; half of one would be no address at all.
    if (start >= USER_END) return [];
    const size = end - start;
    const low = [0x1000n, 0x2000n, 0x3000n, 0x4000n, 0x10000n, 0x20000n, 0x40000n];
    // The first page of the same table at each level, so that a failure that depends on one index keeps no others.
    const aligned = [39n, 30n, 21n].map((bits) => (start >> bits) << bits);
    const targets = [...low, (start / 2n) & ~0xfffn, ...aligned, start - 0x1000n];
    return targets
      .filter((to) => to >= 0x1000n && to < start)
      .filter((to) =>
        taken.every(([from, until]) => from === start || to + size <= from || to >= until),
      )
      .map((to) => () => shift(program, start, end, to - start));
  });
}

interface Group {
  readonly start: bigint;
  readonly end: bigint;
}

function addressGroups(program: Program): Group[] {
  const groups: Group[] = [];
  const inside = (address: bigint): boolean =>
    groups.some(({ start, end }) => address >= start && address < end);
  for (const op of program.ops) {
    if (op.op !== 'mmap' && op.op !== 'sys-mmap') continue;
    const start = BigInt(op.addr) & ~0xfffn;
    const size = (BigInt(op.size) + 0xfffn) & ~0xfffn;
    if (size < 1n << 32n && !inside(start))
      groups.push({ start, end: start + (size === 0n ? 0x1000n : size) });
  }
  for (const op of program.ops) {
    const address = addressOf(op);
    if (address === null || inside(address)) continue;
    const start = address & ~0xfffn;
    groups.push({ start, end: start + 0x1000n });
  }
  return groups;
}

function addressOf(op: Op): bigint | null {
  if ('va' in op) return BigInt(op.va);
  return 'addr' in op ? BigInt(op.addr) : null;
}

function shift(program: Program, start: bigint, end: bigint, by: bigint): Program {
  const moved = (address: Hex): Hex => {
    const value = BigInt(address);
    return value >= start && value < end ? (hex(value + by) as Hex) : address;
  };
  const ops = program.ops.map((op): Op => {
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
