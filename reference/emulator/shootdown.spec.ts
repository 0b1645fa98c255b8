import { expect } from 'chai';
import type { MachineEvent } from './events.ts';
import { Machine } from './machine.ts';
import type { Delivery } from './shootdown.ts';
import { framesFrom, linearOf, PagingStructures } from './testing/paging-structures.ts';

const [PAGE, NEXT] = [linearOf(1, 2, 3, 4), linearOf(1, 2, 3, 5)];

/** Three processors, the first two of which run one table and have two of its pages in their TLBs; the third runs another. */
function setUp(delivery: Delivery) {
  const events: MachineEvent[] = [];
  const machine = new Machine({ cpus: 3, delivery, events: (event) => events.push(event) });
  const takeFrame = framesFrom(0x100);
  const tables = new PagingStructures(machine.memory, takeFrame);
  const other = new PagingStructures(machine.memory, takeFrame);
  for (const [i, cpu] of machine.cpus.entries()) {
    const { root } = i < 2 ? tables : other;
    cpu.loadCr3(root);
    for (const linear of [PAGE, NEXT]) {
      (i < 2 ? tables : other).map(linear, 0x70_0000);
      cpu.translate(linear, 0);
    }
  }
  events.length = 0;
  return {
    machine,
    events,
    root: tables.root,
    kept: () => machine.cpus.map(({ tlb }) => tlb.size),
  };
}

describe('Shootdowns', () => {
  it('should reach every processor that runs the root, and have their acknowledgement', () => {
    const { machine, root, kept } = setUp('at-once');

    const { waitingFor } = machine.shootdowns.send(machine.cpus[0]!, root, PAGE);

    expect(waitingFor).to.deep.equal([]);
    expect(kept()).to.deep.equal([1, 1, 2]);
  });

  it('should not make a sender drop anything that runs another root', () => {
    const { machine, root, kept } = setUp('at-once');

    machine.shootdowns.send(machine.cpus[2]!, root, null);

    expect(kept()).to.deep.equal([0, 0, 2]);
  });

  it('should wait, if late, until the processor takes its interrupts', () => {
    const { machine, root, kept } = setUp('late');
    const [first, second] = machine.cpus;

    const one = machine.shootdowns.send(first!, root, PAGE);
    const all = machine.shootdowns.send(first!, root, null);

    expect(kept()).to.deep.equal([0, 2, 2]);
    expect([one.waitingFor, all.waitingFor]).to.deep.equal([[1], [1]]);
    expect(machine.shootdowns.waiting(second!)).to.equal(2);

    expect(machine.shootdowns.deliver(second!)).to.equal(2);
    expect(kept()).to.deep.equal([0, 0, 2]);
    expect([one.waitingFor, all.waitingFor]).to.deep.equal([[], []]);
    expect(machine.shootdowns.deliver(second!)).to.equal(0);
  });

  it('should be told as events, in their order', () => {
    const { machine, events, root } = setUp('at-once');

    machine.shootdowns.send(machine.cpus[1]!, root, PAGE);

    expect(events).to.deep.equal([
      { kind: 'interrupt-sent', from: 1, to: 0, linear: PAGE },
      { kind: 'invalidated', cpu: 0, linear: PAGE, pcid: 0 },
      { kind: 'interrupt-handled', from: 1, to: 0, linear: PAGE },
      { kind: 'invalidated', cpu: 1, linear: PAGE, pcid: 0 },
    ]);
  });
});
