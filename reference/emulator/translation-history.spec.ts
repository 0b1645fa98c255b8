import { expect } from 'chai';
import { accessCode } from './access-code.ts';
import type { MachineEvent } from './events.ts';
import { Machine } from './machine.ts';
import { FLAG, framesFrom, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';

const PAGE = linearOf(1, 2, 3, 4);
const [A, B] = [0x70_0000, 0x71_0000];
const READ = accessCode({ kind: 'read', mode: 'user' });
const WRITE = accessCode({ kind: 'write', mode: 'user' });

/** A processor that has read a page, in operation 1; operation 2 is under way. */
function setUp() {
  const events: MachineEvent[] = [];
  const machine = new Machine({ events: (event) => events.push(event), recordSites: true });
  const tables = new PagingStructures(machine.memory, framesFrom(0x100));
  tables.map(PAGE, A);
  const cpu = machine.current;
  cpu.loadCr3(tables.root);
  machine.beginOperation(1);
  cpu.translate(PAGE, READ);
  machine.beginOperation(2);
  return { machine, tables, cpu, events, history: machine.history! };
}

describe('TranslationHistory', () => {
  it('should keep a hit that the tables contradict, with its origin and the change', () => {
    const { machine, tables, cpu, history } = setUp();
    const at = tables.entry(PAGE);
    const before = machine.memory.readU64(at);
    machine.storeEntry(1, at, BigInt(B) | OPEN);

    expect(cpu.translate(PAGE + 8, READ)).to.equal(A + 8);

    expect(history.staleHits).to.have.length(1);
    const [hit] = history.staleHits;
    expect(hit).to.deep.include({ cpu: 0, linear: PAGE + 8 });
    expect(hit?.entry).to.include({ linear: PAGE, base: A });
    expect(hit?.filled.op).to.equal(1);
    expect(hit?.change).to.include({
      level: 1,
      at,
      was: `0x${(before & ~0x20n).toString(16)}`,
      now: `0x${(BigInt(B) | OPEN).toString(16)}`,
    });
    expect(hit?.change?.by?.op).to.equal(2);
    expect(hit?.change?.by?.site).to.include('storeEntry');
  });

  it('should name the topmost entry that changed, and nobody if nobody was watched', () => {
    const { tables, cpu, history } = setUp();
    tables.set(PAGE, 0n, 3);

    cpu.translate(PAGE, READ);

    expect(history.staleHits[0]?.change).to.include({ level: 3, now: '0x0', by: null });
  });

  it('should not blame a store that something else has overwritten', () => {
    const { machine, tables, cpu, history } = setUp();
    const at = tables.entry(PAGE);
    machine.storeEntry(1, at, BigInt(A) | OPEN);
    machine.memory.writeU64(at, BigInt(B) | OPEN);

    cpu.translate(PAGE, READ);

    expect(history.staleHits[0]?.change).to.include({ level: 1, by: null });
  });

  it('should not mind what is no contradiction', () => {
    const { tables, cpu, history } = setUp();
    cpu.translate(PAGE, READ);
    tables.map(PAGE, A, OPEN | FLAG.A | FLAG.D | FLAG.G);
    cpu.translate(PAGE, READ);
    cpu.translate(PAGE, WRITE);

    expect(history.staleHits).to.deep.equal([]);
  });

  it('should see rights that were taken away or given, and a dirty flag that was cleared', () => {
    for (const [before, after, count] of [
      [OPEN, FLAG.P | FLAG.US, 1],
      [FLAG.P | FLAG.US, OPEN, 1],
      [OPEN | FLAG.D, OPEN, 1],
      [OPEN, OPEN | FLAG.D, 0],
      [OPEN, OPEN | FLAG.XD, 1],
    ] as const) {
      const { tables, cpu, history } = setUp();
      tables.map(PAGE, A, before);
      cpu.invalidatePage(PAGE);
      cpu.translate(PAGE, READ);
      tables.map(PAGE, A, after);

      cpu.translate(PAGE, READ);

      expect(history.staleHits).to.have.length(count);
    }
  });

  it('should look at the address itself where pages have come to be of another size', () => {
    const { tables, cpu, history } = setUp();
    const link = tables.word(PAGE, 2);
    const large = 0x40_0000n | OPEN | FLAG.PS;
    cpu.invalidatePage(PAGE);
    tables.map(PAGE, 0x40_4000);
    tables.map(PAGE + 4096, 0x40_5000);
    cpu.translate(PAGE, READ);

    tables.set(PAGE, large, 2);
    cpu.translate(PAGE, READ);
    expect(history.staleHits, 'a large page with the same bytes').to.have.length(0);

    cpu.invalidatePage(PAGE);
    cpu.translate(PAGE, READ);
    tables.set(PAGE, link, 2);
    tables.map(PAGE + 4096, B);
    cpu.translate(PAGE, READ);
    expect(history.staleHits, 'a part of it that has stayed').to.have.length(0);
    cpu.translate(PAGE + 4096, READ);
    expect(history.staleHits, 'a part of it that has gone').to.have.length(1);
  });

  it('should be in the log of events', () => {
    const { machine, tables, cpu, events } = setUp();
    machine.storeEntry(1, tables.entry(PAGE), 0n);
    cpu.translate(PAGE, READ);
    cpu.invalidatePage(PAGE);
    cpu.translate(PAGE, READ);

    expect(events.map(({ kind }) => kind)).to.deep.equal([
      'cr3-loaded',
      'operation',
      ...(['flags-set', 'flags-set', 'flags-set', 'flags-set'] as const),
      'tlb-filled',
      'operation',
      'entry-stored',
      'stale-hit',
      'invalidated',
      'page-fault',
    ]);
  });
});
