/** Programs of processes with a pager, chosen from the state that a correct pager would be in. */
import type fc from 'fast-check';
import type { PagerKind, Program, World } from '../protocol/program.ts';
import { drawPlaces, toHex, userAddress } from './addresses.ts';
import { drawCpus, drawLane, type Lane, type LaneShares, swarmed } from './lanes.ts';
import { mapRegion, refusedCall, refusedMapping } from './mapping-calls.ts';
import { type MadeProcess, ProcessState } from './process-state.ts';
import { type ProcessWeights, weightsOf } from './process-weights.ts';
import { Draw, type Row, rowsArbitrary } from './raw-choices.ts';

export interface ProcessProgramOptions {
  /** Operations, about. Default: 50. */
  readonly length?: number;
  /** Default: lazy. */
  readonly pager?: PagerKind;
  /** Where the programs come from. Default: mixed. */
  readonly lane?: Lane | LaneShares;
  /** In place of the lane's. */
  readonly weights?: Partial<ProcessWeights>;
  /** Now and then a frame allocation or a file read fails, and some files have a block that never can be read. */
  readonly failures?: boolean;
  /** Processes alive at a time, at most. Default: 4. */
  readonly processes?: number;
  /** In place of the lane's: processors, 1 to so many. */
  readonly cpus?: number;
  /** Pages of a region, at most. Default: 6. */
  readonly pages?: number;
}

/** Programs of up to four processes, files and processors, more often of one or two. */
export function processPrograms(options: ProcessProgramOptions = {}): fc.Arbitrary<Program> {
  return rowsArbitrary(options.length ?? 50).map((rows) => makeProgram(options, rows));
}

const FILE_SIZES = [1, 100, 4095, 4096, 4097, 6000, 8192, 12_288, 20_000] as const;

function makeProgram(options: ProcessProgramOptions, rows: readonly Row[]): Program {
  const [first = [], ...rest] = rows;
  const start = new Draw(first);
  const { pager = 'lazy', failures = false } = options;
  const lane = drawLane(start, options.lane);
  const weights = swarmed<keyof ProcessWeights>(
    start,
    lane,
    weightsOf(pager, lane, options.weights),
    ['mmap', 'access'],
  );
  const world: World = {
    cpus: options.cpus === undefined ? drawCpus(start, lane) : 1 + start.below(options.cpus),
    policy: start.of(['quarantine', 'first-fit', 'random']),
    seed: 1 + start.below(1000),
  };
  const places = drawPlaces(start, lane);
  const { pages = 6, processes = 4 } = options;
  const { cpus } = world;
  const most = { mostPages: pages, mostProcesses: processes };
  const state = new ProcessState({ lane, pager, cpus, places, failures, ...most });
  for (let i = start.below(5); i > 0; i--) makeFile(state, start);
  state.spawn('alice');
  if (start.oneIn(3)) state.spawn('bob');
  if (state.processes.length > 1 && start.oneIn(3)) state.spawn('carol');
  const maker = new Maker(state, weights);
  for (const row of rest) maker.add(new Draw(row));
  return { world, pager, ops: state.ops };
}

function makeFile(state: ProcessState, draw: Draw): void {
  const file = `file${String(state.files.size + 1)}`;
  const size = draw.of(FILE_SIZES);
  const cached = draw.oneIn(4);
  state.ops.push({
    op: 'file',
    file,
    size,
    seed: 1 + draw.below(200),
    ...(cached ? { cached } : {}),
    ...(draw.oneIn(4) ? { sparse: { data: draw.below(2), hole: 1 + draw.below(2) } } : {}),
    ...(draw.oneIn(4) ? { readLimit: draw.of([100, 1000, 4095]) } : {}),
    ...(state.failures && draw.oneIn(4)
      ? { unreadable: [draw.below(Math.ceil(size / 0x1000))] }
      : {}),
  });
  state.files.set(file, { label: file, size, cached });
}

/** Adds one operation after the other. */
class Maker {
  readonly #state: ProcessState;
  readonly #weights: ProcessWeights;
  #children = 0;

  constructor(state: ProcessState, weights: ProcessWeights) {
    this.#state = state;
    this.#weights = weights;
  }

  add(draw: Draw): void {
    const state = this.#state;
    const process = draw.of(state.processes);
    const cpu = draw.below(state.cpus);
    const kind = draw.weighted<keyof ProcessWeights>(this.#weights);
    if (kind === 'mmap' || (process.regions.length === 0 && kind !== 'badMmap')) {
      mapRegion(state, draw, process, cpu);
      return;
    }
    const at = { process: process.label, cpu };
    switch (kind) {
      case 'badMmap':
        refusedMapping(state, draw, process, cpu);
        break;
      case 'sysMmap':
        mapRegion(state, draw, process, cpu, true);
        break;
      case 'badSysMmap':
        refusedCall(state, draw, process.label, cpu);
        break;
      case 'munmap':
      case 'sysMunmap': {
        const region = draw.of(process.regions);
        const op = kind === 'munmap' ? 'munmap' : 'sys-munmap';
        state.ops.push({ op, ...at, addr: toHex(region.start) });
        state.forget(process, region);
        break;
      }
      case 'badMunmap':
        this.#refusedUnmapping(draw, process, cpu);
        break;
      case 'access':
        this.#access(draw, process, cpu, state.inside(draw, draw.of(process.regions)));
        break;
      case 'outside': {
        const { start, pages } = draw.of([...process.regions, ...process.gone]);
        const address = draw.of([start - 1, start + pages * 0x1000, start]);
        this.#access(draw, process, cpu, Math.max(0, address));
        break;
      }
      case 'crossing': {
        const region = draw.of(process.regions);
        const boundary = region.start + (1 + draw.below(region.pages)) * 0x1000;
        this.#access(draw, process, cpu, boundary - 1 - draw.below(20), 2 + draw.below(40));
        break;
      }
      case 'warm': {
        const address = state.inside(draw, draw.of(process.regions));
        for (let each = 0; each < state.cpus; each++) this.#access(draw, process, each, address);
        break;
      }
      case 'getUserPage': {
        const { regions, gone } = process;
        const region = draw.of(draw.oneIn(5) ? [...gone, ...regions] : regions);
        const addr = toHex(state.inside(draw, region));
        state.ops.push({ op: 'get-user-page', ...at, addr, ...state.failure(draw) });
        break;
      }
      case 'accessOk': {
        const region = draw.of([...process.regions, ...process.gone]);
        const edges = [region.start - 1, region.start + region.pages * 0x1000];
        const addr = userAddress(draw.oneIn(3) ? draw.of(edges) : state.inside(draw, region));
        state.ops.push({ op: 'access-ok', ...at, addr: toHex(addr), write: draw.oneIn(2) });
        break;
      }
      case 'accessRange':
        this.#accessRange(draw, process, cpu);
        break;
      case 'spurious': {
        const region = draw.of(process.regions);
        // Only faults that the region allows: another thread may have resolved them a moment ago.
        const isWrite = (region.prot & 2) !== 0 && draw.oneIn(2);
        // Where pages are shared a write may also find the page present.
        const code = isWrite ? (this.#weights.fork > 0 && draw.oneIn(2) ? 7 : 6) : 4;
        const addr = toHex(state.inside(draw, region));
        if ((region.prot & 8) !== 0) state.ops.push({ op: 'page-fault', ...at, addr, code });
        break;
      }
      case 'file':
        this.#changeFile(draw);
        break;
      case 'fork':
        this.#fork(draw, process, cpu);
        break;
      case 'exit':
        if (state.processes.length < 2) break;
        state.ops.push({ op: 'exit', process: process.label });
        state.processes.splice(state.processes.indexOf(process), 1);
        break;
    }
  }

  #refusedUnmapping(draw: Draw, process: MadeProcess, cpu: number): void {
    const { start, pages } = draw.of(process.regions);
    const addr = draw.of([0x1000 * Math.max(1, pages - 1) + start, start + 8, start - 0x1000]);
    if (process.regions.some((each) => each.start === addr)) return;
    const at = toHex(userAddress(addr));
    this.#state.ops.push({ op: 'munmap', process: process.label, cpu, addr: at });
  }

  #access(draw: Draw, process: MadeProcess, cpu: number, address: number, length = 1): void {
    const kind = draw.of(['read', 'read', 'write', 'write', 'write', 'fetch'] as const);
    this.#state.ops.push({
      op: 'access',
      process: process.label,
      cpu,
      addr: toHex(address),
      length,
      kind,
      mode: draw.of(['user', 'user', 'user', 'supervisor']),
      ...(kind === 'write' ? { value: 1 + draw.below(255) } : {}),
      // A failure in the middle of an access that spans pages would leave it open how far it got.
      ...(length === 1 ? this.#state.failure(draw) : {}),
    });
  }

  #accessRange(draw: Draw, process: MadeProcess, cpu: number): void {
    const region = draw.of([...process.regions, ...process.regions, ...process.gone]);
    const start = userAddress(this.#state.inside(draw, region));
    const after = region.start + region.pages * 0x1000;
    const end = draw.of([after, after + 1, start, start + draw.below(0x3000), start - 1]);
    this.#state.ops.push({
      op: 'access-range',
      process: process.label,
      cpu,
      addr: toHex(start),
      end: toHex(end),
      write: draw.oneIn(2),
    });
  }

  #changeFile(draw: Draw): void {
    const { files, ops } = this.#state;
    const file = draw.of([...files.values(), null]);
    if (file === null) return;
    if (draw.oneIn(2)) {
      ops.push({ op: 'rewrite', file: file.label, seed: 1 + draw.below(200) });
      return;
    }
    // Files only get shorter: a pager that took down the size at mmap would not show what was added later.
    const size = 1 + draw.below(file.size);
    files.set(file.label, { ...file, size });
    ops.push({ op: 'truncate', file: file.label, size });
  }

  #fork(draw: Draw, process: MadeProcess, cpu: number): void {
    const { ops, processes } = this.#state;
    if (processes.length >= this.#state.mostProcesses) return;
    const child = `child${String(++this.#children)}`;
    ops.push({ op: 'fork', process: process.label, child, cpu, ...this.#state.failure(draw) });
    processes.push({ label: child, regions: [...process.regions], gone: [...process.gone] });
  }
}
