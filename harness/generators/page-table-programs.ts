/** Programs on bare page tables, chosen from the state that a correct page table would be in. */
import type fc from 'fast-check';
import type { Op, Program, World } from '../protocol/program.ts';
import { neighbour, neighbourhoods, pageAddress, toHex } from './addresses.ts';
import { Draw, type Row, rowsArbitrary } from './raw-choices.ts';

/** How often each kind of operation is tried. */
export interface PageTableWeights {
  readonly map: number;
  readonly remap: number;
  readonly unmap: number;
  readonly absent: number;
  readonly walk: number;
  readonly walkMut: number;
  readonly probe: number;
  readonly refuse: number;
  readonly clear: number;
}

const MIXED: PageTableWeights = {
  map: 34,
  remap: 6,
  unmap: 14,
  absent: 6,
  walk: 8,
  walkMut: 6,
  probe: 20,
  refuse: 6,
  clear: 1,
};

export interface PageTableProgramOptions {
  readonly length?: number;
  readonly weights?: Partial<PageTableWeights>;
  /** Now and then a frame allocation fails. */
  readonly outOfMemory?: boolean;
}

/** Programs of about `length` operations on one or two page tables and one or two processors. */
export function pageTablePrograms(options: PageTableProgramOptions = {}): fc.Arbitrary<Program> {
  return rowsArbitrary(options.length ?? 50).map((rows) => new Maker(options).make(rows));
}

class Maker {
  readonly #options: PageTableProgramOptions;
  readonly #ops: Op[] = [];
  readonly #mapped = new Map<string, Map<number, string>>();
  readonly #held: string[] = [];
  #seen: number[] = [];
  #pages = 0;
  #places: readonly number[] = [];

  constructor(options: PageTableProgramOptions) {
    this.#options = options;
  }

  make(rows: readonly Row[]): Program {
    const [first = [], ...rest] = rows;
    const start = new Draw(first);
    this.#places = neighbourhoods(start);
    const world: World = {
      cpus: 1 + start.below(2),
      policy: start.of(['quarantine', 'first-fit', 'random']),
      seed: 1 + start.below(1000),
    };
    const tables = start.oneIn(3) ? ['table', 'other'] : ['table'];
    for (const table of tables) {
      this.#ops.push({ op: 'new-table', table, kernel: !start.oneIn(4) });
      this.#mapped.set(table, new Map());
    }
    for (let cpu = 0; cpu < world.cpus; cpu++)
      this.#ops.push({ op: 'load-table', cpu, table: 'table' });
    for (const row of rest) this.#row(new Draw(row), world);
    return { world, pager: 'lazy', ops: this.#ops };
  }

  #row(draw: Draw, world: World): void {
    const table = draw.oneIn(6) && this.#mapped.has('other') ? 'other' : 'table';
    const mapped = this.#mapped.get(table) ?? new Map<number, string>();
    const addresses = [...mapped.keys()];
    const kind = draw.weighted({ ...MIXED, ...this.#options.weights });
    if (kind === 'map' || addresses.length === 0) {
      this.#map(draw, table, mapped);
      return;
    }
    const va = draw.of(addresses);
    const page = mapped.get(va) ?? '';
    switch (kind) {
      case 'remap':
        this.#ops.push({
          op: 'map',
          table,
          va: toHex(va),
          page: this.#newPage(draw),
          perm: 1 | draw.below(16),
        });
        break;
      case 'unmap':
        this.#ops.push({ op: 'unmap', table, va: toHex(va), page });
        mapped.delete(va);
        this.#held.push(page);
        break;
      case 'absent': {
        const other = this.#otherAddress(draw, mapped);
        this.#ops.push(
          draw.oneIn(2)
            ? { op: 'walk', table, va: toHex(other) }
            : draw.oneIn(2)
              ? { op: 'unmap', table, va: toHex(other), page: 'none' }
              : { op: 'walk-mut', table, va: toHex(other), then: 'look' },
        );
        break;
      }
      case 'walk':
        this.#ops.push({
          op: 'walk',
          table,
          va: toHex(va + (draw.oneIn(8) ? 1 + draw.below(4095) : 0)),
        });
        break;
      case 'walkMut':
        this.#walkMut(draw, table, mapped, va, page);
        break;
      case 'probe': {
        const at = draw.oneIn(5) ? draw.of(this.#seen) : va;
        this.#ops.push({
          op: 'probe',
          cpu: draw.below(world.cpus),
          va: toHex(at + draw.of([0, 1, 8, 4095])),
          kind: draw.of(['read', 'read', 'write', 'fetch']),
          mode: draw.of(['user', 'supervisor']),
          value: 1 + draw.below(255),
        });
        break;
      }
      case 'refuse':
        this.#refuse(draw, table, mapped);
        break;
      case 'clear':
        // A table may only be cleared while no processor runs it.
        this.#ops.push({ op: 'drop-table', table }, { op: 'new-table', table, kernel: true });
        for (let cpu = 0; cpu < world.cpus; cpu++)
          this.#ops.push({ op: 'load-table', cpu, table: 'table' });
        mapped.clear();
        break;
    }
  }

  #map(draw: Draw, table: string, mapped: Map<number, string>): void {
    const va = this.#otherAddress(draw, mapped);
    const reuse = this.#held.length > 0 && draw.oneIn(3) ? this.#held.pop() : undefined;
    const page = reuse ?? this.#newPage(draw);
    const op = { op: 'map', table, va: toHex(va), page, perm: 1 | draw.below(16) } as const;
    if (this.#options.outOfMemory === true && draw.oneIn(3)) {
      // It may or may not get as far as that allocation; the next operations use other pages either way.
      this.#ops.push({
        ...op,
        fault: { point: 'frame', nth: 1 + draw.below(3), mode: draw.of(['once', 'on']) },
      });
      this.#ops.push({ op: 'unmap', table, va: toHex(va), page });
      return;
    }
    this.#ops.push(op);
    mapped.set(va, page);
    this.#seen.push(va);
  }

  #walkMut(draw: Draw, table: string, mapped: Map<number, string>, va: number, page: string): void {
    const then = draw.of(['look', 'clear', 'replace'] as const);
    if (then === 'look') this.#ops.push({ op: 'walk-mut', table, va: toHex(va), then });
    if (then === 'clear') {
      this.#ops.push({ op: 'walk-mut', table, va: toHex(va), then, page });
      mapped.delete(va);
    }
    if (then === 'replace') {
      const next = this.#newPage(draw);
      this.#ops.push({
        op: 'walk-mut',
        table,
        va: toHex(va),
        then,
        page: next,
        perm: 1 | draw.below(16),
      });
      mapped.set(va, next);
    }
  }

  #refuse(draw: Draw, table: string, mapped: Map<number, string>): void {
    const va = this.#otherAddress(draw, mapped);
    const page = this.#newPage(draw);
    switch (draw.below(4)) {
      case 0:
        this.#ops.push({
          op: 'map',
          table,
          va: toHex(va + 1 + draw.below(4095)),
          page,
          perm: 1 | draw.below(16),
        });
        break;
      case 1:
        this.#ops.push({ op: 'map', table, va: toHex(va), page, perm: draw.below(8) * 2 });
        break;
      case 2:
        this.#ops.push({
          op: 'do-map',
          table,
          va: toHex(va),
          page,
          skew: 8 * (1 + draw.below(511)),
          perm: 3,
        });
        break;
      default:
        this.#ops.push({ op: 'unmap', table, va: toHex(va + 1 + draw.below(4095)), page: 'none' });
    }
  }

  /** An address that is not mapped: a neighbour of one that is, one used before, or a new one. */
  #otherAddress(draw: Draw, mapped: ReadonlyMap<number, string>): number {
    const known = [...mapped.keys()];
    for (let tries = 0; tries < 8; tries++) {
      const near = known.length > 0 && draw.oneIn(2);
      const va = near
        ? neighbour(draw, draw.of(known))
        : this.#seen.length > 0 && draw.oneIn(3)
          ? draw.of(this.#seen)
          : pageAddress(draw, this.#places);
      if (!mapped.has(va)) return va;
    }
    let va = 0x10_0000;
    while (mapped.has(va)) va += 0x1000;
    return va;
  }

  #newPage(draw: Draw): string {
    const page = `page${String(++this.#pages)}`;
    this.#ops.push({ op: 'new-page', page, fill: 1 + draw.below(255) });
    return page;
  }
}
