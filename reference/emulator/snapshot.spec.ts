import { expect } from 'chai';
import { activate } from './keos/active-machine.ts';
import { openFile } from './keos/file.ts';
import { Page } from './keos/page.ts';
import { PageTableRoot } from './keos/page-table-root.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { snapshot } from './snapshot.ts';
import { FLAG, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';
import type { Access } from './walker.ts';

const PAGE = linearOf(0, 1, 2, 3);
const NEXT = linearOf(0, 1, 2, 4);
const READ: Access = { kind: 'read', mode: 'user' };

/** Two processors; CPU 0 has read two pages of a table that has a large page as well. Frames are numbered from 0x100. */
function setUp(options: MachineOptions = {}) {
  const machine = new Machine({ cpus: 2, ...options });
  activate(machine);
  machine.beginOperation(0);
  const root = PageTableRoot.newBoxedWithKernelAddr();
  const takeFrame = () => machine.allocate(false)!.pa;
  const tables = new PagingStructures(machine.memory, takeFrame, Number(root.pa()));
  for (const linear of [NEXT, PAGE]) tables.map(linear, Number(Page.new().intoRaw()));
  tables.set(linearOf(0, 1, 5), 0x4000_0000n | OPEN | FLAG.PS, 2);
  machine.current.loadCr3(tables.root);
  for (const linear of [NEXT, PAGE]) machine.current.access(BigInt(linear), READ);
  return { machine, root, tables };
}

describe('snapshot', () => {
  it('should give the same bytes for the same machine, and change nothing', () => {
    const [{ machine }, other] = [setUp(), setUp()];

    const first = JSON.stringify(snapshot(machine));

    expect(JSON.stringify(snapshot(machine))).to.equal(first);
    expect(JSON.stringify(snapshot(other.machine))).to.equal(first);
    expect(JSON.parse(first)).to.deep.equal(snapshot(machine));
  });

  it('should show each entry of a live root decoded, and what it leads to', () => {
    const { machine, tables } = setUp();

    const { spaces } = snapshot(machine);

    expect(spaces.map(({ root, kind }) => [root, kind])).to.deep.equal([
      ['0x1000', 'boot'],
      ['0x100000', 'live'],
    ]);
    const [pml4e] = spaces[1]!.entries;
    expect(pml4e).to.deep.include({
      name: 'PML4E',
      index: 0,
      at: '0x100000',
      word: '0x102027',
      flags: ['P', 'RW', 'US', 'A'],
      target: '0x102000',
    });
    const [pde, large] = pml4e!.table![0]!.table!;
    expect(pde!.table!.map(({ index, target }) => [index, target])).to.deep.equal([
      [3, '0x105000'],
      [4, '0x101000'],
    ]);
    expect(large).to.deep.equal({
      name: 'PDE',
      index: 5,
      va: '0x40a00000',
      at: '0x103028',
      word: '0x40000087',
      flags: ['P', 'RW', 'US', 'PS'],
      target: '0x40000000',
      pageSize: 2 ** 21,
    });
    expect(tables.root).to.equal(0x10_0000);
  });

  it('should collapse the kernel half, and say where it is not that of the kernel', () => {
    const { machine, tables } = setUp();
    tables.set(linearOf(300), 7n, 4);

    expect(snapshot(machine).spaces[1]!.kernelHalf).to.deep.equal([
      { index: 300, word: '0x7', shared: false },
      { index: 510, word: '0x2003', shared: true },
    ]);
  });

  it('should mark what is reserved, free, kept by software, or shown before', () => {
    const { machine, tables } = setUp();
    tables.set(linearOf(1), BigInt(tables.root) | OPEN, 4);
    tables.set(linearOf(2), (tables.word(PAGE, 4) & ~FLAG.A) | (1n << 60n), 4);
    tables.set(linearOf(3), BigInt(tables.root) | OPEN | FLAG.PS, 4);
    tables.set(linearOf(4), 0x3000n, 4);
    machine.release(machine.frames.get(0x105)!);

    const [first, ...others] = snapshot(machine).spaces[1]!.entries;

    expect(first!.table![0]!.table![0]!.table![0]).to.include({ target: '0x105000', free: true });
    expect(others.map(({ index: _, name: _n, va: _v, at: _a, ...rest }) => rest)).to.deep.equal([
      { word: '0x100007', flags: ['P', 'RW', 'US'], target: '0x100000', again: true },
      {
        word: '0x1000000000102007',
        flags: ['P', 'RW', 'US'],
        available: [60],
        target: '0x102000',
        again: true,
      },
      {
        word: '0x100087',
        flags: ['P', 'RW', 'US', 'PS'],
        reserved: [{ bits: [7], why: 'PS, which a PML4E cannot have' }],
        target: '0x100000',
      },
      { word: '0x3000', flags: [], available: [12, 13] },
    ]);
  });

  it('should show what processors keep, and what of it is stale', () => {
    const { machine, tables } = setUp({ cacheStructures: true });
    tables.set(PAGE, 0n);

    const [first, second] = snapshot(machine).processors;

    expect(first).to.deep.include({ cr3: '0x100000', mode: 'supervisor', interruptsWaiting: 0 });
    expect(first!.tlb.map(({ va, page, stale }) => [va, page, stale])).to.deep.equal([
      ['0x40403000', '0x105000', true],
      ['0x40404000', '0x101000', undefined],
    ]);
    expect(first!.structures!.map(({ va, name, table }) => [va, name, table])).to.deep.equal([
      ['0x0', 'PDPT', '0x102000'],
      ['0x40000000', 'PD', '0x103000'],
      ['0x40400000', 'PT', '0x104000'],
    ]);
    expect(second).to.deep.include({ id: 1, cr3: '0x1000', tlb: [], structures: [] });
  });

  it('should show frames with their owners, and sites if they are recorded', () => {
    const { machine } = setUp();
    machine.release(machine.frames.get(0x105)!);

    const { frames } = snapshot(machine);

    expect(frames[0]).to.deep.equal({
      number: 0x100,
      references: 1,
      owners: { pages: 0, outside: 0, kernel: 'root' },
      operation: 0,
      releases: 0,
    });
    expect(frames.at(-1)).to.deep.equal({
      number: 0x105,
      references: 0,
      operation: 0,
      releases: 1,
    });
    const [recorded] = snapshot(setUp({ recordSites: true }).machine).frames;
    expect(recorded?.sites?.allocated).to.include('newBoxedWithKernelAddr');
  });

  it('should show files that have a name or a handle, with their cached blocks', () => {
    const { machine } = setUp();
    const cached = openFile(machine.createFile({ size: 9000, seed: 1, cached: true }));
    const open = machine.files.create({ size: 5, seed: 2 }, 'gone');
    openFile(open);
    machine.files.unlink('gone');
    cached.mmap(1n as never);

    expect(snapshot(machine).files).to.deep.equal([
      {
        ino: 1,
        name: 'file 1',
        size: 9000,
        openHandles: 1,
        cachedBlocks: [{ block: 1, frame: 0x106 }],
      },
      { ino: 2, name: null, size: 5, openHandles: 1, cachedBlocks: null },
    ]);
  });
});
