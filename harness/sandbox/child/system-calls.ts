/** Operations on `MmStruct`: what a process and the kernel ask of an address space as a whole. */
import type { File, FileKind, RegularFile } from '../../../reference/contract/keos.ts';
import type { ProcessOp } from '../../protocol/program.ts';
import type { Outcome } from '../../protocol/trace.ts';
import { spyOn } from './pager-spy.ts';
import { call, type Called, describeValue, invoke, outcomeOf } from './student-call.ts';
import type { Descriptors, Process, World } from './world.ts';

const { getOwnPropertyDescriptor } = Object;

const NUMBER_OF_MMAP = 9n;
const NUMBER_OF_MUNMAP = 11n;

/** Standard input, output and error: open in every process. */
export function standardStreams(): Descriptors {
  const stream = (mode: File['mode']): File => ({ mode, file: { kind: 'Stdio' } });
  return new Map([
    [0, stream('Read')],
    [1, stream('Write')],
    [2, stream('Write')],
  ]);
}

/** Gives the process a descriptor. */
export function openDescriptor(
  world: World,
  { descriptors }: Process,
  op: Extract<ProcessOp, { op: 'open' }>,
): Outcome {
  const handle = world.files.get(op.file ?? '')?.handle as RegularFile | undefined;
  if (op.kind === 'file' && handle === undefined) return { kind: 'skipped' };
  const file: FileKind =
    handle !== undefined && op.kind === 'file'
      ? { kind: 'RegularFile', file: handle, position: BigInt(op.position ?? 0) }
      : { kind: op.kind === 'pipe' ? 'Pipe' : 'Directory' };
  descriptors.set(op.fd, { mode: op.mode ?? 'ReadWrite', file });
  return { kind: 'ok' };
}

/** `MmStruct.mmap`. Moving the position of a file is a mistake that shows nowhere else. */
export function sysMmap(
  world: World,
  process: Process,
  op: Extract<ProcessOp, { op: 'sys-mmap' }>,
): Outcome {
  const files = openFiles(process.descriptors);
  const kinds = [...files.values()].map(({ file }) => file);
  const before = kinds.map(positionOf);
  const abi = registers(NUMBER_OF_MMAP, op.addr, op.size, op.prot, op.fd, op.offset);
  const called = callAddressSpace(world, process, 'mmap', { files }, abi);
  if (called.kind === 'ok' && kinds.some((kind, index) => positionOf(kind) !== before[index]))
    return {
      kind: 'bad-value',
      what: 'mmap must not move a file position',
      value: describeValue(called.value),
    };
  return told(called);
}

/** `MmStruct.munmap`. */
export function sysMunmap(
  world: World,
  process: Process,
  op: Extract<ProcessOp, { op: 'sys-munmap' }>,
): Outcome {
  const abi = registers(NUMBER_OF_MUNMAP, op.addr);
  return told(callAddressSpace(world, process, 'munmap', abi));
}

/** `MmStruct.accessOk`. */
export function accessRange(
  world: World,
  process: Process,
  op: Extract<ProcessOp, { op: 'access-range' }>,
): Outcome {
  return told(
    callAddressSpace(world, process, 'accessOk', BigInt(op.addr), BigInt(op.end), op.write),
  );
}

/** Calls a method of an `MmStruct` around the process's page table and pager. It is made anew for each call, as the interface says. */
function callAddressSpace(
  world: World,
  { pageTable, pager }: Process,
  method: string,
  ...args: readonly unknown[]
): Called {
  const MmStruct = world.exported('mm-struct', 'MmStruct');
  return call(() => {
    const held = world.isWatched ? spyOn(world, pager) : pager;
    return invoke(new MmStruct(pageTable, held), method, ...args);
  });
}

function told(called: Called): Outcome {
  return outcomeOf(called, (value) => ({ kind: 'ok', value: describeValue(value) }));
}

function registers(sysno: bigint, ...args: readonly string[]): object {
  const register = (index: number): bigint => BigInt(args[index] ?? 0);
  return {
    sysno,
    arg1: register(0),
    arg2: register(1),
    arg3: register(2),
    arg4: register(3),
    arg5: register(4),
    arg6: 0n,
  };
}

/** The open files as student code gets them, all objects made anew: what it does to them is not the next call's business. */
function openFiles(descriptors: Descriptors): Map<number, File> {
  return new Map([...descriptors].map(([fd, { mode, file }]) => [fd, { mode, file: { ...file } }]));
}

/** Student code has held this object, so it is read as own data only. */
function positionOf(kind: FileKind): unknown {
  const value: unknown = getOwnPropertyDescriptor(kind, 'position')?.value;
  return value;
}
