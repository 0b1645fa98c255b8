/* eslint-disable no-restricted-globals, no-console -- a measurement, which looks at the clock and prints */
/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/prefer-for-of -- see below; the loops are what is measured */
/**
 * One measurement, in a process of its own: `measure.ts NAME ARGUMENT`. Prints a number as JSON. Bundled first, as the emulator is where student code
 * runs; compiled one file at a time it is slower.
 */
import { KEOS_CONTROLS } from '../../x86/access.ts';
import { accessCode } from '../access-code.ts';
import { Cpu } from '../cpu.ts';
import { activate } from '../keos/active-machine.ts';
import { keos } from '../keos/index.ts';
import { Machine } from '../machine.ts';
import { peek } from '../peek.ts';
import { PhysicalMemory } from '../physical-memory.ts';
import { Random } from '../random.ts';
import { framesFrom, PagingStructures } from '../testing/paging-structures.ts';
import { walk } from '../walker.ts';

/** The model's page table, which knows the interface by the name `keos`: see `keos.cjs`. */
const { PageTable } = require('../../solution/page-table.ts') as {
  readonly PageTable: new () => ModelTable;
};
const { Page, Permission } = keos;

interface ModelTable {
  map(va: bigint, page: unknown, rights: bigint): void;
  walk(va: bigint): unknown;
  unmap(va: bigint): { drop(): void };
}

const BASE = 0x7f00_0000_0000;
const READ = { kind: 'read', mode: 'user', ac: false } as const;
const REPEATS = 7;

/** Least nanoseconds that one of `count` things takes, over a few runs of `body`. */
function nanoseconds(count: number, body: () => void): number {
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    body();
    best = Math.min(best, ((performance.now() - start) * 1e6) / count);
  }
  return best;
}

/** Page tables of so many neighbouring pages, and the pages in an order that no prefetcher guesses. */
function tables(pages: number) {
  const memory = new PhysicalMemory();
  const structures = new PagingStructures(memory, framesFrom(0x100));
  const order = Array.from({ length: pages }, (_, i) => BASE + i * 4096);
  for (const [i, linear] of order.entries()) structures.map(linear, 0x100_0000 + i * 4096);
  const random = new Random(1);
  for (let i = pages - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return { memory, root: structures.root, order };
}

/** Faults, so that the compiler cannot leave the work out. */
function walks(pages: number): number {
  const { memory, root, order } = tables(pages);
  const rounds = Math.ceil(1_000_000 / pages);
  let faults = 0;
  return nanoseconds(rounds * pages, () => {
    for (let round = 0; round < rounds; round++)
      for (let i = 0; i < order.length; i++)
        if (typeof walk(memory, root, order[i]!, READ, KEOS_CONTROLS) === 'number') faults++;
    if (faults > 0) throw new Error('a mapped page faulted');
  });
}

function hits(pages: number): number {
  const { memory, root, order } = tables(pages);
  const cpu = new Cpu(0, memory, KEOS_CONTROLS, root);
  const read = accessCode(READ);
  // Not by accesses: the engine would compile what is measured for misses as well.
  for (const linear of order) cpu.tlb.insert(linear, 0, peek(memory, root, linear, KEOS_CONTROLS)!);
  const rounds = Math.ceil(2_000_000 / pages);
  let faults = 0;
  return nanoseconds(rounds * pages, () => {
    for (let round = 0; round < rounds; round++)
      for (let i = 0; i < order.length; i++) if (cpu.translate(order[i]! + 8, read) < 0) faults++;
    if (faults > 0) throw new Error('a mapped page faulted');
  });
}

/** A page through the interface: new, map, walk, unmap, drop; with the model's page table. */
function interfaceRound(pages: number): number {
  activate(new Machine({ callBudget: Infinity, frames: 4 * pages }));
  const table = new PageTable();
  const rights = Permission.READ | Permission.WRITE | Permission.USER;
  return nanoseconds(pages, () => {
    for (let i = 0; i < pages; i++) {
      const va = BigInt(BASE + i * 4096);
      table.map(va, Page.new(), rights);
      table.walk(va);
      table.unmap(va).drop();
    }
  });
}

function freshMachines(count: number): number {
  let roots = 0;
  return nanoseconds(count, () => {
    for (let i = 0; i < count; i++) roots += new Machine().bootRoot;
    if (roots === 0) throw new Error('no machine has a root');
  });
}

/** Bytes of the process that a mapped page costs, with a handle that the student keeps: resident, and by the engine's own count. */
function bytesPerPage(pages: number): { resident: number; counted: number } {
  activate(new Machine({ callBudget: Infinity, frames: 2 * pages + 4096 }));
  const table = new PageTable();
  const rights = Permission.READ | Permission.WRITE | Permission.USER;
  const kept: unknown[] = [];
  const used = () => {
    (globalThis as { gc?: () => void }).gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, counted: heapUsed + external };
  };
  const before = used();
  for (let i = 0; i < pages; i++) {
    const page = Page.new();
    // Written once, so that the frame has bytes of its own.
    page.innerMut().set(0, 1);
    kept.push(page.clone());
    table.map(BigInt(BASE + i * 4096), page, rights);
  }
  const after = used();
  if (kept.length !== pages) throw new Error('a handle was lost');
  return {
    resident: (after.rss - before.rss) / pages,
    counted: (after.counted - before.counted) / pages,
  };
}

const MEASUREMENTS: Readonly<Record<string, (argument: number) => unknown>> = {
  walks,
  hits,
  interfaceRound,
  freshMachines,
  bytesPerPage,
};

const [name = '', argument = '0'] = process.argv.slice(2);
console.log(JSON.stringify(MEASUREMENTS[name]?.(Number(argument))));
