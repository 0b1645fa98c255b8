/** Operations on processes: pager entry points, and memory accesses whose faults the pager handles. */
import { openFile } from '../../../reference/emulator/keos/file.ts';
import { PageRef } from '../../../reference/emulator/keos/page.ts';
import { PAGE_SIZE } from '../../../reference/x86/page-table-entry.ts';
import type { ProcessOp } from '../../protocol/program.ts';
import type { FaultSeen, Outcome } from '../../protocol/trace.ts';
import { addByte, type ByteRun } from './byte-runs.ts';
import { call, type Called, describeValue, hexOf, invoke, outcomeOf } from './student-call.ts';
import {
  accessRange,
  openDescriptor,
  standardStreams,
  sysMmap,
  sysMunmap,
} from './system-calls.ts';
import type { Descriptors, Process, Student, World } from './world.ts';

const SKIPPED: Outcome = { kind: 'skipped' };

/** Faults of one page in one access before the pager is said to make no progress: more than any correct one needs. */
const MOST_FAULTS = 8;

/** Carries out one operation on processes or files. Page faults are added to `faults`. */
export function runProcessOp(world: World, op: ProcessOp, faults: FaultSeen[]): Outcome {
  switch (op.op) {
    case 'file': {
      const stored = world.machine.createFile(op);
      world.files.set(op.file, { stored, handle: openFile(stored) });
      return { kind: 'ok' };
    }
    case 'truncate':
      return onFile(world, op.file, (file) => {
        file.truncate(op.size);
      });
    case 'rewrite':
      return onFile(world, op.file, (file) => {
        file.replace(op.seed);
      });
    case 'spawn':
      return world.processes.has(op.process) ? SKIPPED : spawn(world, op.process);
    default: {
      const process = world.processes.get(op.process);
      return process === undefined ? SKIPPED : onProcess(world, process, op, faults);
    }
  }
}

function onFile(
  world: World,
  label: string,
  change: (file: { truncate(n: number): void; replace(n: number): void }) => void,
): Outcome {
  const file = world.files.get(label);
  if (file === undefined) return SKIPPED;
  change(file.stored);
  return { kind: 'ok' };
}

function spawn(world: World, label: string): Outcome {
  const PageTable = world.exported('page-table', 'PageTable');
  const Pager =
    world.pagerKind === 'lazy'
      ? world.exported('lazy-pager', 'LazyPager')
      : world.exported('eager-pager', 'EagerPager');
  const called = call(() => ({ pageTable: new PageTable(), pager: new Pager() }));
  return outcomeOf(called, (value) =>
    addProcess(world, label, value as { pageTable: Student; pager: Student }, standardStreams()),
  );
}

function addProcess(
  world: World,
  label: string,
  parts: { pageTable: Student; pager: Student },
  descriptors: Descriptors,
): Outcome {
  const { pageTable, pager } = parts;
  if (
    typeof pageTable !== 'object' ||
    typeof pager !== 'object' ||
    world.rootOf(pageTable) === undefined
  ) {
    return {
      kind: 'bad-value',
      what: 'a process needs a PageTable with a live root and a pager',
      value: describeValue(pageTable),
    };
  }
  const root = world.rootOf(pageTable);
  for (const [other, process] of world.processes) {
    if (world.rootOf(process.pageTable) !== root) continue;
    const what = `a process needs a PageTable of its own, not that of ${other}`;
    return { kind: 'bad-value', what, value: describeValue(pageTable) };
  }
  world.processes.set(label, { pageTable, pager, descriptors });
  return { kind: 'ok' };
}

type OnProcess = Exclude<ProcessOp, { op: 'file' | 'truncate' | 'rewrite' | 'spawn' }>;

function onProcess(world: World, process: Process, op: OnProcess, faults: FaultSeen[]): Outcome {
  const { pageTable, pager } = process;
  if (op.op === 'exit') return exit(world, process, op.process);
  if (op.op === 'open') return openDescriptor(world, process, op);
  world.enter(pageTable, op.cpu ?? 0);
  switch (op.op) {
    case 'mmap': {
      const file = op.file === null ? null : world.files.get(op.file)?.handle;
      if (file === undefined) return SKIPPED;
      const called = call(() =>
        invoke(
          pager,
          'mmap',
          pageTable,
          BigInt(op.addr),
          BigInt(op.size),
          BigInt(op.prot),
          file,
          BigInt(op.offset),
        ),
      );
      return outcomeOf(called, (value) => ({ kind: 'ok', value: describeValue(value) }));
    }
    case 'munmap':
      return outcomeOf(
        call(() => invoke(pager, 'munmap', pageTable, BigInt(op.addr))),
        (value) => ({ kind: 'ok', value: describeValue(value) }),
      );
    case 'access-ok':
      return outcomeOf(
        call(() => invoke(pager, 'accessOk', BigInt(op.addr), op.write)),
        (value) => ({ kind: 'ok', value: describeValue(value) }),
      );
    case 'get-user-page':
      return getUserPage(world, process, BigInt(op.addr));
    case 'page-fault': {
      const called = handleFault(world, process, op.code, BigInt(op.addr));
      return outcomeOf(called);
    }
    case 'access':
      return access(world, process, op, faults);
    case 'sys-mmap':
      return sysMmap(world, process, op);
    case 'sys-munmap':
      return sysMunmap(world, process, op);
    case 'access-range':
      return accessRange(world, process, op);
    case 'fork':
      return world.processes.has(op.child) ? SKIPPED : fork(world, process, op.child);
  }
}

function getUserPage(world: World, { pageTable, pager }: Process, addr: bigint): Outcome {
  const what = 'getUserPage must return null or a pair [PageRef, Permission]';
  // The pair is the student's object, so it is read under `call` too.
  let pair: { readonly ref: unknown; readonly perm: unknown } | null = null;
  const called = call(() => {
    const found = invoke(pager, 'getUserPage', pageTable, addr);
    if (Array.isArray(found)) pair = { ref: found[0] as unknown, perm: found[1] as unknown };
    return found;
  });
  return outcomeOf(called, (value) => {
    if (value === null) return { kind: 'ok', value: describeValue(null) };
    if (pair === null) return { kind: 'bad-value', what, value: describeValue(value) };
    const { ref, perm } = pair;
    const frame = PageRef.frameOf(ref);
    if (frame === undefined) return { kind: 'bad-value', what, value: describeValue(ref) };
    const byte = world.machine.memory.readU8(frame.pa + Number(addr & 0xfffn));
    return { kind: 'ok', frame: frame.number, bytes: [[byte, 1]], perm: describeValue(perm) };
  });
}

function handleFault(
  world: World,
  { pageTable, pager }: Process,
  code: number,
  va: bigint,
): Called {
  if (world.pagerKind === 'eager') return { kind: 'error', error: 'no fault handler' };
  const PageFaultReason = world.exported('lazy-pager', 'PageFaultReason');
  return call(() =>
    invoke(pager, 'handlePageFault', pageTable, new PageFaultReason(BigInt(code), va)),
  );
}

function access(
  world: World,
  process: Process,
  op: Extract<ProcessOp, { op: 'access' }>,
  faults: FaultSeen[],
): Outcome {
  const { machine } = world;
  const bytes: ByteRun[] = [];
  const start = BigInt(op.addr);
  const end = start + BigInt(op.length);
  for (let at = start; at < end;) {
    const pageEnd = (at & ~0xfffn) + BigInt(PAGE_SIZE);
    const count = Number((pageEnd < end ? pageEnd : end) - at);
    const reached = reach(world, process, op, at, faults);
    if (typeof reached !== 'number') return reached;
    if (op.kind === 'write')
      machine.memory
        .frameBytes(reached - (reached % PAGE_SIZE))
        .fill(op.value ?? 0, reached % PAGE_SIZE, (reached % PAGE_SIZE) + count);
    else for (let i = 0; i < count; i++) addByte(bytes, machine.memory.readU8(reached + i));
    at += BigInt(count);
  }
  return op.kind === 'write' ? { kind: 'ok' } : { kind: 'ok', bytes };
}

/** Physical address that an access reaches once the pager has handled its faults, or how it ended instead. */
function reach(
  world: World,
  process: Process,
  op: Extract<ProcessOp, { op: 'access' }>,
  at: bigint,
  faults: FaultSeen[],
): number | Outcome {
  for (let tries = 0; tries < MOST_FAULTS; tries++) {
    const result = world.machine.current.access(at, { kind: op.kind, mode: op.mode });
    if (result.kind === 'done') return result.pa;
    if (result.kind === 'general-protection')
      return { kind: 'killed', error: 'general protection' };
    const handled = handleFault(world, process, result.code, at);
    faults.push({
      va: hexOf(at),
      code: result.code,
      handled: handled.kind === 'error' ? handled.error : handled.kind,
    });
    if (handled.kind === 'error') return { kind: 'killed', error: handled.error };
    if (handled.kind === 'panic') return handled;
  }
  return { kind: 'no-progress' };
}

function fork(world: World, process: Process, child: string): Outcome {
  const writeProtectPtes = world.exported('fork', 'writeProtectPtes') as unknown as (
    mm: unknown,
  ) => unknown;
  const MmStruct = world.exported('mm-struct', 'MmStruct');
  const called = call(() => {
    const made = writeProtectPtes(new MmStruct(process.pageTable, process.pager)) as Record<
      string,
      unknown
    >;
    return { pageTable: made['pageTable'], pager: made['pager'] };
  });
  return outcomeOf(called, (value) =>
    addProcess(
      world,
      child,
      value as { pageTable: Student; pager: Student },
      new Map(process.descriptors),
    ),
  );
}

function exit(world: World, { pageTable, pager }: Process, label: string): Outcome {
  world.leave(pageTable);
  const called = call(() => {
    if (typeof (pager as Record<string, unknown>)['drop'] === 'function') invoke(pager, 'drop');
    invoke(pageTable, 'drop');
  });
  if (called.kind === 'ok') world.processes.delete(label);
  return outcomeOf(called);
}
