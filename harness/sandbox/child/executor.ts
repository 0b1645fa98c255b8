/**
 * Runs one program on a fresh machine and writes down what happened. Knows nothing of what should have happened.
 */
import type { Fact, Leaf, SpaceChange } from '../../../reference/contract/machine-facts.ts';
import { missingKernelSlots } from '../../../reference/emulator/audit.ts';
import { IncrementalAuditor } from '../../../reference/emulator/incremental-audit.ts';
import { allocationUses } from '../../../reference/emulator/frame-uses.ts';
import { activate } from '../../../reference/emulator/keos/active-machine.ts';
import { printWalk } from '../../../reference/emulator/page-walk-printer.ts';
import { Machine } from '../../../reference/emulator/machine.ts';
import { TooManyLeaves } from '../../../reference/emulator/too-many-leaves.ts';
import { isManagerOp } from '../../protocol/manager-op.ts';
import type { Op, PageTableOp, ProcessOp, Program, RunOptions } from '../../protocol/program.ts';
import type { FaultSeen, Outcome, Step, Trace } from '../../protocol/trace.ts';
import { refuel, stepBudget, type Trail } from './fuel.ts';
import { runManagerOp } from './manager-operations.ts';
import { mostLeaves, tooManyLeaves } from './most-leaves.ts';
import { runProcessOp } from './process-operations.ts';
import { call, describeThrown, outcomeOf, stopped } from './student-call.ts';
import type { StudentModules } from './student-modules.ts';
import { runTableOp } from './table-operations.ts';
import { World } from './world.ts';

const TABLE_OPS: ReadonlySet<string> = new Set<PageTableOp['op']>([
  'new-table',
  'new-page',
  'clone-page',
  'map',
  'do-map',
  'unmap',
  'walk',
  'walk-mut',
  'indices',
  'clear-table',
  'drop-table',
  'drop-page',
  'load-table',
  'probe',
]);

/**
 * Runs `program` with the submission's modules instantiated afresh. The log is added by the caller, who owns the console. `begins` is told of each operation,
 * and at last of the release of everything.
 */
export function runProgram(
  modules: StudentModules,
  program: Program,
  options: RunOptions,
  trail: Trail | null = null,
  begins: (op: number) => void = () => undefined,
): Trace {
  const machine = new Machine({
    ...program.world,
    recordSites: options.recordSites,
    watchTranslations: options.recordSites,
    recordAllocations: options.recordUses ?? false,
  });
  activate(machine);
  const world = new World(machine, modules, program.pager, options.unwatched !== true);
  const recorder = new Recorder(world, options, mostLeaves(program));
  const budget = stepBudget(program);
  const steps: Step[] = [];
  const empty = { log: [], teardown: null, loadError: null, walk: null };
  for (const [index, op] of program.ops.entries()) {
    let step: Step;
    begins(index);
    refuel(budget, index === program.ops.length - 1 ? trail : null);
    try {
      step = recorder.step(index, op);
    } catch (error) {
      // Only loading a module can throw here: everything else that runs student code is inside `call`.
      return { ...empty, steps, loadError: describeThrown(error) };
    }
    steps.push(step);
    if (step.outcome.kind === 'panic') return { ...empty, steps };
  }
  begins(program.ops.length);
  refuel(budget, trail);
  const walk = options.inspect === undefined ? null : inspect(world, options.inspect);
  return { ...empty, steps, walk, teardown: tearDown(world, recorder) };
}

/** What a look at the machine tells after an operation. */
type Seen = Pick<Step, 'spaces' | 'facts' | 'uses'>;

const NOTHING_SEEN: Seen = { spaces: {}, facts: [] };

class Recorder {
  readonly #world: World;
  readonly #options: RunOptions;
  readonly #auditor: IncrementalAuditor;
  readonly #mostLeaves: number;
  /** Root of each label at the step before. */
  #roots = new Map<string, number | undefined>();
  #facts = new Set<string>();

  constructor(world: World, options: RunOptions, mostLeaves: number) {
    this.#world = world;
    this.#options = options;
    this.#mostLeaves = mostLeaves;
    this.#auditor = new IncrementalAuditor(world.machine, mostLeaves);
  }

  /** See `Fact`: in which operation the frame was lost, if entries led to it in the life that began in operation `since`. */
  lostIn(frame: number, since: number): { readonly lost?: number } {
    const lost = this.#auditor.lostIn(frame);
    return lost === null || (lost >= 0 && lost < since) ? {} : { lost };
  }

  step(index: number, op: Op): Step {
    const { machine } = this.#world;
    const faults: FaultSeen[] = [];
    machine.beginOperation(index);
    machine.faults.arm(('fault' in op ? op.fault : undefined) ?? null);
    this.#world.asked = [];
    let outcome = isManagerOp(op)
      ? runManagerOp(this.#world, op)
      : isTableOp(op)
        ? runTableOp(this.#world, op)
        : runProcessOp(this.#world, op, faults);
    const injected = machine.faults.fired;
    const ranOut = machine.ranOut ? { ranOut: true as const } : {};
    const { calls } = machine.faults;
    machine.faults.arm(null);
    outcome = this.#pending(outcome);
    const effort = {
      frames: machine.framesTaken,
      fileReads: machine.fileReads,
      invalidations: machine.cpus.reduce((sum, cpu) => sum + cpu.invalidations, 0),
    };
    let seen: Seen = NOTHING_SEEN;
    try {
      // After a panic the machine may be torn in the middle of a change, so it is not looked at.
      if (outcome.kind !== 'panic') seen = { ...this.#look(op), ...this.#uses() };
    } catch (error) {
      if (!(error instanceof TooManyLeaves)) throw error;
      outcome = tooManyLeaves(this.#mostLeaves);
    }
    const { asked } = this.#world;
    const told = asked.length === 0 ? {} : { asked };
    const freed = isManagerOp(op) ? { freed: this.#world.frames.takeFreed() } : {};
    return { outcome, faults, ...seen, effort, ...told, injected, ...ranOut, calls, ...freed };
  }

  /** A translation that is still owed an invalidation when the call is over is a panic of the kernel. */
  #pending(outcome: Outcome): Outcome {
    const [owed] = this.#world.machine.pendingInvalidations.values();
    if (outcome.kind === 'panic' || owed === undefined) return outcome;
    try {
      this.#world.machine.panic(`${owed} was never invalidated`, 'invalidation');
    } catch {
      return outcomeOf(stopped() ?? { kind: 'ok', value: undefined });
    }
  }

  #uses(): Pick<Step, 'uses'> {
    if (this.#options.recordUses !== true) return {};
    return { uses: allocationUses(this.#world.machine, this.#world.spaces()) };
  }

  #look(op: Op): Pick<Step, 'spaces' | 'facts'> {
    const { spaces, facts } = this.#audit();
    return { spaces, facts: [...facts, ...this.#kernelHalf(op)] };
  }

  /** A table that is not made on a root of the driver's has to share the kernel half; the audit takes a root without it for one that is meant to be so. */
  #kernelHalf(op: Op): Fact[] {
    if (op.op !== 'new-table' || !op.kernel) return [];
    const table = this.#world.tables.get(op.table);
    const root = table === undefined ? undefined : this.#world.rootOf(table);
    if (root === undefined) return [];
    const slots = missingKernelSlots(this.#world.machine, root);
    return slots.map((slot) => ({ kind: 'kernel-half', slot, missing: true }));
  }

  #audit(): Pick<Step, 'spaces' | 'facts'> {
    const report = this.#auditor.update();
    const spaces: Record<string, readonly Leaf[] | SpaceChange | null> = {};
    const now = new Map(this.#world.spaces());
    for (const [label, root] of now) {
      const isKnown = this.#roots.has(label) && this.#roots.get(label) === root;
      if (!isKnown) spaces[label] = root === undefined ? [] : this.#auditor.leavesOf(root);
      else if (root !== undefined && report.spaces.has(root))
        spaces[label] = report.spaces.get(root) ?? [];
    }
    for (const label of this.#roots.keys()) if (!now.has(label)) spaces[label] = null;
    this.#roots = now;
    const keyed = report.facts.map((fact): [string, Fact] => [JSON.stringify(fact), fact]);
    const facts = keyed
      .filter(([key]) => !this.#facts.has(key))
      .map(([, fact]) => this.#withSites(fact));
    this.#facts = new Set(keyed.map(([key]) => key));
    return { spaces, facts };
  }

  /** An entry that leads to a free frame is understood from where the frame was released. */
  #withSites(fact: Fact): Fact {
    if (fact.kind !== 'dangling-entry' || !this.#options.recordSites) return fact;
    const frame = this.#world.machine.frames.get(fact.frame);
    return frame === undefined ? fact : { ...fact, sites: frame.sites };
  }
}

function isTableOp(op: PageTableOp | ProcessOp): op is PageTableOp {
  return TABLE_OPS.has(op.op);
}

function inspect(world: World, { space, va }: NonNullable<RunOptions['inspect']>): string[] | null {
  for (const [label, root] of world.spaces()) {
    if (label === space && root !== undefined) return printWalk(world.machine, root, BigInt(va));
  }
  return null;
}

/** Lets everything go: processes exit, tables and the driver's own pages are dropped, its frames freed, the page cache is emptied. */
function tearDown(world: World, recorder: Recorder): Trace['teardown'] {
  const { machine } = world;
  machine.beginOperation(-1);
  for (const label of [...world.processes.keys()]) {
    const outcome = runProcessOp(world, { op: 'exit', process: label }, []);
    if (outcome.kind !== 'ok') return { outcome, leaks: [] };
  }
  for (const label of [...world.tables.keys()]) {
    const outcome = runTableOp(world, { op: 'drop-table', table: label });
    if (outcome.kind !== 'ok') return { outcome, leaks: [] };
  }
  const dropped = call(() => {
    for (const page of world.pages.values()) (page as { drop(): void }).drop();
  });
  if (dropped.kind !== 'ok') return { outcome: outcomeOf(dropped), leaks: [] };
  world.frames.freeAll();
  machine.pageCache.clear();
  const leaks = [...machine.frames.owned()].map((frame): Fact => ({
    kind: 'leak',
    frame: frame.number,
    op: frame.op,
    site: frame.sites.allocated,
    owners: frame.owners,
    ...recorder.lostIn(frame.number, frame.op),
  }));
  return { outcome: { kind: 'ok' }, leaks };
}
