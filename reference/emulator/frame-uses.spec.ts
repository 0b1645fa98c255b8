import { expect } from 'chai';
import fc from 'fast-check';
import { PAGE_SIZE } from '../x86/page-table-entry.ts';
import type { Frame } from './frames.ts';
import { allocationUses, frameUses } from './frame-uses.ts';
import { Machine } from './machine.ts';
import { FLAG, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';

const VA = linearOf(1, 2, 3, 4);

function setUp() {
  const machine = new Machine({ recordAllocations: true });
  const newFrame = (): Frame => machine.allocate(true)!;
  const newSpace = () => new PagingStructures(machine.memory, () => newFrame().pa);
  return { machine, newFrame, newSpace };
}

describe('frameUses', () => {
  it('should tell tables and pages, a table by the lowest page mapped through it', () => {
    const { machine, newFrame, newSpace } = setUp();
    const space = newSpace();
    const [high, low] = [newFrame(), newFrame()];
    space.map(VA + PAGE_SIZE, high.pa);
    space.map(VA, low.pa);
    const tableOf = (level: 1 | 2 | 3) => Math.floor(space.entry(VA, level) / PAGE_SIZE);

    const uses = frameUses(machine, [['alice', space.root]]);

    const table = (level: 1 | 2 | 3) => ({ kind: 'table', level, va: VA, space: 'alice' });
    expect([...uses].toSorted(([a], [b]) => a - b)).to.deep.equal(
      [
        [tableOf(3), table(3)],
        [tableOf(2), table(2)],
        [tableOf(1), table(1)],
        [low.number, { kind: 'page', va: VA, space: 'alice' }],
        [high.number, { kind: 'page', va: VA + PAGE_SIZE, space: 'alice' }],
      ].toSorted(([a], [b]) => Number(a) - Number(b)),
    );
  });

  it('should tell an empty table by the addresses it stands for', () => {
    const { machine, newSpace } = setUp();
    const space = newSpace();
    const table = Math.floor(space.entry(VA, 2) / PAGE_SIZE);

    const uses = frameUses(machine, [['alice', space.root]]);

    expect(uses.get(table)).to.deep.equal({
      kind: 'table',
      level: 2,
      va: linearOf(1, 2),
      space: 'alice',
    });
  });

  it('should name the first of several uses, and skip spaces without a root', () => {
    const { machine, newFrame, newSpace } = setUp();
    const [one, two, frame] = [newSpace(), newSpace(), newFrame()];
    one.map(VA, frame.pa);
    one.map(VA + PAGE_SIZE, frame.pa);
    two.map(VA, frame.pa);

    const uses = frameUses(machine, [
      ['gone', undefined],
      ['one', one.root],
      ['two', two.root],
    ]);

    expect(uses.get(frame.number)).to.deep.equal({ kind: 'page', va: VA, space: 'one' });
  });

  it('should not mind tables in a circle, large pages, or the kernel half', () => {
    const { machine, newFrame, newSpace } = setUp();
    const space = newSpace();
    const large = newFrame();
    space.set(VA, BigInt(space.root) | OPEN, 2);
    space.set(linearOf(1, 2, 5), BigInt(large.pa) | OPEN | FLAG.PS, 2);
    space.map(linearOf(300), newFrame().pa);

    const uses = frameUses(machine, [['alice', space.root]]);

    expect(uses.get(large.number)).to.deep.include({ kind: 'page', va: linearOf(1, 2, 5) });
    expect(
      [...uses.values()].some(({ kind, ...use }) => kind === 'page' && 'va' in use && use.va < 0),
    ).to.equal(false);
  });
});

describe('allocationUses', () => {
  it('should tell in order what became of the frames of an operation', () => {
    const { machine, newFrame, newSpace } = setUp();
    const space = newSpace();
    machine.beginOperation(0);
    const released = newFrame();
    machine.release(released);
    machine.faults.arm({ point: 'frame', nth: 1, mode: 'once' });
    machine.allocate(true);
    const page = newFrame();
    newFrame();
    space.map(VA, page.pa);

    const kinds = allocationUses(machine, [['alice', space.root]]).map(({ kind }) => kind);

    expect(kinds).to.deep.equal([
      'released',
      'unknown',
      'page',
      'unknown',
      'table',
      'table',
      'table',
    ]);
  });

  it('should tell nothing where nothing is recorded', () => {
    const machine = new Machine();
    machine.allocate(true);

    expect(allocationUses(machine, [])).to.deep.equal([]);
  });

  it('should know every frame that mapping a page takes', () => {
    const places = fc.array(fc.nat(2 ** 20 - 1), { minLength: 1, maxLength: 8 });

    fc.assert(
      fc.property(places, (pages) => {
        const { machine, newFrame, newSpace } = setUp();
        const space = newSpace();
        for (const [op, page] of [...new Set(pages)].entries()) {
          machine.beginOperation(op);
          const va = page * 0x7f_f000;
          space.map(va, newFrame().pa);

          const [first, ...tables] = allocationUses(machine, [['alice', space.root]]);

          expect(first).to.deep.equal({ kind: 'page', va, space: 'alice' });
          expect(tables.map((use) => ('level' in use ? [use.level, use.va] : use))).to.deep.equal(
            [3, 2, 1].slice(3 - tables.length).map((level) => [level, va]),
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});
