import { expect } from 'chai';
import { fromLinear } from '../x86/address.ts';
import { Machine } from './machine.ts';
import { flagsText, printWalk } from './page-walk-printer.ts';
import { FLAG, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';

const PAGE = linearOf(0, 1, 23, 456);
const VA = fromLinear(PAGE + 0x123);

/** Frames are numbered from 0x100: the root, three tables, the page. */
function setUp() {
  const machine = new Machine();
  const tables = new PagingStructures(machine.memory, () => machine.allocate(false)!.pa);
  tables.entry(PAGE);
  const page = machine.allocate(false)!;
  return { machine, tables, page };
}

describe('printWalk', () => {
  it('should print a line for every level down to the page', () => {
    const { machine, tables, page } = setUp();
    tables.map(PAGE, page.pa, OPEN | FLAG.XD | FLAG.A | FLAG.D);

    expect(printWalk(machine, tables.root, VA)).to.deep.equal([
      'PML4E[0]    -> 0x101000   P RW US .. .',
      'PDPTE[1]    -> 0x102000   P RW US .. .',
      'PDE[23]     -> 0x103000   P RW US .. .',
      'PTE[456]    -> 0x104000   P RW US XD A D',
    ]);
  });

  it('should end at the entry that stops the walk', () => {
    const { machine, tables } = setUp();

    expect(printWalk(machine, tables.root, VA).slice(2)).to.deep.equal([
      'PDE[23]     -> 0x103000   P RW US .. .',
      'PTE[456]    not present',
    ]);
    expect(printWalk(machine, tables.root, 0x7fff_ffff_f000n)).to.deep.equal([
      'PML4E[255]  not present',
    ]);
  });

  it('should point out a frame that is free, and not look into it', () => {
    const { machine, tables } = setUp();
    machine.release(machine.frames.get(0x102)!);

    expect(printWalk(machine, tables.root, VA)).to.deep.equal([
      'PML4E[0]    -> 0x101000   P RW US .. .',
      'PDPTE[1]    -> 0x102000   P RW US .. .  (frame is free!)',
    ]);
  });

  it('should end at a large page', () => {
    const { machine } = setUp();

    expect(printWalk(machine, machine.bootRoot, 0xffff_ff00_8000_0000n)).to.deep.equal([
      'PML4E[510]  -> 0x2000     P RW .. .. .',
      'PDPTE[2]    -> 0x80000000 P RW .. .. .  (1 GiB page)',
    ]);
  });

  it('should end at an entry with a reserved bit, and say so', () => {
    const { machine, tables } = setUp();
    tables.set(PAGE, 0x20_2000n | OPEN | FLAG.PS, 2);

    expect(printWalk(machine, tables.root, VA).slice(2)).to.deep.equal([
      'PDE[23]     -> 0x200000   P RW US .. .  (2 MiB page, reserved bit is set!)',
    ]);
  });

  it('should refuse an address that is not canonical', () => {
    const { machine, tables } = setUp();

    expect(printWalk(machine, tables.root, 0x8000_0000_0000n)).to.deep.equal([
      '0x800000000000 is not canonical: no walk takes place',
    ]);
  });

  it('should leave the accessed flags alone', () => {
    const { machine, tables, page } = setUp();
    tables.map(PAGE, page.pa);

    printWalk(machine, tables.root, VA);

    expect(tables.word(PAGE) & FLAG.A).to.equal(0n);
  });
});

describe('flagsText', () => {
  it('should show the dirty flag of a leaf only', () => {
    const all = 0x67;

    expect(flagsText(all, 0x8000_0000, 1)).to.equal('P RW US XD A D');
    expect(flagsText(all, 0x8000_0000, 2)).to.equal('P RW US XD A');
    expect(flagsText(0, 0, 1)).to.equal('. .. .. .. . .');
  });
});
