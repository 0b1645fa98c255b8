import { expect } from 'chai';
import fc from 'fast-check';
import type { Fact, Leaf } from '../contract/machine-facts.ts';
import { fromLinear } from '../x86/address.ts';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import { audit } from './audit.ts';
import type { Frame } from './frames.ts';
import { DIRECT_MAP_BASE, DIRECT_MAP_SLOT, Machine } from './machine.ts';
import { FLAG, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';
import type { Access } from './walker.ts';

const [READ, WRITE, EXECUTE, USER] = [1, 2, 4, 8];
const ALL = READ | WRITE | EXECUTE | USER;
const VA = linearOf(1, 2, 3, 4);
const USER_WRITE: Access = { kind: 'write', mode: 'user' };

/** A machine with address spaces whose frames come from its allocator. */
function setUp(cpus = 1) {
  const machine = new Machine({ cpus });
  const newFrame = (): Frame => machine.allocate(false)!;
  const newSpace = (kernelHalf = true): PagingStructures => {
    const space = new PagingStructures(machine.memory, () => newFrame().pa);
    machine.roots.add(space.root);
    const slot = DIRECT_MAP_SLOT * 8;
    const word = machine.memory.readU64(machine.bootRoot + slot);
    if (kernelHalf) machine.memory.writeU64(space.root + slot, word);
    return space;
  };
  return { machine, newFrame, newSpace };
}

function free(machine: Machine, { number }: Frame): void {
  machine.release(machine.frames.get(number)!);
}

describe('audit', () => {
  describe('spaces', () => {
    it('should list the user pages of every root in ascending order', () => {
      const { machine, newFrame, newSpace } = setUp();
      const [space, empty] = [newSpace(), newSpace()];
      const [a, b] = [newFrame(), newFrame()];
      space.map(linearOf(255, 511, 511, 511), a.pa);
      space.map(linearOf(0, 0, 0, 1), b.pa);

      const { spaces, facts } = audit(machine);

      expect(facts).to.deep.equal([]);
      expect([...spaces]).to.deep.equal([
        [
          space.root,
          [
            { va: 0x1000, frame: b.number, rights: ALL },
            { va: 0x7fff_ffff_f000, frame: a.number, rights: ALL },
          ],
        ],
        [empty.root, []],
      ]);
    });

    it('should combine the rights of all levels', () => {
      for (const level of [4, 3, 2, 1] as const) {
        const { machine, newFrame, newSpace } = setUp();
        const space = newSpace();
        space.map(VA, newFrame().pa);
        const rightsWith = (change: (word: bigint) => bigint) => {
          const before = space.word(VA, level);
          space.set(VA, change(before), level);
          const [leaf] = audit(machine).spaces.get(space.root) ?? [];
          space.set(VA, before, level);
          return leaf?.rights;
        };

        expect(rightsWith((word) => word & ~FLAG.RW)).to.equal(ALL & ~WRITE);
        expect(rightsWith((word) => word & ~FLAG.US)).to.equal(ALL & ~USER);
        expect(rightsWith((word) => word | FLAG.XD)).to.equal(ALL & ~EXECUTE);
      }
    });

    it('should set no accessed flag', () => {
      const { machine, newFrame, newSpace } = setUp();
      const space = newSpace();
      space.map(VA, newFrame().pa);

      audit(machine);

      expect(space.word(VA) & FLAG.A).to.equal(0n);
      expect(space.word(VA, 4) & FLAG.A).to.equal(0n);
    });
  });

  describe('facts', () => {
    /** One fact, brought about by `arrange`, which also says what is expected. */
    function itShouldState(
      what: string,
      arrange: (parts: ReturnType<typeof setUp>) => Fact | readonly Fact[],
      cpus = 1,
    ): void {
      it(`should state ${what}`, () => {
        const parts = setUp(cpus);
        const expected = arrange(parts);

        expect(audit(parts.machine).facts).to.deep.equal([expected].flat());
      });
    }

    itShouldState(
      'a translation of a page that was unmapped',
      ({ machine, newFrame, newSpace }) => {
        const [space, frame] = [newSpace(), newFrame()];
        space.map(VA, frame.pa);
        machine.current.loadCr3(space.root);
        machine.current.access(fromLinear(VA), USER_WRITE);
        space.set(VA, 0n);
        const { number } = frame;
        return {
          kind: 'stale-translation',
          cpu: 0,
          va: VA,
          frame: number,
          rights: ALL,
          now: null,
        };
      },
    );

    itShouldState(
      'a translation, on the processor that has it, of a page that has another frame now',
      ({ machine, newFrame, newSpace }) => {
        const [space, before, after] = [newSpace(), newFrame(), newFrame()];
        space.map(VA, before.pa);
        for (const cpu of machine.cpus) {
          cpu.loadCr3(space.root);
          cpu.access(fromLinear(VA), USER_WRITE);
        }
        space.map(VA, after.pa);
        machine.cpus[0]!.invalidatePage(VA);
        return {
          kind: 'stale-translation',
          cpu: 1,
          va: VA,
          frame: before.number,
          rights: ALL,
          now: { frame: after.number, rights: ALL },
        };
      },
      2,
    );

    itShouldState(
      'a translation with more rights than the page has',
      ({ machine, newFrame, newSpace }) => {
        const [space, frame] = [newSpace(), newFrame()];
        space.map(VA, frame.pa);
        machine.current.loadCr3(space.root);
        machine.current.access(fromLinear(VA), USER_WRITE);
        space.set(VA, space.word(VA) & ~FLAG.RW);
        const { number } = frame;
        return {
          kind: 'stale-translation',
          cpu: 0,
          va: VA,
          frame: number,
          rights: ALL,
          now: { frame: number, rights: ALL & ~WRITE },
        };
      },
    );

    itShouldState(
      'a translation that was invalidated before its entry changed, and not after',
      ({ machine, newFrame, newSpace }) => {
        const [space, frame] = [newSpace(), newFrame()];
        space.map(VA, frame.pa);
        for (const cpu of machine.cpus) {
          cpu.loadCr3(space.root);
          cpu.access(fromLinear(VA), USER_WRITE);
        }
        machine.shootdowns.send(machine.current, space.root, null);
        space.set(VA, 0n);
        machine.cpus[0]!.invalidatePage(VA);
        return {
          kind: 'stale-translation',
          cpu: 1,
          va: VA,
          frame: frame.number,
          rights: ALL,
          now: null,
          tooEarly: true,
        };
      },
      2,
    );

    itShouldState('a page whose frame is free', ({ machine, newFrame, newSpace }) => {
      const [space, frame] = [newSpace(), newFrame()];
      space.map(VA, frame.pa);
      free(machine, frame);
      return { kind: 'dangling-entry', va: VA, level: 1, frame: frame.number };
    });

    itShouldState(
      'a table whose frame is free, and nothing of what is in it',
      ({ machine, newSpace }) => {
        const space = newSpace();
        const table = machine.frames.get(Math.floor(space.entry(VA) / PAGE_SIZE))!;
        free(machine, table);
        return { kind: 'dangling-entry', va: linearOf(1, 2, 3), level: 2, frame: table.number };
      },
    );

    itShouldState('a table reached twice', ({ newSpace }) => {
      const space = newSpace();
      const table = Math.floor(space.entry(VA) / PAGE_SIZE);
      space.set(linearOf(1, 2, 9), space.word(VA, 2), 2);
      return { kind: 'shared-table', va: linearOf(1, 2, 9), level: 1, frame: table };
    });

    itShouldState('a root used as a table', ({ newSpace }) => {
      const space = newSpace();
      space.set(linearOf(7), BigInt(space.root) | OPEN, 4);
      return {
        kind: 'shared-table',
        va: linearOf(7),
        level: 3,
        frame: space.root / PAGE_SIZE,
      };
    });

    itShouldState('a table that is mapped as a page', ({ newSpace }) => {
      const space = newSpace();
      const table = Math.floor(space.entry(VA) / PAGE_SIZE);
      space.map(VA, table * PAGE_SIZE);
      return { kind: 'shared-table', va: VA, level: 1, frame: table };
    });

    itShouldState('a frame with more entries than owners', ({ newFrame, newSpace }) => {
      const [space, frame] = [newSpace(), newFrame()];
      space.map(VA, frame.pa);
      space.map(VA + PAGE_SIZE, frame.pa);
      return { kind: 'under-owned', va: VA, frame: frame.number, references: 2, owned: 1 };
    });

    itShouldState(
      "that the page cache's reference owns no entry",
      ({ machine, newFrame, newSpace }) => {
        const [space, frame] = [newSpace(), newFrame()];
        machine.pageCache.keep(1, 0, frame);
        space.map(VA, frame.pa);
        return { kind: 'under-owned', va: VA, frame: frame.number, references: 1, owned: 0 };
      },
    );

    itShouldState('a reserved bit', ({ newFrame, newSpace }) => {
      const space = newSpace();
      space.map(VA, newFrame().pa);
      space.set(VA, space.word(VA, 4) | FLAG.PS, 4);
      return { kind: 'bad-entry', va: linearOf(1), level: 4 };
    });

    itShouldState('a large page in the user half', ({ newSpace }) => {
      const space = newSpace();
      space.set(VA, 0x4000_0000n | OPEN | FLAG.PS, 3);
      return { kind: 'bad-entry', va: linearOf(1, 2), level: 3 };
    });

    itShouldState('a slot of the kernel half that was changed', ({ machine, newSpace }) => {
      const slot = newSpace().root + DIRECT_MAP_SLOT * 8;
      machine.memory.writeU64(slot, machine.memory.readU64(slot) | FLAG.US);
      return { kind: 'kernel-half', slot: DIRECT_MAP_SLOT };
    });

    itShouldState(
      'slots of the kernel half that were added and removed',
      ({ machine, newSpace }) => {
        const { root } = newSpace();
        machine.memory.writeU64(root + 300 * 8, 0x5000n | OPEN);
        machine.memory.writeU64(root + 511 * 8, 0x6000n | OPEN);
        machine.memory.writeU64(root + DIRECT_MAP_SLOT * 8, 0n);
        return [300, DIRECT_MAP_SLOT, 511].map((slot): Fact => ({ kind: 'kernel-half', slot }));
      },
    );
  });

  describe('tolerance', () => {
    const NOTHING: readonly Fact[] = [];

    it('should take a root without the kernel half as it is', () => {
      const { machine, newSpace } = setUp();
      newSpace(false);

      expect(audit(machine).facts).to.deep.equal(NOTHING);
    });

    it('should not mind flags that the processor sets in the kernel half', () => {
      const { machine, newSpace } = setUp();
      machine.current.loadCr3(newSpace().root);

      machine.current.access(DIRECT_MAP_BASE, { kind: 'write', mode: 'supervisor' });

      expect(audit(machine).facts).to.deep.equal(NOTHING);
    });

    it('should not mind a translation with fewer rights than the page has', () => {
      const { machine, newFrame, newSpace } = setUp();
      const space = newSpace();
      space.map(VA, newFrame().pa, FLAG.P | FLAG.US);
      machine.current.loadCr3(space.root);
      machine.current.access(fromLinear(VA), { kind: 'read', mode: 'user' });

      space.set(VA, space.word(VA) | FLAG.RW);

      expect(audit(machine).facts).to.deep.equal(NOTHING);
    });

    it('should not look at words that are not present', () => {
      const { machine, newSpace } = setUp();
      const space = newSpace();

      space.set(VA, ~FLAG.P & (2n ** 64n - 1n));

      expect(audit(machine).facts).to.deep.equal(NOTHING);
    });
  });

  it('should state nothing about tables that are kept right', () => {
    const step = fc.record({
      kind: fc.constantFrom('map', 'share', 'unmap', 'protect', 'access', 'switch'),
      space: fc.nat(1),
      cpu: fc.nat(1),
      page: fc.constantFrom(
        ...[0, 1, 512, 2 ** 18, 2 ** 27, 2 ** 35 - 1].map((n) => n * PAGE_SIZE),
      ),
      flags: fc.subarray([FLAG.RW, FLAG.US, FLAG.XD]),
    });

    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { machine, newFrame, newSpace } = setUp(2);
        const spaces = [newSpace(), newSpace()].map((tables) => ({
          tables,
          leaves: new Map<number, Leaf>(),
        }));
        for (const { kind, space, cpu: id, page, flags } of steps) {
          const { tables, leaves } = spaces[space]!;
          const cpu = machine.cpus[id]!;
          const invalidate = () => {
            for (const each of machine.cpus) {
              if (each.cr3 === tables.root) each.invalidatePage(page);
            }
          };
          const set = (frame: Frame) => {
            const word = flags.reduce((all, flag) => all | flag, FLAG.P);
            const rights =
              READ |
              (flags.includes(FLAG.RW) ? WRITE : 0) |
              (flags.includes(FLAG.US) ? USER : 0) |
              (flags.includes(FLAG.XD) ? 0 : EXECUTE);
            tables.map(page, frame.pa, word);
            leaves.set(page, { va: page, frame: frame.number, rights });
          };
          const mapped = leaves.get(page);
          const frame = mapped === undefined ? undefined : machine.frames.get(mapped.frame);
          switch (kind) {
            case 'map':
              if (frame === undefined) set(newFrame());
              break;
            case 'share': {
              const theirs = spaces[1 - space]!.leaves.get(page);
              if (frame !== undefined || theirs === undefined) break;
              const shared = machine.frames.get(theirs.frame)!;
              shared.references++;
              set(shared);
              break;
            }
            case 'unmap':
              if (frame === undefined) break;
              tables.set(page, 0n);
              invalidate();
              leaves.delete(page);
              machine.release(frame);
              break;
            case 'protect':
              if (frame === undefined) break;
              set(frame);
              invalidate();
              break;
            case 'access':
              for (const how of ['read', 'write', 'fetch'] as const) {
                cpu.access(fromLinear(page), { kind: how, mode: 'user' });
              }
              break;
            case 'switch':
              cpu.loadCr3(tables.root);
              break;
          }

          const report = audit(machine);

          expect(report.facts).to.deep.equal([]);
          expect(report.spaces.get(tables.root)).to.deep.equal(
            [...leaves.values()].toSorted((a, b) => a.va - b.va),
          );
        }
      }),
    );
  });
});
