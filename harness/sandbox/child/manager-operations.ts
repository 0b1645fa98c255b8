/** Operations on demand-paging managers, and on the frames that the driver holds. */
import type { Frame } from '../../../reference/emulator/frames.ts';
import { errorText } from '../../../reference/emulator/veridian/errors.ts';
import { GLOBAL_MANAGER } from '../../protocol/manager-op.ts';
import type { Backing, ManagerOp } from '../../protocol/program.ts';
import type { Outcome } from '../../protocol/trace.ts';
import { addByte, type ByteRun } from './byte-runs.ts';
import { call, type Called, describeValue, hexOf, invoke } from './student-call.ts';
import type { Student, World } from './world.ts';

const SKIPPED: Outcome = { kind: 'skipped' };
const OK: Outcome = { kind: 'ok' };
const MODULE = 'demand-paging';

/** What an operation came to before its value is looked at. */
type Came = Called | Extract<Outcome, { kind: 'bad-value' | 'skipped' }>;

/** Carries out one operation on managers or frames. */
export function runManagerOp(world: World, op: ManagerOp): Outcome {
  const { frames } = world;
  switch (op.op) {
    case 'take-frame':
      return frames.has(op.frame) ? SKIPPED : takeFrame(world, op.frame, op.fill);
    case 'free-frame':
      if (frames.get(op.frame) === undefined) return SKIPPED;
      frames.free(op.frame);
      return OK;
    case 'write-frame':
    case 'read-frame':
      return touch(world, op);
    default: {
      const live = frames.live();
      const outcome = runStudentCode(world, op);
      frames.noteFreed(live);
      // Whoever gives up the last reference frees the frame.
      if (op.op === 'release-cow' && isTrue(outcome)) frames.free(op.frees);
      return outcome;
    }
  }
}

type FrameOp = Extract<
  ManagerOp,
  { op: 'take-frame' | 'free-frame' | 'write-frame' | 'read-frame' }
>;

function runStudentCode(world: World, op: Exclude<ManagerOp, FrameOp>): Outcome {
  switch (op.op) {
    case 'new-manager':
      return make(world, world.managers, op.manager, 'DemandPagingManager');
    case 'new-cow-table':
      return make(world, world.cowTables, op.manager, 'CowTable');
    case 'init-manager':
      return outcomeOf(run(() => exportedFunction(world, 'init')()));
    case 'register-lazy':
      return registerLazy(world, op);
    case 'unregister-lazy':
      return outcomeOf(
        onManager(world, op.manager, (manager) =>
          invoke(manager, 'unregisterLazy', BigInt(op.addr)),
        ),
      );
    case 'demand-page':
      return demandPage(world, op);
    case 'cow-fault': {
      if (world.frames.has(op.frame)) return SKIPPED;
      const came = onManager(world, op.manager, (manager) =>
        invoke(manager, 'handleCowFault', BigInt(op.va)),
      );
      return outcomeOf(came, (value) =>
        keep(world, op.frame, value, 'handleCowFault must return the FrameNumber of a frame'),
      );
    }
    case 'mark-cow':
    case 'add-cow-entry': {
      const frame = world.frames.get(op.frame);
      if (frame === undefined) return SKIPPED;
      const args = [BigInt(op.va), BigInt(frame.number)] as const;
      return outcomeOf(
        op.op === 'mark-cow'
          ? onTable(world, op, (table) => invoke(table, 'markCow', ...args))
          : onManager(world, op.manager, (manager) => invoke(manager, 'addCowEntry', ...args)),
      );
    }
    case 'mark-cow-range':
      return markCowRange(world, op);
    case 'release-cow':
    case 'is-cow': {
      const method = op.op === 'release-cow' ? 'release' : 'isCow';
      const came = onTable(world, op, (table) => invoke(table, method, BigInt(op.va)));
      return outcomeOf(came, (value) => ({ kind: 'ok', value: describeValue(value) }));
    }
    case 'mapping-contains': {
      const LazyMapping = world.exported(MODULE, 'LazyMapping');
      const BackingType = world.exportedObject(MODULE, 'BackingType');
      const came = run(() => {
        const backing = backingOf(BackingType, 'anonymous');
        const mapping = new LazyMapping(BigInt(op.addr), BigInt(op.size), 3n, backing);
        return invoke(mapping, 'contains', BigInt(op.va));
      });
      return outcomeOf(came, (value) => ({ kind: 'ok', value: describeValue(value) }));
    }
    case 'same-backing': {
      const BackingType = world.exportedObject(MODULE, 'BackingType');
      const came = run(() =>
        invoke(
          BackingType,
          'equals',
          backingOf(BackingType, op.first),
          backingOf(BackingType, op.second),
        ),
      );
      return outcomeOf(came, (value) => ({ kind: 'ok', value: describeValue(value) }));
    }
  }
}

function run(body: () => unknown): Called {
  return call(body, errorText);
}

function outcomeOf(came: Came, then: (value: unknown) => Outcome = () => OK): Outcome {
  return came.kind === 'ok' ? then(came.value) : came;
}

function isTrue(outcome: Outcome): boolean {
  return (
    outcome.kind === 'ok' && outcome.value?.type === 'boolean' && outcome.value.value === 'true'
  );
}

function exportedFunction(world: World, name: string): (...args: unknown[]) => unknown {
  return world.exported(MODULE, name) as unknown as (...args: unknown[]) => unknown;
}

function make(world: World, into: Map<string, Student>, label: string, name: string): Outcome {
  const isTaken = world.managers.has(label) || world.cowTables.has(label);
  if (isTaken || label === GLOBAL_MANAGER) return SKIPPED;
  const Made = world.exported(MODULE, name);
  return outcomeOf(
    run(() => new Made()),
    (made) => {
      into.set(label, made as Student);
      return OK;
    },
  );
}

/** Runs `body` with the manager that the label names. */
function onManager(world: World, label: string, body: (manager: Student) => unknown): Came {
  if (label === GLOBAL_MANAGER) return withManager(world, body);
  const manager = world.managers.get(label);
  return manager === undefined ? { kind: 'skipped' } : run(() => body(manager));
}

/** Runs `body` with the table without a manager that the label names, or with the table of the manager. */
function onTable(
  world: World,
  { manager: label, bare }: { readonly manager: string; readonly bare?: true },
  body: (table: Student) => unknown,
): Came {
  if (bare === true) {
    const table = world.cowTables.get(label);
    return table === undefined ? { kind: 'skipped' } : run(() => body(table));
  }
  return onManager(world, label, (manager) => {
    const table: unknown = manager['cowTable'];
    if (typeof table !== 'object' || table === null)
      throw new TypeError('the manager has no cowTable');
    return body(table as Student);
  });
}

/** What the function returns that is handed to `withManagerMut`. */
const RETURNED = Object.freeze({});

/** Runs `body` with the manager that `withManagerMut` hands out. */
function withManager(world: World, body: (manager: Student) => unknown): Came {
  const withManagerMut = exportedFunction(world, 'withManagerMut');
  let calls = 0;
  let isOver = false;
  let value: unknown;
  const f = Object.freeze((manager: unknown): unknown => {
    if (isOver) throw new TypeError('the call of withManagerMut is over');
    calls++;
    if (calls === 1) value = body(manager as Student);
    return RETURNED;
  });
  const called = run(() => withManagerMut(f));
  isOver = true;
  if (called.kind !== 'ok') return called;
  const bad = (what: string, seen: unknown): Came => ({
    kind: 'bad-value',
    what: `withManagerMut must ${what}`,
    value: describeValue(seen),
  });
  if (calls !== 1) return bad('call its function once', calls);
  if (called.value !== RETURNED) return bad('return what its function returns', called.value);
  return { kind: 'ok', value };
}

/** The student's value for a backing. To be called under {@link run}. */
function backingOf(BackingType: object, backing: Backing): unknown {
  if (backing === 'anonymous') return (BackingType as Record<string, unknown>)['Anonymous'];
  const fields = { inode: BigInt(backing.inode), offset: BigInt(backing.offset) };
  return invoke(BackingType, 'FileBacked', Object.freeze(fields));
}

function registerLazy(world: World, op: Extract<ManagerOp, { op: 'register-lazy' }>): Outcome {
  const file = op.file === null ? null : world.files.get(op.file);
  if (file === undefined) return SKIPPED;
  const BackingType = world.exportedObject(MODULE, 'BackingType');
  const backing: Backing =
    file === null ? 'anonymous' : { inode: hexOf(file.stored.ino), offset: op.offset };
  const args = (): unknown[] => [
    BigInt(op.addr),
    BigInt(op.size),
    BigInt(op.flags),
    backingOf(BackingType, backing),
  ];
  if (op.manager === GLOBAL_MANAGER && op.within !== true) {
    const register = exportedFunction(world, 'registerLazy');
    return outcomeOf(run(() => register(...args())));
  }
  return outcomeOf(
    onManager(world, op.manager, (manager) => invoke(manager, 'registerLazy', ...args())),
  );
}

const PAIR = 'tryDemandPage must return a pair [FrameNumber, PageFlags]';

function demandPage(world: World, op: Extract<ManagerOp, { op: 'demand-page' }>): Outcome {
  if (world.frames.has(op.frame)) return SKIPPED;
  // The pair is the student's object, so it is read under `call` too.
  let pair: { readonly frame: unknown; readonly flags: unknown } | null = null;
  const read = (found: unknown): unknown => {
    if (Array.isArray(found)) pair = { frame: found[0] as unknown, flags: found[1] as unknown };
    return found;
  };
  const isFunction = op.manager === GLOBAL_MANAGER && op.within !== true;
  const handlePageFault = isFunction ? exportedFunction(world, 'handlePageFault') : null;
  const came =
    handlePageFault === null
      ? onManager(world, op.manager, (manager) =>
          read(invoke(manager, 'tryDemandPage', BigInt(op.va))),
        )
      : run(() => read(handlePageFault(BigInt(op.va))));
  return outcomeOf(came, (value) => {
    if (pair === null) return { kind: 'bad-value', what: PAIR, value: describeValue(value) };
    const kept = keep(world, op.frame, pair.frame, PAIR);
    return kept.kind === 'ok' ? { ...kept, perm: describeValue(pair.flags) } : kept;
  });
}

function markCowRange(world: World, op: Extract<ManagerOp, { op: 'mark-cow-range' }>): Outcome {
  const pages = op.pages.map(({ va, frame }) => [va, world.frames.get(frame)] as const);
  if (pages.some(([, frame]) => frame === undefined)) return SKIPPED;
  return outcomeOf(
    onManager(world, op.manager, (manager) =>
      invoke(
        manager,
        'markCowRange',
        BigInt(op.base),
        pages.map(([va, frame]) => [BigInt(va), BigInt(frame?.number ?? 0)]),
      ),
    ),
  );
}

/** The driver holds the frame that student code returned. */
function keep(world: World, label: string, value: unknown, what: string): Outcome {
  const frame = frameWithNumber(world, value);
  if (frame === undefined) return { kind: 'bad-value', what, value: describeValue(value) };
  world.frames.keep(label, frame);
  return { kind: 'ok', frame: frame.number };
}

/** The frame with the number that student code returned, if it is allocated and belongs to no `Page` and no page table. */
function frameWithNumber(world: World, value: unknown): Frame | undefined {
  if (typeof value !== 'bigint' || value < 0n || value >= 1n << 40n) return undefined;
  const frame = world.machine.frames.get(Number(value));
  return frame === undefined || frame.outside <= 0 ? undefined : frame;
}

function takeFrame(world: World, label: string, fill: number): Outcome {
  const frame = world.machine.allocate(false);
  if (frame === null) return SKIPPED;
  world.machine.memory.frameBytes(frame.pa).fill(fill);
  world.frames.keep(label, frame);
  return { kind: 'ok', frame: frame.number };
}

/** What a process does that has the frame mapped. */
function touch(
  world: World,
  op: Extract<ManagerOp, { op: 'write-frame' | 'read-frame' }>,
): Outcome {
  const frame = world.frames.get(op.frame);
  if (frame === undefined) return SKIPPED;
  const bytes = world.machine.memory.frameBytes(frame.pa);
  if (op.op === 'write-frame') {
    bytes.fill(op.value, op.at, op.at + op.length);
    return OK;
  }
  const seen: ByteRun[] = [];
  const end = Math.min(op.at + op.length, bytes.length);
  for (let at = op.at; at < end; at++) addByte(seen, bytes[at]!);
  return { kind: 'ok', bytes: seen };
}
