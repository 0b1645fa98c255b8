import { expect } from 'chai';
import { KEOS_CONTROLS } from '../x86/access.ts';
import { fromLinear, SPAN } from '../x86/address.ts';
import { audit } from './audit.ts';
import { Cpu } from './cpu.ts';
import { Machine } from './machine.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { framesFrom, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';

const PAGE = linearOf(1, 2, 3, 4);
const NEXT = PAGE + SPAN[1];
const [A, B] = [0x70_0000, 0x71_0000];

/** A processor that has walked to `PAGE`, after which the page table of `PAGE` and its neighbour is exchanged for an empty one. */
function setUp() {
  const memory = new PhysicalMemory();
  const tables = new PagingStructures(memory, framesFrom(1));
  tables.map(PAGE, A);
  tables.map(NEXT, B);
  const sut = new Cpu(0, memory, KEOS_CONTROLS, tables.root, { cacheStructures: true });
  const read = (linear: number) => sut.access(fromLinear(linear), { kind: 'read', mode: 'user' });
  read(PAGE);
  tables.set(PAGE, 0x50_0000n | OPEN, 2);
  return { memory, tables, sut, read };
}

describe('PagingStructureCache', () => {
  it('should show in the audit when a structure that it leads to is freed', () => {
    const machine = new Machine({ cacheStructures: true });
    const take = () => machine.allocate(false)!.pa;
    const tables = new PagingStructures(machine.memory, take);
    machine.addRoot(tables.root);
    tables.map(PAGE, take());
    const cpu = machine.current;
    cpu.loadCr3(tables.root);
    cpu.access(fromLinear(PAGE), { kind: 'read', mode: 'user' });
    const table = machine.frames.get((tables.entry(PAGE) - (tables.entry(PAGE) % 4096)) / 4096)!;
    tables.set(PAGE, 0n, 2);
    machine.release(table);
    cpu.tlb.clear();

    const fact = { kind: 'stale-structure', cpu: 0, level: 1, frame: table.number } as const;
    expect(audit(machine).facts).to.deep.equal([{ ...fact, va: linearOf(1, 2, 3) }]);

    cpu.invalidatePage(PAGE);
    expect(audit(machine).facts).to.deep.equal([]);
  });

  it('should still walk through a table that nothing leads to any more', () => {
    const { sut, read } = setUp();

    expect(read(NEXT)).to.deep.equal({ kind: 'done', pa: B });
    expect([...sut.structures!.reachable()].map(({ level }) => level)).to.have.members([1, 2, 3]);
  });

  it('should forget it at any INVLPG, a load of CR3, and a fault there', () => {
    for (const forget of [
      ({ sut }) => sut.invalidatePage(0x1234_5000),
      ({ sut }) => sut.loadCr3(sut.cr3),
      ({ sut }) => sut.flush(),
      ({ sut }) => sut.invalidatePcid(0, 0, 0),
      ({ sut }) => sut.setControls({ ...KEOS_CONTROLS, pge: true }),
      ({ sut, read, tables }) => {
        tables.map(NEXT, 0, 0n);
        sut.tlb.clear();
        read(PAGE + 0x10_0000);
      },
    ] satisfies ((world: ReturnType<typeof setUp>) => void)[]) {
      const world = setUp();

      forget(world);

      expect(world.read(NEXT)).to.include({ kind: 'page-fault' });
    }
  });

  it('should combine the rights of what it skips with those of the rest', () => {
    const { memory, tables, sut, read } = setUp();
    sut.flush();
    tables.set(PAGE, (tables.word(PAGE, 3) & ~2n) | OPEN, 3);
    tables.set(PAGE, BigInt(0x60_0000) | OPEN, 2);
    memory.writeU64(0x60_0000 + 4 * 8, BigInt(A) | OPEN);
    memory.writeU64(0x60_0000 + 5 * 8, BigInt(B) | OPEN);
    tables.set(PAGE, tables.word(PAGE, 4) & ~2n, 4);
    read(PAGE);

    const write = sut.access(fromLinear(NEXT), { kind: 'write', mode: 'user' });

    expect(write).to.include({ kind: 'page-fault', code: 7 });
  });
});
