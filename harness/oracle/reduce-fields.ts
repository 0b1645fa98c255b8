/** Programs in which one field of one operation is closer to its simplest value. */
import { hex } from '../../reference/x86/address.ts';
import type { Hex, Op, Program } from '../protocol/program.ts';
import { isManagerOp } from '../protocol/manager-op.ts';
import { type Simpler, stepsBelow } from './reduce-candidate.ts';
import { simplerManagerOps } from './reduce-manager.ts';

/** The descriptor that asks for anonymous memory: -1. */
const NO_FILE = '0xffffffffffffffff';
/** The first descriptor that is no standard stream. */
const FIRST_FD = 3;

/** An operation with some fields changed; `undefined` takes a field away. */
type Change = Readonly<Record<string, unknown>>;

/** Each way to make one field of `program` simpler by one step. */
export function plainerFields(program: Program): Simpler[] {
  const { ops } = program;
  // Files of the page cache are only ever mapped without WRITE: no rule says what else would show.
  const cached = new Set(
    ops.flatMap((op) => (op.op === 'file' && op.cached === true ? [op.file] : [])),
  );
  const first = ops.flatMap((op) => ('process' in op ? [op.process] : []))[0];
  return ops.flatMap((op, index) => {
    const readOnly = 'file' in op && cached.has(op.file ?? '');
    const changes = [
      ...failure(op),
      ...actor(op, first),
      ...(op.op === 'mmap' ? mapping(op, readOnly) : []),
      ...(op.op === 'access' ? extent(op) : []),
      ...offset(op),
      ...details(op),
    ];
    const simpler = [
      ...changes.map((change) => changed(op, change)),
      ...(isManagerOp(op) ? simplerManagerOps(op) : []),
    ];
    return simpler.map((each) => () => ({ ...program, ops: ops.with(index, each) }));
  });
}

function changed(op: Op, change: Change): Op {
  const fields = Object.entries({ ...op, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as Op;
}

function failure(op: Op): Change[] {
  if (!('fault' in op)) return [];
  const { fault } = op;
  const none = { fault: undefined };
  if (fault.mode === 'chance')
    return [none, { fault: { point: fault.point, mode: 'once', nth: 1 } }];
  return [
    none,
    ...(fault.nth > 1 ? [{ fault: { ...fault, nth: fault.nth - 1 } }] : []),
    ...(fault.mode === 'once' ? [] : [{ fault: { ...fault, mode: 'once' } }]),
  ];
}

/** Another process or processor: the first one. */
function actor(op: Op, first: string | undefined): Change[] {
  const changes: Change[] = [];
  if ('process' in op && op.op !== 'spawn' && op.process !== first)
    changes.push({ process: first });
  const isSecond = 'cpu' in op && op.cpu > 0;
  if (isSecond && op.op !== 'load-table' && op.op !== 'probe') changes.push({ cpu: 0 });
  return changes;
}

function mapping(op: Extract<Op, { op: 'mmap' }>, readOnly: boolean): Change[] {
  return [
    ...(op.file === null ? [] : [{ file: null, offset: '0x0' }]),
    ...(op.offset === '0x0' ? [] : [{ offset: '0x0' }]),
    ...plainerRights(op.prot, readOnly ? [9] : [9, 11]).map((prot) => ({ prot })),
  ];
}

/** Fewer bytes, from the end or from the start: of more than a page, whole pages, so that it goes on starting where a page does. */
function extent({ addr, length }: Extract<Op, { op: 'access' }>): Change[] {
  if (length === 1) return [];
  const steps = stepsBelow(BigInt(length));
  return [
    { length: 1 },
    ...steps.map((step) => ({ length: length - Number(step) })),
    ...steps
      .filter((step) => length <= 4096 || step >= 4096n)
      .map((step) => ({ addr: hex(BigInt(addr) + step), length: length - Number(step) })),
  ];
}

/** The start of the page, or an address that is just not aligned. */
function offset(op: Op): Change[] {
  // The end of a range stands for itself.
  if (op.op === 'access-range') return [];
  const key = 'va' in op ? 'va' : 'addr';
  const address = (op as Partial<Record<typeof key, Hex>>)[key];
  if (address === undefined) return [];
  const within = BigInt(address) & 0xfffn;
  const to = (place: bigint): Change => ({ [key]: hex(BigInt(address) - within + place) });
  return [...(within > 0n ? [to(0n)] : []), ...(within > 1n ? [to(1n)] : [])];
}

/** What is left, by kind of operation. */
function details(op: Op): Change[] {
  switch (op.op) {
    case 'new-table':
      return op.kernel ? [] : [{ kernel: true }];
    case 'new-page':
      return op.fill === 1 ? [] : [{ fill: 1 }];
    case 'map':
      return plainerRights(op.perm, [1, 9, 11]).map((perm) => ({ perm }));
    case 'do-map':
      return [
        ...plainerRights(op.perm, [1, 9, 11]).map((perm) => ({ perm })),
        ...(op.skew > 0 ? [{ skew: 0 }] : []),
        ...(op.skew > 8 ? [{ skew: 8 }] : []),
      ];
    case 'walk-mut': {
      const alone = { page: undefined, perm: undefined };
      return [
        ...(op.then === 'look' ? [] : [{ then: 'look', ...alone }]),
        ...(op.then === 'replace' ? [{ then: 'clear', ...alone }] : []),
      ];
    }
    case 'probe':
    case 'access':
      return [
        ...(op.kind === 'read' ? [] : [{ kind: 'read', value: undefined }]),
        ...(op.mode === 'user' ? [] : [{ mode: 'user' }]),
        ...(op.kind === 'write' && op.value !== 1 ? [{ value: 1 }] : []),
      ];
    case 'sys-mmap':
      return [
        ...(op.fd === NO_FILE ? [] : [{ fd: NO_FILE, offset: '0x0' }]),
        ...(op.offset === '0x0' ? [] : [{ offset: '0x0' }]),
        ...plainerRights(Number(BigInt(op.prot)), [1, 3]).map((prot) => ({ prot: hex(prot) })),
      ];
    case 'open':
      return [
        ...((op.position ?? 0) === 0 ? [] : [{ position: 0 }]),
        ...(op.fd === FIRST_FD ? [] : [{ fd: FIRST_FD }]),
      ];
    case 'access-range': {
      const start = BigInt(op.addr);
      const pages = (BigInt(op.end) - start + 0xfffn) / 0x1000n;
      const fewer = pages > 1n && pages < 1n << 20n ? [1n, pages / 2n, pages - 1n] : [];
      return [
        ...fewer.map((left) => ({ end: hex(start + left * 0x1000n) })),
        ...(op.write ? [{ write: false }] : []),
      ];
    }
    case 'access-ok':
      return op.write ? [{ write: false }] : [];
    case 'truncate':
      return op.size > 1 ? [{ size: 1 }] : [];
    case 'file': {
      const pages = Math.ceil(op.size / 4096);
      const special = ['ino', 'cached', 'sparse', 'readLimit', 'unreadable'] as const;
      return [
        ...(pages > 1 ? [{ size: 4096 }, { size: (pages - 1) * 4096 }] : []),
        ...special
          .filter((field) => op[field] !== undefined)
          .map((field) => ({ [field]: undefined })),
      ];
    }
    default:
      return [];
  }
}

function plainerRights(rights: number, plain: readonly number[]): number[] {
  return plain.filter((each) => each < rights);
}
