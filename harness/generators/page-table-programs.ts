/** Programs on bare page tables, chosen from the state that a correct page table would be in. */
import type fc from 'fast-check';
import type { Hex, Op, Program, World } from '../protocol/program.ts';
import { drawPlaces, neighbour, pageAddress, type Places, toHex } from './addresses.ts';
import { drawCpus, drawLane, type Lane, type LaneShares, swarmed } from './lanes.ts';
import { type PageTableWeights, tableWeightsOf } from './page-table-weights.ts';
import { Draw, type Row, rowsArbitrary } from './raw-choices.ts';

export interface PageTableProgramOptions {
  /** Operations, about. Default: 50. */
  readonly length?: number;
  /** Where the programs come from. Default: mixed. */
  readonly lane?: Lane | LaneShares;
  /** In place of the lane's. */
  readonly weights?: Partial<PageTableWeights>;
  /** Now and then a frame allocation fails. */
  readonly outOfMemory?: boolean;
}

/** Programs on one or two page tables and up to four processors, more often one or two. */
export function pageTablePrograms(options: PageTableProgramOptions = {}): fc.Arbitrary<Program> {
  return rowsArbitrary(options.length ?? 50).map((rows) => makeProgram(options, rows));
}

function makeProgram(options: PageTableProgramOptions, rows: readonly Row[]): Program {
  const [first = [], ...rest] = rows;
  const start = new Draw(first);
  const lane = drawLane(start, options.lane);
  const usual = tableWeightsOf(lane, options.weights);
  const weights = swarmed<keyof PageTableWeights>(start, lane, usual, ['map', 'probe']);
  const world: World = {
    cpus: drawCpus(start, lane),
    policy: start.of(['quarantine', 'first-fit', 'random']),
    seed: 1 + start.below(1000),
  };
  const maker = new Maker(
    world.cpus,
    drawPlaces(start, lane),
    weights,
    options.outOfMemory === true,
  );
  maker.newTable('table', !start.oneIn(4));
  if (start.oneIn(3)) maker.newTable('other', !start.oneIn(4));
  maker.run('table');
  for (const row of rest) maker.add(new Draw(row));
  return { world, pager: 'lazy', ops: maker.ops };
}

/** Adds one operation after the other. */
class Maker {
  readonly ops: Op[] = [];
  readonly #cpus: number;
  readonly #places: Places;
  readonly #weights: PageTableWeights;
  readonly #outOfMemory: boolean;
  /** What each table maps: page labels by address. */
  readonly #tables = new Map<string, Map<number, string>>();
  /** Pages that came back from a table. */
  readonly #held: string[] = [];
  /** Addresses that were mapped once. */
  readonly #seen: number[] = [];
  #pages = 0;

  constructor(cpus: number, places: Places, weights: PageTableWeights, outOfMemory: boolean) {
    this.#cpus = cpus;
    this.#places = places;
    this.#weights = weights;
    this.#outOfMemory = outOfMemory;
  }

  newTable(table: string, kernel: boolean): void {
    this.ops.push({ op: 'new-table', table, kernel });
    this.#tables.set(table, new Map());
  }

  /** Every processor runs the table. */
  run(table: string): void {
    for (let cpu = 0; cpu < this.#cpus; cpu++) this.ops.push({ op: 'load-table', cpu, table });
  }

  add(draw: Draw): void {
    const table = draw.oneIn(6) && this.#tables.has('other') ? 'other' : 'table';
    const mapped = this.#tables.get(table) ?? new Map<number, string>();
    const addresses = [...mapped.keys()];
    const kind = draw.weighted<keyof PageTableWeights>(this.#weights);
    if (kind === 'map' || addresses.length === 0) {
      this.#map(draw, table, mapped);
      return;
    }
    const at = draw.of(addresses);
    const va = toHex(at);
    const page = mapped.get(at) ?? '';
    switch (kind) {
      case 'remap':
        this.ops.push({ op: 'map', table, va, page: this.#newPage(draw), perm: anyRights(draw) });
        break;
      case 'unmap':
        this.ops.push({ op: 'unmap', table, va, page });
        mapped.delete(at);
        this.#held.push(page);
        break;
      case 'absent':
        this.#absent(draw, table, toHex(this.#otherAddress(draw, mapped)));
        break;
      case 'walk': {
        const offset = draw.oneIn(8) ? 1 + draw.below(4095) : 0;
        this.ops.push({ op: 'walk', table, va: toHex(at + offset) });
        break;
      }
      case 'walkMut':
        this.#walkMut(draw, table, mapped, at, page);
        break;
      case 'probe':
        this.#probe(draw, draw.below(this.#cpus), draw.oneIn(5) ? draw.of(this.#seen) : at);
        break;
      case 'warm':
        for (let cpu = 0; cpu < this.#cpus; cpu++) this.#probe(draw, cpu, at);
        break;
      case 'refuse':
        this.#refuse(draw, table, mapped);
        break;
      case 'clear':
        // A table may only be cleared while no processor runs it.
        this.ops.push({ op: 'drop-table', table });
        this.newTable(table, true);
        this.run('table');
        break;
    }
  }

  #map(draw: Draw, table: string, mapped: Map<number, string>): void {
    const at = this.#otherAddress(draw, mapped);
    const reuse = this.#held.length > 0 && draw.oneIn(3) ? this.#held.pop() : undefined;
    const page = reuse ?? this.#newPage(draw);
    const op = { op: 'map', table, va: toHex(at), page, perm: anyRights(draw) } as const;
    if (this.#outOfMemory && draw.oneIn(3)) {
      const mode = draw.of(['once', 'on'] as const);
      this.ops.push({ ...op, fault: { point: 'frame', nth: 1 + draw.below(3), mode } });
      // It may or may not get as far as that allocation; the next operations use other pages either way.
      this.ops.push({ op: 'unmap', table, va: toHex(at), page });
      return;
    }
    this.ops.push(op);
    mapped.set(at, page);
    this.#seen.push(at);
  }

  #absent(draw: Draw, table: string, va: Hex): void {
    const asks = draw.of(['walk', 'walk', 'unmap', 'walk-mut'] as const);
    if (asks === 'walk') this.ops.push({ op: 'walk', table, va });
    if (asks === 'unmap') this.ops.push({ op: 'unmap', table, va, page: 'none' });
    if (asks === 'walk-mut') this.ops.push({ op: 'walk-mut', table, va, then: 'look' });
  }

  #walkMut(draw: Draw, table: string, mapped: Map<number, string>, at: number, page: string): void {
    const then = draw.of(['look', 'clear', 'replace'] as const);
    const op = { op: 'walk-mut', table, va: toHex(at), then } as const;
    if (then === 'look') this.ops.push(op);
    if (then === 'clear') {
      this.ops.push({ ...op, page });
      mapped.delete(at);
    }
    if (then === 'replace') {
      const next = this.#newPage(draw);
      this.ops.push({ ...op, page: next, perm: anyRights(draw) });
      mapped.set(at, next);
    }
  }

  #probe(draw: Draw, cpu: number, at: number): void {
    this.ops.push({
      op: 'probe',
      cpu,
      va: toHex(at + draw.of([0, 1, 8, 4095])),
      kind: draw.of(['read', 'read', 'write', 'fetch']),
      mode: draw.of(['user', 'supervisor']),
      value: 1 + draw.below(255),
    });
  }

  #refuse(draw: Draw, table: string, mapped: Map<number, string>): void {
    const at = this.#otherAddress(draw, mapped);
    const unaligned = toHex(at + 1 + draw.below(4095));
    const page = this.#newPage(draw);
    const kind = draw.of(['address', 'rights', 'frame', 'unmap'] as const);
    if (kind === 'address')
      this.ops.push({ op: 'map', table, va: unaligned, page, perm: anyRights(draw) });
    if (kind === 'rights')
      this.ops.push({ op: 'map', table, va: toHex(at), page, perm: draw.below(8) * 2 });
    if (kind === 'frame') {
      const skew = 8 * (1 + draw.below(511));
      this.ops.push({ op: 'do-map', table, va: toHex(at), page, skew, perm: 3 });
    }
    if (kind === 'unmap') this.ops.push({ op: 'unmap', table, va: unaligned, page: 'none' });
  }

  /** An address that is not mapped: a neighbour of one that is, one used before, or a new one. */
  #otherAddress(draw: Draw, mapped: ReadonlyMap<number, string>): number {
    const known = [...mapped.keys()];
    for (let tries = 0; tries < 8; tries++) {
      const near = known.length > 0 && draw.oneIn(2);
      const at = near
        ? neighbour(draw, draw.of(known))
        : this.#seen.length > 0 && draw.oneIn(3)
          ? draw.of(this.#seen)
          : pageAddress(draw, this.#places);
      if (!mapped.has(at)) return at;
    }
    let at = 0x10_0000;
    while (mapped.has(at)) at += 0x1000;
    return at;
  }

  #newPage(draw: Draw): string {
    const page = `page${String(++this.#pages)}`;
    this.ops.push({ op: 'new-page', page, fill: 1 + draw.below(255) });
    return page;
  }
}

/** Any `Permission` with READ. */
function anyRights(draw: Draw): number {
  return 1 | draw.below(16);
}
