import { expect } from 'chai';
import fc from 'fast-check';
import type { Injection } from '../../reference/contract/injection.ts';
import { managerProgram } from '../generators/manager-scenario.ts';
import { pageTablePrograms } from '../generators/page-table-programs.ts';
import { processProgram } from '../generators/process-scenario.ts';
import { processPrograms } from '../generators/process-programs.ts';
import { tableProgram } from '../generators/table-scenario.ts';
import type { Op, Program } from '../protocol/program.ts';
import {
  breaks,
  failingPrograms,
  reduced,
  smallerPrograms,
  withoutOne,
  WRONG_PAGERS,
} from '../testing/failing-programs.ts';
import { reduce, type Reduced } from './reduce.ts';

type Fails = (program: Program) => boolean;

const run = (program: Program, fails: Fails, budget?: number): Promise<Reduced> =>
  reduce(program, program.ops.length, (candidate) => Promise.resolve(fails(candidate)), budget);

const kinds = ({ ops }: Program): readonly string[] => ops.map(({ op }) => op);
const has =
  (...wanted: readonly Op['op'][]): Fails =>
  (program) => {
    let next = 0;
    for (const { op } of program.ops) if (op === wanted[next]) next++;
    return next === wanted.length;
  };

/** Programs that fail if they contain some of their own kinds of operations, in order. */
const failing = fc
  .tuple(
    fc.oneof(pageTablePrograms({ length: 12 }), processPrograms({ length: 12, failures: true })),
    fc.array(fc.nat(1_000), { minLength: 1, maxLength: 4 }),
  )
  .map(([program, picks]) => {
    const places = [...new Set(picks.map((pick) => pick % program.ops.length))].sort(
      (a, b) => a - b,
    );
    return { program, wanted: places.map((place) => program.ops[place]!.op) };
  });

describe('reduce', () => {
  it('should keep what fails, and nothing else', async () => {
    const program = processProgram((p) => {
      p.spawn();
      p.file(9000);
      p.mmap(0xa000, 0x4000, 'rwu', { file: 'file' });
      p.read(0xb123);
      p.mmap(0x10_0000, 0x1000, 'r');
      p.accessOk(0x10_0000, false);
      p.munmap(0xa000);
      p.read(0xb123);
    });
    const { program: smallest, minimal } = await run(program, has('mmap', 'access', 'munmap'));

    expect(kinds(smallest)).to.deep.equal(['mmap', 'access', 'munmap']);
    expect(minimal).to.equal(true);
  });

  it('should make a program of managers as small and plain as it gets', async () => {
    const program = managerProgram((p) => {
      p.file(9000);
      p.manager('alice');
      p.manager('bob');
      p.register(0x40_0000, 0x6800, { manager: 'alice', file: 'file', offset: 0x1234, flags: 7n });
      p.register(0x40_0000, 0x1000, { manager: 'bob' });
      p.fault(0x40_2345, { manager: 'alice', frame: 'page' });
      p.look('page', 100, 200);
      const [one, other] = [p.frame(1), p.frame(2)];
      p.markRange(
        0x9000,
        [
          [0x50_0000, one],
          [0x51_0000, other],
        ],
        'alice',
      );
      p.cowFault(0x51_0abc, { manager: 'alice' });
    });
    const { program: smallest, minimal } = await run(
      program,
      has('register-lazy', 'demand-page', 'read-frame', 'mark-cow-range', 'cow-fault'),
    );

    expect(minimal).to.equal(true);
    expect(smallest.ops).to.deep.equal([
      {
        op: 'register-lazy',
        manager: 'bob',
        addr: '0x1000',
        size: '0x1000',
        flags: '0x3',
        file: null,
        offset: '0x0',
      },
      { op: 'demand-page', manager: 'alice', va: '0x1000', frame: 'page' },
      { op: 'read-frame', frame: 'page', at: 0, length: 1 },
      {
        op: 'mark-cow-range',
        manager: 'alice',
        base: '0x0',
        pages: [{ va: '0x500000', frame: 'frame1' }],
      },
      { op: 'cow-fault', manager: 'alice', va: '0x1000', frame: 'copy1' },
    ]);
  });

  it('should cut what comes after the failing step first', async () => {
    const program = tableProgram((t) => {
      t.table();
      for (let i = 1; i < 40; i++) t.map(i * 0x1000, 'r');
    });
    const seen: number[] = [];

    await reduce(program, 2, (candidate) => {
      seen.push(candidate.ops.length);
      return Promise.resolve(false);
    });

    expect(seen[0]).to.equal(3);
  });

  it('should remove two operations that only make sense together', async () => {
    const program = tableProgram((t) => {
      t.table();
      t.map(0x1000, 'r');
      t.unmap(0x1000);
      t.probe(0x1000, 'read');
    });
    const balanced: Fails = ({ ops }) =>
      ops.some(({ op }) => op === 'probe') &&
      ops.filter(({ op }) => op === 'map').length === ops.filter(({ op }) => op === 'unmap').length;
    const { program: smallest } = await run(program, balanced);

    expect(kinds(smallest)).to.deep.equal(['probe']);
  });

  it('should bring every field to its simplest value', async () => {
    const program = processProgram(
      (p) => {
        p.spawn();
        p.file(20_000);
        p.mmap(0x4747_0000, 0x6000, 'rwxu', { file: 'file', offset: 0x2000 }, 'alice', { cpu: 1 });
        p.write(0x4747_1ff0, 0x99, 'alice', {
          cpu: 1,
          length: 40,
          fault: { point: 'frame', nth: 3, mode: 'on' },
        });
        p.execute(0x4747_3005);
      },
      { cpus: 2, policy: 'random', seed: 3 },
    );
    const { program: smallest } = await run(program, has('spawn', 'mmap', 'access', 'access'));

    const simplest = processProgram((p) => {
      p.spawn();
      p.mmap(0x1000, 0x1000, 'ru', {}, 'alice', { cpu: 0 });
      p.read(0x1000, 'alice', { cpu: 0 });
      p.read(0x1000);
    });
    expect(smallest.ops).to.deep.equal(simplest.ops);
    expect(smallest.world).to.include(simplest.world);
  });

  it('should bring every field of page tables to its simplest value', async () => {
    const program = tableProgram(
      (t) => {
        t.table('table', false);
        t.doMap(0x4040_2060_1000, 'rwxu', 0x40, t.page(0x77));
        t.walkMut(0x4040_2060_1123, 'replace', 'page1', 'rwu');
        t.probe(0x4040_2060_1fff, 'write', 'supervisor');
      },
      { policy: 'first-fit' },
    );
    const { program: smallest } = await run(
      program,
      has('new-table', 'new-page', 'do-map', 'walk-mut', 'probe'),
    );

    expect(smallest.ops).to.deep.equal(
      tableProgram((t) => {
        t.table();
        t.doMap(0x1000, 'r', 0, t.page(1));
        t.walkMut(0x1000);
        t.probe(0x1000, 'read', 'user');
      }).ops,
    );
  });

  it('should leave what other processes do to the first one where that is enough', async () => {
    const program = processProgram((p) => {
      p.spawn();
      p.spawn('bob');
      p.mmap(0x1000, 0x1000, 'ru');
      p.fork('carol');
      p.read(0x1000, 'carol');
      p.munmap(0x1000, 'bob');
    });
    const { program: smallest } = await run(program, has('spawn', 'access', 'munmap'));

    const processes = smallest.ops.map((op) => 'process' in op && op.process);
    expect(new Set(processes)).to.have.property('size', 1);
  });

  describe('regions', () => {
    const [START, END] = [0x1f_d000, 0x20_5000];
    const region = processProgram((p) => {
      p.spawn();
      p.file(9 * 4096);
      p.mmap(START, END - START, 'ru', { file: 'file' });
      p.read(0x20_0123);
      p.read(END);
      p.munmap(START);
    });
    const addresses = ({ ops }: Program): readonly (readonly [string, string, string])[] =>
      ops.flatMap((op) =>
        'addr' in op ? [[op.op, op.addr, op.op === 'mmap' ? `${op.size} ${op.offset}` : '']] : [],
      );

    /** Whether an access lies in the region before it, at an address that will do. */
    const isInside = (
      ops: readonly Op[],
      willDo: (addr: bigint, start: bigint) => boolean,
    ): boolean =>
      ops.some((op, at) => {
        const mmap = ops.slice(0, at).find((each) => each.op === 'mmap');
        if (op.op !== 'access' || mmap === undefined) return false;
        const [addr, start] = [BigInt(op.addr), BigInt(mmap.addr)];
        return addr >= start && addr < start + BigInt(mmap.size) && willDo(addr, start);
      });

    it('should lose the pages before the one that matters, and those behind it', async () => {
      const { program: smallest } = await run(
        region,
        ({ ops }) =>
          has('mmap', 'access', 'munmap')({ ...region, ops }) &&
          isInside(ops, (addr) => addr >> 21n === 1n) &&
          ops.some((op) => op.op === 'mmap' && op.file !== null),
      );

      expect(addresses(smallest)).to.deep.equal([
        ['mmap', '0x200000', '0x1000 0x0'],
        ['access', '0x200000', ''],
        ['munmap', '0x200000', ''],
      ]);
    });

    it('should lose pages also where something right behind it matters', async () => {
      const { program: smallest } = await run(region, ({ ops }) => {
        const mmap = ops.find((op) => op.op === 'mmap');
        if (mmap === undefined) return false;
        const end = BigInt(mmap.addr) + BigInt(mmap.size);
        return ops.some((op) => op.op === 'access' && BigInt(op.addr) === end);
      });

      expect(addresses(smallest)).to.deep.equal([
        ['mmap', '0x1000', '0x1000 0x0'],
        ['access', '0x2000', ''],
      ]);
    });

    it('should never begin where user space has ended', async () => {
      const across = processProgram((p) => {
        p.spawn();
        p.mmap(0x7fff_ffff_f000, 0x1001, 'rwu');
      });

      const { program: smallest } = await run(across, ({ ops }) =>
        ops.some((op) => op.op === 'mmap' && BigInt(op.addr) + BigInt(op.size) > 1n << 47n),
      );

      expect(addresses(smallest)).to.deep.equal([['mmap', '0x7ffffffff000', '0x1001 0x0']]);
    });

    it('should have their accesses on the first page that will do', async () => {
      const { program: smallest } = await run(region, ({ ops }) =>
        isInside(ops, (addr, start) => addr - start >= 0x2000n),
      );

      expect(addresses(smallest)).to.deep.equal([
        ['mmap', '0x1000', '0x3000 0x0'],
        ['access', '0x3000', ''],
      ]);
    });

    it('should get from thousands of pages to the few that matter in few runs', async () => {
      const large = processProgram((p) => {
        p.spawn();
        p.mmap(0x3000_1000, 0x400_0000, 'ru');
        p.read(0x3000_1000 + 8191 * 0x1000);
      });
      const { program: smallest, executions } = await run(large, ({ ops }) =>
        isInside(ops, (addr, start) => addr - start >= 0x20_0000n),
      );

      expect(addresses(smallest)).to.deep.equal([
        ['mmap', '0x1000', '0x201000 0x0'],
        ['access', '0x201000', ''],
      ]);
      expect(executions).to.be.below(200);
    });
  });

  it('should move pages together that have to share a table', async () => {
    const program = tableProgram((t) => {
      t.map(0x4080_6030_5000, 'r');
      t.map(0x4080_6070_9000, 'r');
      t.map(0x7f80_0000_0000, 'r');
    });
    const sharing: Fails = ({ ops }) => {
      const [a, b] = ops.flatMap((op) => (op.op === 'map' ? [BigInt(op.va)] : []));
      return a !== undefined && b !== undefined && a >> 30n === b >> 30n && a >> 21n !== b >> 21n;
    };
    const { program: smallest } = await run(program, sharing);

    expect(smallest.ops.map((op) => 'va' in op && op.va)).to.deep.equal(['0x1000', '0x200000']);
  });

  it('should find the lowest address above any limit, in few runs', async () => {
    for (const limit of [
      0x1000n,
      0x5000n,
      0x1f_f000n,
      0x20_0000n,
      0x4000_3000n,
      0x7f_0080_7000n,
      0x6543_2100_9000n,
    ]) {
      const program = tableProgram((t) => t.walk(0x7fff_ffff_f000));
      const { program: smallest, executions } = await run(
        program,
        ({ ops: [op] }) => op !== undefined && 'va' in op && BigInt(op.va) >= limit,
      );

      expect(smallest.ops[0]).to.have.property('va', `0x${limit.toString(16)}`);
      expect(executions).to.be.below(120);
    }
  });

  it('should make a failure that matters as simple as it gets', async () => {
    const failures: readonly Injection[] = [
      { point: 'mmap', nth: 3, mode: 'on' },
      { point: 'mmap', nth: 2, mode: 'every' },
      { point: 'mmap', mode: 'chance', probability: 0.5, seed: 9 },
    ];
    for (const fault of failures) {
      const program = processProgram((p) => p.read(0x1000, 'alice', { fault }));
      const { program: smallest } = await run(
        program,
        ({ ops: [first] }) => first?.op === 'access' && first.fault?.point === 'mmap',
      );

      expect(smallest.ops[0]).to.have.deep.property('fault', {
        point: 'mmap',
        nth: 1,
        mode: 'once',
      });
    }
  });

  it('should not give WRITE to a mapping of a cached file', async () => {
    const program = processProgram((p) => {
      p.file(4096, 'file', 7, { cached: true });
      p.mmap(0x1000, 0x1000, 'rxu', { file: 'file' });
    });
    const seen: number[] = [];
    await run(program, ({ ops }) => {
      for (const op of ops) if (op.op === 'mmap' && op.file === 'file') seen.push(op.prot);
      return ops.length === 2 && ops.some((op) => op.op === 'mmap' && op.file === 'file');
    });

    expect(new Set(seen)).to.deep.equal(new Set([9, 13]));
  });

  it('should leave out what is special about a file and does not matter', async () => {
    const special = {
      ino: 9,
      cached: true,
      sparse: { data: 1, hole: 1 },
      readLimit: 9,
      unreadable: [0],
    };
    const program = processProgram((p) => p.file(4096, 'file', 7, special));
    const { program: smallest } = await run(
      program,
      ({ ops: [first] }) => first?.op === 'file' && first.readLimit === 9,
    );

    expect(smallest.ops).to.deep.equal([
      { op: 'file', file: 'file', size: 4096, seed: 7, readLimit: 9 },
    ]);
  });

  it('should move a region with everything that addresses it', async () => {
    const program = processProgram((p) => {
      p.mmap(0x7f80_0000_0000, 0x3000, 'rwu');
      p.read(0x7f80_0000_2008);
    });
    const thirdPage: Fails = ({ ops: [first, second] }) =>
      first?.op === 'mmap' &&
      second?.op === 'access' &&
      BigInt(first.size) === 0x3000n &&
      BigInt(second.addr) >> 12n === (BigInt(first.addr) >> 12n) + 2n;
    const { program: smallest } = await run(program, thirdPage);

    expect(smallest.ops.map((op) => ('addr' in op ? op.addr : ''))).to.deep.equal([
      '0x1000',
      '0x3000',
    ]);
  });

  it('should not put a region on top of another', async () => {
    const program = processProgram((p) => {
      p.mmap(0x10_0000, 0x2000, 'r');
      p.mmap(0x20_0000, 0x2000, 'r');
    });
    const { program: smallest } = await run(program, ({ ops }) => {
      const [a, b] = ops.flatMap((op) => (op.op === 'mmap' ? [op] : []));
      return (
        a !== undefined &&
        b !== undefined &&
        BigInt(a.size) === 0x2000n &&
        BigInt(b.size) === 0x2000n
      );
    });
    const starts = smallest.ops.map((op) => (op.op === 'mmap' ? Number(op.addr) : 0));

    expect(Math.max(...starts) - Math.min(...starts)).to.be.at.least(0x2000);
    expect(Math.max(...starts)).to.be.at.most(0x4000);
  });

  it('should find the first page of the only table that fails, in few runs', async () => {
    const program = tableProgram((t) => {
      t.table();
      t.map(0xff_ffff_f000, 'rwu');
    });
    const secondSlot: Fails = ({ ops }) =>
      ops.some((op) => op.op === 'map' && BigInt(op.va) >> 39n === 1n);
    const { program: smallest, executions } = await run(program, secondSlot);

    expect(smallest.ops).to.deep.equal([{ ...program.ops[2], va: '0x8000000000', perm: 1 }]);
    expect(executions).to.be.below(60);
  });

  it('should leave what one processor does to another before it takes that one away', () => {
    const program = tableProgram(
      (t) => {
        t.load('table', 1);
        t.probe(0x1000, 'read', 'user', 1, 2);
      },
      { cpus: 3 },
    );

    for (const { ops, world } of smallerPrograms(program)) {
      for (const op of ops) if ('cpu' in op) expect(op.cpu).to.be.below(world.cpus);
    }
  });

  it('should do with one processor where one is enough', async () => {
    const program = tableProgram(
      (t) => {
        t.table();
        t.load('table', 1);
        t.probe(0x1000, 'read', 'user', 1, 1);
      },
      { cpus: 2 },
    );
    const running: Fails = ({ ops: [, load, probe] }) =>
      load?.op === 'load-table' && probe?.op === 'probe' && load.cpu === probe.cpu;
    const { program: smallest } = await run(program, running);

    expect(smallest.world.cpus).to.equal(1);
    expect(running(smallest)).to.equal(true);
  });

  it('should leave pages out of a range that is marked, down to those that matter', async () => {
    const program = managerProgram((p) => {
      p.manager();
      p.markRange(
        0,
        Array.from({ length: 64 }, (_, i) => [0x1000 * (i + 1), p.frame(i)] as const),
      );
    });
    const marks =
      (isEnough: (addresses: readonly string[]) => boolean): Fails =>
      ({ ops }) =>
        ops.some((op) => op.op === 'mark-cow-range' && isEnough(op.pages.map(({ va }) => va)));

    const many = await run(
      program,
      marks(({ length }) => length > 32),
    );
    const apart = await run(
      program,
      marks((all) => ['0x5000', '0x7000', '0xa000'].every((va) => all.includes(va))),
    );

    const left = [many, apart].map(({ program: { ops } }) =>
      ops.flatMap((op) => (op.op === 'mark-cow-range' ? [op.pages.length] : [])),
    );
    expect(left).to.deep.equal([[33], [3]]);
  });

  it('should find the shortest of a long access in few steps', async () => {
    const program = processProgram((p) => {
      p.spawn();
      p.mmap(0x20_0000, 0x10_0000, 'rwu');
      p.read(0x20_0000, 'alice', { length: 0x10_0000 });
    });
    const touchesMost: Fails = ({ ops }) =>
      ops.some((op) => op.op === 'access' && op.length > 0xc_f000);
    const { program: smallest, executions } = await run(program, touchesMost);

    expect(smallest.ops[0]).to.include({ op: 'access', addr: '0x1000', length: 0xc_f001 });
    expect(executions).to.be.below(100);
  });

  it('should put frames where they always are unless it matters', async () => {
    const program = tableProgram((t) => void t.table(), { firstFrame: 0x18_0000 });
    const { program: anywhere } = await run(program, () => true);
    const { program: high } = await run(program, ({ world }) => world.firstFrame !== undefined);

    expect(anywhere.world).to.not.have.property('firstFrame');
    expect(high.world.firstFrame).to.equal(0x18_0000);
  });

  it('should stop at its budget and say that there may be less', async () => {
    const program = tableProgram((t) => {
      t.table();
      for (let i = 1; i < 40; i++) t.map(i * 0x1000, 'rwu');
    });
    const { executions, minimal } = await run(program, has('new-table', 'map'), 5);

    expect({ executions, minimal }).to.deep.equal({ executions: 5, minimal: false });
  });

  it('should come to an end when everything fails', async () => {
    await fc.assert(
      fc.asyncProperty(failing, async ({ program }) => {
        const { program: smallest, minimal } = await run(program, () => true, 5_000);

        expect(smallest.ops).to.have.length(1);
        expect(minimal).to.equal(true);
        for (const candidate of smallerPrograms(smallest))
          expect.fail(JSON.stringify([smallest, candidate]));
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('should return the program itself when nothing smaller fails', async () => {
    const program = tableProgram((t) => {
      t.table();
      t.map(0x1000, 'r');
    });
    const { program: smallest, minimal } = await run(program, () => false);

    expect(smallest).to.equal(program);
    expect(minimal).to.equal(true);
  });

  it('should find a program that fails and of which nothing can be left out or simplified', async () => {
    await fc.assert(
      fc.asyncProperty(failing, async ({ program, wanted }) => {
        const fails = has(...wanted);
        const { program: smallest, executions, minimal } = await run(program, fails, 5_000);

        expect(fails(smallest)).to.equal(true);
        expect(kinds(smallest)).to.deep.equal(wanted);
        expect(minimal).to.equal(true);
        expect(executions).to.be.at.most(5_000);
        for (const each of withoutOne(smallest)) expect(fails(each)).to.equal(false);
        for (const each of smallerPrograms(smallest))
          expect(fails(each), JSON.stringify(each.ops)).to.equal(false);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('should be 1-minimal also when less does not always fail less', async () => {
    // Fails by a sum over the operations: leaving one out may help or not, and two together may.
    const weight = ({ op }: Op): number => op.length * 7 + op.charCodeAt(0);
    await fc.assert(
      fc.asyncProperty(failing, fc.integer({ min: 2, max: 5 }), async ({ program }, modulus) => {
        const rest = ({ ops }: Program): number =>
          ops.reduce((sum, op) => sum + weight(op), 0) % modulus;
        const fails: Fails = (each) => rest(each) === rest(program);
        const { program: smallest } = await run(program, fails, 5_000);

        expect(fails(smallest)).to.equal(true);
        for (const each of withoutOne(smallest)) expect(fails(each)).to.equal(false);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('should stay within any budget', async () => {
    await fc.assert(
      fc.asyncProperty(failing, fc.nat(40), async ({ program, wanted }, budget) => {
        let runs = 0;
        const fails = has(...wanted);
        const { program: smallest, executions } = await run(
          program,
          (each) => (runs++, fails(each)),
          budget,
        );

        expect(executions).to.equal(runs);
        expect(runs).to.be.at.most(budget);
        expect(fails(smallest)).to.equal(true);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  // All 200 are in reduce.bench.ts.
  for (const pager of WRONG_PAGERS) {
    it(`should leave nothing to be left out of a program that shows a wrong pager: ${pager.name}`, async () => {
      const [failing] = failingPrograms(pager, 1);
      const { program, executions, minimal } = await reduced(pager, failing!);

      expect(breaks(pager, failing!.rule, program)).to.equal(true);
      expect(minimal).to.equal(true);
      expect(executions).to.be.below(250);
      expect(program.ops.length).to.be.at.most(6);
      for (const smaller of [...withoutOne(program), ...smallerPrograms(program)])
        expect(breaks(pager, failing!.rule, smaller), JSON.stringify(smaller)).to.equal(false);
    });
  }
});
