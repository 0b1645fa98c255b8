import { expect } from 'chai';
import { KernelError } from './keos/errors.ts';
import { activate } from './keos/active-machine.ts';
import { FileBlockNumber } from './keos/addresses.ts';
import { openFile } from './keos/file.ts';
import { Page } from './keos/page.ts';
import { PageTableRoot } from './keos/page-table-root.ts';
import { eventText } from './event-text.ts';
import type { MachineEvent } from './events.ts';
import { Machine } from './machine.ts';
import { thrownBy } from './testing/endings.ts';
import { framesFrom, linearOf, PagingStructures } from './testing/paging-structures.ts';

function setUp() {
  const events: MachineEvent[] = [];
  const machine = new Machine({ cpus: 2, events: (event) => events.push(event) });
  activate(machine);
  const told = () => events.splice(0).map(eventText);
  return { machine, events, told };
}

describe('events', () => {
  it('should tell the life of roots and frames', () => {
    const { told } = setUp();

    const root = PageTableRoot.newBoxed();
    const page = Page.new();
    page.clone().drop();
    page.drop();
    root.drop();

    expect(told()).to.deep.equal([
      'frame 0x100 taken',
      'page table 0x100000 made',
      'frame 0x101 taken',
      'frame 0x101 shared: 2 references',
      'frame 0x101 released: 1 reference left',
      'frame 0x101 released: free',
      'page table 0x100000 dropped',
      'frame 0x100 released: free',
    ]);
  });

  it('should tell failures, armed ones and those that always happen', () => {
    const { machine, told } = setUp();
    const file = openFile(machine.createFile({ size: 8192, seed: 1, unreadable: 'all' }));
    told();
    machine.beginOperation(3);
    machine.faults.arm({ point: 'frame', mode: 'once', nth: 1 });

    expect(thrownBy(() => Page.new())).to.equal(KernelError.NoMemory);
    expect(thrownBy(() => file.mmap(FileBlockNumber.new(0n)))).to.equal(KernelError.IOError);

    expect(told()).to.deep.equal([
      'operation 4',
      'frame allocation 1 of operation 4 fails on purpose',
      'file 1 read from 0x0',
      'file mmap 1 of operation 4 fails, as it always does',
    ]);
  });

  it('should tell what processors do to entries, each flag once', () => {
    const { machine, told } = setUp();
    const tables = new PagingStructures(machine.memory, framesFrom(0x100));
    tables.map(linearOf(0, 0, 0, 1), 0x70_0000);
    machine.runOn(1);
    machine.current.loadCr3(tables.root);

    machine.current.access(0x1000n, { kind: 'read', mode: 'user' });
    machine.current.access(0x1000n, { kind: 'write', mode: 'user' });
    machine.current.access(0x1000n, { kind: 'write', mode: 'user' });

    expect(told()).to.deep.equal([
      'execution moves to CPU 1',
      'CPU 1: CR3 = 0x100000',
      'CPU 1: sets A in the PML4E at 0x100000',
      'CPU 1: sets A in the PDPTE at 0x101000',
      'CPU 1: sets A in the PDE at 0x102000',
      'CPU 1: sets A in the PTE at 0x103008',
      'CPU 1: TLB takes 0x1000 -> 0x700000, 4 KiB',
      'CPU 1: sets D in the PTE at 0x103008',
      'CPU 1: TLB takes 0x1000 -> 0x700000, 4 KiB',
    ]);
  });

  it('should tell the flags of an entry once that is used at every level', () => {
    const { machine, told } = setUp();
    machine.memory.writeU64(0x70_0000, 0x70_0007n);
    machine.current.loadCr3(0x70_0000);
    told();

    machine.current.access(0n, { kind: 'write', mode: 'user' });

    expect(told()).to.deep.equal([
      'CPU 0: sets A and D in the PML4E at 0x700000',
      'CPU 0: TLB takes 0x0 -> 0x700000, 4 KiB',
    ]);
  });

  it('should tell registers, contexts and which processor', () => {
    const { machine, told } = setUp();
    const [cpu] = machine.cpus;
    cpu!.setControls({ ...cpu!.controls, pcide: true });
    cpu!.moveToCr3(0x1005n);
    cpu!.invalidatePcid(0, 7, 0x1000);
    cpu!.invalidatePcid(1, 7, 0);
    cpu!.invalidatePcid(2, 0, 0);
    cpu!.invalidatePage(0x2000);

    expect(told()).to.deep.equal([
      'CPU 0: controls set: WP NXE PCIDE; MAXPHYADDR 52',
      'CPU 0: CR3 = 0x1000, PCID 5',
      'CPU 0: invalidates 0x1000 of PCID 7',
      'CPU 0: invalidates everything of PCID 7',
      'CPU 0: invalidates everything',
      'CPU 0: invalidates 0x2000 of PCID 5',
    ]);
  });
});
