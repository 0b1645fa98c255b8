import { expect } from 'chai';
import fc from 'fast-check';
import { isCanonical, LOWER_HALF_END } from '../../reference/x86/address.ts';
import type { Hex, Op, Program } from '../protocol/program.ts';
import { pageTablePrograms } from './page-table-programs.ts';
import { processPrograms } from './process-programs.ts';

const RUNS = 100;
const draw = (arbitrary: fc.Arbitrary<Program>, seed = 1): readonly Program[] =>
  fc.sample(arbitrary, { seed, numRuns: RUNS });

const LAZY = {
  mixed: processPrograms(),
  regions: processPrograms({ weights: { mmap: 25, munmap: 20, badMmap: 12, badMunmap: 10 } }),
  failures: processPrograms({ failures: true }),
  forks: processPrograms({ failures: true, weights: { fork: 6, exit: 3 } }),
  swarm: processPrograms({ lane: 'swarm' }),
  boundary: processPrograms({ lane: 'boundary' }),
  shootdown: processPrograms({ lane: 'shootdown' }),
  fork: processPrograms({ lane: 'fork' }),
};
const TABLES = {
  mixed: pageTablePrograms(),
  refusals: pageTablePrograms({ weights: { refuse: 30, absent: 20, remap: 20, probe: 10 } }),
  shortage: pageTablePrograms({ outOfMemory: true }),
  swarm: pageTablePrograms({ lane: 'swarm' }),
  boundary: pageTablePrograms({ lane: 'boundary' }),
  shootdown: pageTablePrograms({ lane: 'shootdown' }),
};
const EAGER = {
  eager: processPrograms({ pager: 'eager' }),
  regions: processPrograms({
    pager: 'eager',
    weights: { mmap: 25, munmap: 20, badMmap: 12, badMunmap: 10, access: 25, accessRange: 15 },
  }),
  failures: processPrograms({ pager: 'eager', failures: true }),
  mixed: processPrograms({ pager: 'eager' }),
  boundary: processPrograms({ pager: 'eager', lane: 'boundary' }),
  portfolio: processPrograms({ pager: 'eager', lane: { swarm: 1, shootdown: 1 } }),
};
const ALL = {
  ...named('lazy', LAZY),
  ...named('eager', EAGER),
  ...named('tables', TABLES),
};

function named<T>(of: string, all: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [`${of}: ${name}`, one]));
}

/** Every address that is handed to student code as a `Va`; registers are none. */
function vas(op: Op): readonly Hex[] {
  if (op.op === 'sys-mmap' || op.op === 'sys-munmap') return [];
  if ('va' in op) return [op.va];
  // Processors make accesses, to any address.
  if (op.op === 'access') return [];
  return 'addr' in op ? [op.addr] : [];
}

/** Complains about an operation on a label that no operation has made, or that is gone. */
function unknownLabels(program: Program): readonly string[] {
  const known = new Set<string>();
  const held = new Set<string>();
  const found: string[] = [];
  const need = (labels: Set<string>, label: string, op: Op): void => {
    if (!labels.has(label)) found.push(`${op.op} of ${label}`);
  };
  const make = (label: string, op: Op): void => {
    if (known.has(label)) found.push(`second ${label}: ${op.op}`);
    known.add(label);
  };
  for (const op of program.ops) {
    switch (op.op) {
      case 'new-table':
        make(op.table, op);
        break;
      case 'spawn':
        make(op.process, op);
        break;
      case 'file':
        make(op.file, op);
        break;
      case 'new-page':
        make(op.page, op);
        held.add(op.page);
        break;
      case 'fork':
        need(known, op.process, op);
        make(op.child, op);
        break;
      case 'indices':
      case 'probe':
        break;
      case 'drop-page':
        need(held, op.page, op);
        held.delete(op.page);
        break;
      case 'truncate':
      case 'rewrite':
        need(known, op.file, op);
        break;
      case 'map':
      case 'do-map':
        need(known, op.table, op);
        need(held, op.page, op);
        // After a doMap that fails the page is the driver's again; the generated ones all must fail.
        if (op.op === 'map') held.delete(op.page);
        break;
      case 'unmap':
        need(known, op.table, op);
        held.add(op.page);
        break;
      case 'walk-mut':
        need(known, op.table, op);
        if (op.then === 'replace') need(held, op.page ?? '', op);
        if (op.then === 'replace') held.delete(op.page ?? '');
        break;
      case 'drop-table':
        need(known, op.table, op);
        known.delete(op.table);
        break;
      case 'walk':
      case 'clear-table':
      case 'load-table':
        need(known, op.table, op);
        break;
      case 'exit':
        need(known, op.process, op);
        known.delete(op.process);
        break;
      case 'mmap':
        if (op.file !== null) need(known, op.file, op);
        need(known, op.process, op);
        break;
      case 'open':
        need(known, op.process, op);
        need(known, op.file ?? '', op);
        make(`${op.process} ${String(op.fd)}`, op);
        break;
      default:
        if ('process' in op) need(known, op.process, op);
    }
  }
  return found;
}

/** What happens in a program of processes, in words that can be counted. */
function events({ ops }: Program): ReadonlySet<string> {
  const seen = new Set<string>();
  const regions: {
    process: string;
    start: number;
    end: number;
    touched: boolean;
    file: boolean;
  }[] = [];
  const loads = new Set<string>();
  const gone: { start: number; end: number }[] = [];
  const regionAt = (process: string, at: number): (typeof regions)[number] | undefined =>
    regions.find((each) => each.process === process && at >= each.start && at < each.end);
  for (const op of ops) {
    if ('fault' in op) seen.add('a failure');
    if ('cpu' in op && op.cpu === 1) seen.add('a second processor');
    if ('process' in op && op.process === 'bob') seen.add('a second process');
    switch (op.op) {
      case 'mmap': {
        const start = Number(op.addr);
        const end = start + Math.ceil(Number(op.size) / 0x1000) * 0x1000;
        const overlap = regions.some(
          (each) => each.process === op.process && start < each.end && each.start < end,
        );
        const isBad =
          start === 0 ||
          start % 0x1000 !== 0 ||
          (op.prot & 1) === 0 ||
          end === start ||
          end > LOWER_HALF_END;
        if (overlap) seen.add('an overlap');
        if (isBad) seen.add('a bad mmap');
        if (overlap || isBad) break;
        if (gone.some((each) => start < each.end && each.start < end))
          seen.add('a region where one was before');
        regions.push({ process: op.process, start, end, touched: false, file: op.file !== null });
        break;
      }
      case 'munmap': {
        const at = regions.findIndex(
          (each) => each.process === op.process && each.start === Number(op.addr),
        );
        const region = regions[at];
        if (region === undefined) {
          seen.add('a bad munmap');
          break;
        }
        seen.add(region.touched ? 'munmap of a touched region' : 'munmap of an untouched region');
        regions.splice(at, 1);
        gone.push(region);
        break;
      }
      case 'access': {
        const at = Number(op.addr);
        const region = regionAt(op.process, at);
        if (Math.floor(at / 0x1000) !== Math.floor((at + op.length - 1) / 0x1000))
          seen.add('an access across pages');
        if (region === undefined) {
          seen.add('an access outside');
          break;
        }
        region.touched = true;
        const page = `${op.process} ${String(Math.floor(at / 0x1000))}`;
        if (region.file) seen.add('an access to a file');
        if (op.kind === 'read') loads.add(page);
        if (op.kind === 'write' && loads.has(page)) seen.add('a store after a load');
        if (op.kind === 'fetch') seen.add('a fetch');
        if (op.mode === 'supervisor') seen.add('an access of the kernel');
        break;
      }
      case 'get-user-page':
        seen.add('getUserPage');
        break;
      case 'access-ok':
        seen.add('accessOk');
        break;
      case 'page-fault':
        seen.add('a late fault');
        break;
      case 'truncate':
      case 'rewrite':
        seen.add('a file that changes');
        break;
      case 'fork':
        seen.add('a fork');
        break;
      default:
    }
  }
  return seen;
}

/** What happens in a program on page tables. */
function tableEvents({ ops, world }: Program): ReadonlySet<string> {
  const seen = new Set<string>([`${String(world.cpus)} processors`, world.policy]);
  const mapped = new Set<string>();
  const gone = new Set<string>();
  for (const op of ops) {
    if ('fault' in op) seen.add('a failure');
    if (op.op === 'new-table' && op.table === 'other') seen.add('a second table');
    if (op.op === 'new-table' && !op.kernel) seen.add('a table without the kernel half');
    if (op.op === 'drop-table') seen.add('a table dropped');
    if (op.op === 'probe') seen.add(`a ${op.kind}`);
    if (op.op === 'walk-mut') seen.add(`walkMut: ${op.then}`);
    if (op.op === 'do-map') seen.add('an unaligned frame');
    if (!('table' in op) || !('va' in op)) continue;
    const place = `${op.table} ${op.va}`;
    if (BigInt(op.va) % 0x1000n !== 0n) seen.add('an unaligned address');
    if (op.op === 'map' && (op.perm & 1) === 0) seen.add('a permission without READ');
    if (op.op === 'map' && mapped.has(place)) seen.add('an address mapped twice');
    if (op.op === 'map' && gone.has(place)) seen.add('an address mapped again');
    if (op.op === 'unmap') seen.add(mapped.has(place) ? 'unmap' : 'unmap of nothing');
    if (op.op === 'map') mapped.add(place);
    if (op.op === 'unmap' && mapped.delete(place)) gone.add(place);
    if (op.op === 'walk' && !mapped.has(place)) seen.add('walk of nothing');
  }
  return seen;
}

function shares(
  programs: readonly Program[],
  eventsOf: (program: Program) => ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const program of programs) {
    for (const event of eventsOf(program)) counts.set(event, (counts.get(event) ?? 0) + 1);
  }
  return new Map([...counts].map(([event, count]) => [event, count / programs.length]));
}

function expectShares(
  found: ReadonlyMap<string, number>,
  wanted: Readonly<Record<string, number>>,
): void {
  for (const [event, least] of Object.entries(wanted)) {
    expect(found.get(event) ?? 0, `programs with ${event}`).to.be.at.least(least);
  }
}

describe('generated programs', () => {
  for (const [name, arbitrary] of Object.entries(ALL)) {
    describe(name, () => {
      const programs = draw(arbitrary);

      it('should be the same for the same seed, and others for another', () => {
        expect(JSON.stringify(draw(arbitrary))).to.equal(JSON.stringify(programs));
        expect(draw(arbitrary, 2)[0]).to.not.deep.equal(programs[0]);
      });

      it('should be plain data', () => {
        const few = programs.slice(0, 10);

        expect(JSON.parse(JSON.stringify(few))).to.deep.equal(few);
      });

      it('should name only what there is, and make nothing twice', () => {
        expect(programs.flatMap(unknownLabels)).to.deep.equal([]);
      });

      it('should name only processors that there are', () => {
        for (const { ops, world } of programs) {
          for (const op of ops) if ('cpu' in op) expect(op.cpu ?? 0).to.be.below(world.cpus);
        }
      });

      it('should hand over canonical addresses only', () => {
        const wrong = programs
          .flatMap(({ ops }) => ops.flatMap(vas))
          .filter((va) => !isCanonical(BigInt(va)));

        expect(wrong).to.deep.equal([]);
      });

      it('should have about as many operations as it was asked for', () => {
        for (const { ops } of programs) expect(ops.length).to.be.within(35, 200);
      });
    });
  }

  it('should have the length that was asked for', () => {
    for (const arbitrary of [processPrograms({ length: 10 }), pageTablePrograms({ length: 10 })]) {
      for (const { ops } of draw(arbitrary)) expect(ops.length).to.be.within(5, 35);
    }
  });

  it('should have values that fit', () => {
    for (const { ops } of Object.values(LAZY).flatMap((each) => draw(each))) {
      for (const op of ops) {
        if (op.op === 'access') expect(op.length).to.be.within(1, 8192);
        if (op.op === 'access' && op.kind === 'write') expect(op.value).to.be.within(1, 255);
        if (op.op === 'mmap') expect(op.prot).to.be.within(0, 15);
        if ('fault' in op) expect(op.fault).to.have.property('nth').that.is.at.least(1);
      }
    }
  });

  describe('lanes', () => {
    const worlds = (arbitrary: fc.Arbitrary<Program>): ReadonlyMap<string, number> =>
      shares(draw(arbitrary), ({ ops, world }) => {
        const made = (kind: Op['op']): number => ops.filter(({ op }) => op === kind).length;
        return new Set([
          `${String(world.cpus)} processors`,
          `${String(made('spawn'))} processes`,
          `${String(made('file'))} files`,
        ]);
      });
    /** Operations of any kind that a program has none of. */
    const missing = (arbitrary: fc.Arbitrary<Program>): ReadonlyMap<string, number> =>
      shares(draw(arbitrary), ({ ops }) => {
        const there = new Set<string>(ops.map(({ op }) => op));
        const kinds = ['munmap', 'access-ok', 'get-user-page', 'page-fault', 'unmap', 'walk-mut'];
        return new Set(kinds.filter((kind) => !there.has(kind)));
      });
    /** Whether a page was used on two processors and then taken away. */
    const changesBehindBacks = ({ ops }: Program): ReadonlySet<string> => {
      const users = new Map<number, Set<number>>();
      for (const op of ops) {
        const isUse = op.op === 'access' || op.op === 'probe';
        const at = Math.floor(Number('va' in op ? op.va : 'addr' in op ? op.addr : 0) / 0x1000);
        if (isUse) users.set(at, (users.get(at) ?? new Set()).add(op.cpu ?? 0));
        const takesAway = op.op === 'munmap' || op.op === 'unmap' || op.op === 'walk-mut';
        if (takesAway && (users.get(at)?.size ?? 0) > 1) return new Set(['it']);
      }
      return new Set();
    };

    it('should have worlds of several processors, processes and files', () => {
      const few = { '3 processors': 0.02, '4 processors': 0.02, '4 files': 0.1 };

      expectShares(worlds(LAZY.mixed), { ...few, '2 processes': 0.1, '3 processes': 0.02 });
      expectShares(worlds(LAZY.shootdown), { '3 processors': 0.15, '4 processors': 0.15 });
      expect(worlds(LAZY.shootdown).has('1 processors')).to.equal(false);
    });

    it('should leave out kinds of operations in a swarm, and not in others', () => {
      expectShares(missing(LAZY.swarm), { munmap: 0.2, 'access-ok': 0.2, 'get-user-page': 0.2 });
      expectShares(missing(TABLES.swarm), { unmap: 0.2, 'walk-mut': 0.2 });
      for (const share of missing(processPrograms({ length: 100 })).values())
        expect(share === 1 || share < 0.2).to.equal(true);
    });

    it('should meet the boundaries of tables of every level, and the ends of user space', () => {
      const crossed = shares(draw(LAZY.boundary), ({ ops }) => {
        const units = { '2 MiB': 2 ** 21, '1 GiB': 2 ** 30, '512 GiB': 2 ** 39 };
        const seen = new Set<string>();
        for (const op of ops) {
          if (op.op !== 'mmap' || Number(op.size) > 0x1_0000) continue;
          const start = Number(op.addr);
          const last = start + Number(op.size) - 1;
          if (start === 0x1000) seen.add('page 1');
          if (last >= 0x7fff_ffff_f000 && last < 0x8000_0000_0000) seen.add('the last page');
          for (const [name, unit] of Object.entries(units))
            if (Math.floor(start / unit) !== Math.floor(last / unit)) seen.add(name);
        }
        return seen;
      });

      expectShares(crossed, {
        '2 MiB': 0.5,
        '1 GiB': 0.3,
        '512 GiB': 0.1,
        'page 1': 0.05,
        'the last page': 0.05,
      });
    });

    it('should change what other processors have used', () => {
      expectShares(shares(draw(LAZY.shootdown), changesBehindBacks), { it: 0.9 });
      expectShares(shares(draw(TABLES.shootdown), changesBehindBacks), { it: 0.9 });
    });

    it('should fork in its own lane', () => {
      expectShares(shares(draw(LAZY.fork), events), { 'a fork': 0.95 });
    });

    it('should come from several lanes by their shares', () => {
      const both = draw(processPrograms({ lane: { fork: 1, mixed: 3 } }));
      const forks = both.filter(({ ops }) => ops.some(({ op }) => op === 'fork')).length;

      expect(forks / both.length).to.be.within(0.1, 0.4);
    });
  });

  describe('on page tables', () => {
    it('should never touch the kernel half', () => {
      for (const arbitrary of Object.values(TABLES)) {
        for (const { ops } of draw(arbitrary)) {
          for (const va of ops.flatMap(vas))
            expect(BigInt(va) < BigInt(LOWER_HALF_END), va).to.equal(true);
        }
      }
    });

    it('should show what matters in many programs', () => {
      expectShares(shares(draw(TABLES.mixed), tableEvents), {
        '1 processors': 0.3,
        '2 processors': 0.3,
        quarantine: 0.2,
        'first-fit': 0.2,
        random: 0.2,
        'a second table': 0.2,
        'a table without the kernel half': 0.2,
        'a table dropped': 0.2,
        'a read': 0.8,
        'a write': 0.8,
        'a fetch': 0.8,
        unmap: 0.8,
        'unmap of nothing': 0.2,
        'walk of nothing': 0.5,
        'an address mapped twice': 0.5,
        'an address mapped again': 0.5,
        'an unaligned address': 0.5,
        'an unaligned frame': 0.2,
        'a permission without READ': 0.2,
        'walkMut: look': 0.3,
        'walkMut: clear': 0.3,
        'walkMut: replace': 0.3,
      });
    });

    it('should fail allocations only when asked to', () => {
      expect(shares(draw(TABLES.mixed), tableEvents).has('a failure')).to.equal(false);
      expectShares(shares(draw(TABLES.shortage), tableEvents), { 'a failure': 0.95 });
    });
  });

  describe('of processes', () => {
    it('should show what matters in many programs', () => {
      expectShares(shares(draw(LAZY.mixed), events), {
        'a second process': 0.2,
        'a second processor': 0.3,
        'a store after a load': 0.2,
        'munmap of a touched region': 0.5,
        'munmap of an untouched region': 0.5,
        'a region where one was before': 0.3,
        'an overlap': 0.3,
        'a bad mmap': 0.5,
        'a bad munmap': 0.3,
        'an access outside': 0.5,
        'an access across pages': 0.8,
        'an access to a file': 0.3,
        'an access of the kernel': 0.8,
        'a fetch': 0.8,
        'a late fault': 0.4,
        'a file that changes': 0.2,
        getUserPage: 0.9,
        accessOk: 0.9,
      });
    });

    it('should fail allocations and reads only when asked to', () => {
      expect(shares(draw(LAZY.mixed), events).has('a failure')).to.equal(false);
      expectShares(shares(draw(LAZY.failures), events), { 'a failure': 0.95 });
    });

    it('should fork only when asked to', () => {
      expect(shares(draw(LAZY.mixed), events).has('a fork')).to.equal(false);
      expectShares(shares(draw(LAZY.forks), events), { 'a fork': 0.5 });
    });

    it('should never make a file longer', () => {
      for (const { ops } of Object.values(LAZY).flatMap((each) => draw(each))) {
        const sizes = new Map<string, number>();
        for (const op of ops) {
          if (op.op === 'truncate') expect(op.size).to.be.at.most(sizes.get(op.file) ?? 0);
          if (op.op === 'file' || op.op === 'truncate') sizes.set(op.file, op.size);
        }
      }
    });

    it('should keep failures out of accesses across pages', () => {
      for (const { ops } of draw(LAZY.failures)) {
        for (const op of ops)
          if (op.op === 'access' && op.length > 1) expect(op.fault).to.equal(undefined);
      }
    });
  });
});
