import { expect } from 'chai';
import { KEOS_CONTROLS, PF } from '../x86/access.ts';
import { fromLinear } from '../x86/address.ts';
import { Cpu } from './cpu.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { FLAG, framesFrom, linearOf, OPEN, PagingStructures } from './testing/paging-structures.ts';
import type { Access } from './walker.ts';

const PAGE = linearOf(1, 2, 3, 4);
const VA = fromLinear(PAGE + 0x123);
const [A, B] = [0x70_0000, 0x71_0000];

const READ: Access = { kind: 'read', mode: 'user' };
const WRITE: Access = { kind: 'write', mode: 'user' };
const FETCH: Access = { kind: 'fetch', mode: 'user' };

function setUp() {
  const memory = new PhysicalMemory();
  const takeFrame = framesFrom(1);
  const tables = new PagingStructures(memory, takeFrame);
  const other = new PagingStructures(memory, takeFrame);
  tables.map(PAGE, A);
  const sut = new Cpu(0, memory, KEOS_CONTROLS, tables.root);
  return { memory, tables, other, sut };
}

describe('Cpu', () => {
  describe('access', () => {
    it('should give the physical address of the byte', () => {
      const { sut } = setUp();

      expect(sut.access(VA, READ)).to.deep.equal({ kind: 'done', pa: A + 0x123 });
    });

    it('should give the address inside a large page', () => {
      const { tables, sut } = setUp();
      tables.set(PAGE, 0x4000_0000n | OPEN | FLAG.PS, 2);

      const outcome = sut.access(VA, READ);

      expect(outcome).to.deep.equal({ kind: 'done', pa: 0x4000_0000 + 4 * 4096 + 0x123 });
    });

    it('should reach the upper half', () => {
      const { tables, sut } = setUp();
      tables.map(linearOf(511, 511, 511, 511), B);

      expect(sut.access(0xffff_ffff_ffff_ffffn, READ)).to.deep.equal({
        kind: 'done',
        pa: B + 0xfff,
      });
    });

    it('should raise a general protection exception outside the canonical halves', () => {
      const { sut } = setUp();

      for (const address of [0x8000_0000_0000n, 0xffff_7fff_ffff_ffffn, 1n << 63n]) {
        expect(sut.access(address, READ)).to.deep.equal({ kind: 'general-protection' });
      }
    });

    it('should report a page fault with its code and address', () => {
      const { tables, sut } = setUp();
      tables.map(PAGE, A, FLAG.P | FLAG.US | FLAG.XD);

      const present = PF.PRESENT | PF.USER;
      expect(sut.access(VA, WRITE)).to.deep.equal({
        kind: 'page-fault',
        code: present | PF.WRITE,
        cr2: PAGE + 0x123,
      });
      expect(sut.access(VA, FETCH)).to.include({ kind: 'page-fault', code: present | PF.FETCH });
      expect(sut.access(0x5000n, READ)).to.include({ code: PF.USER, cr2: 0x5000 });
    });
  });

  describe('translations', () => {
    it('should be kept when the entry changes, until the page is invalidated', () => {
      const { tables, sut } = setUp();
      sut.access(VA, READ);

      tables.map(PAGE, B);
      const stale = sut.access(VA, READ);
      sut.invalidatePage(PAGE + 0xfff);

      expect(stale).to.include({ pa: A + 0x123 });
      expect(sut.access(VA, READ)).to.include({ pa: B + 0x123 });
    });

    it('should be kept with their rights when the entry loses them', () => {
      const { tables, sut } = setUp();
      sut.access(VA, WRITE);

      tables.map(PAGE, A, FLAG.P);

      expect(sut.access(VA, WRITE)).to.include({ kind: 'done' });
      expect(sut.access(VA, FETCH)).to.include({ kind: 'done' });
    });

    it('should survive the invalidation of another page', () => {
      const { tables, sut } = setUp();
      sut.access(VA, READ);
      tables.map(PAGE, B);

      sut.invalidatePage(PAGE + 4096);

      expect(sut.access(VA, READ)).to.include({ pa: A + 0x123 });
    });

    it('should be dropped, on this processor, by the page fault that they cause', () => {
      const { memory, tables, sut } = setUp();
      const neighbour = new Cpu(1, memory, KEOS_CONTROLS, tables.root);
      tables.map(PAGE, A, FLAG.P | FLAG.US);
      for (const cpu of [sut, neighbour]) cpu.access(VA, READ);
      tables.map(PAGE, B);

      const first = sut.access(VA, WRITE);

      expect(first).to.include({ kind: 'page-fault', code: PF.PRESENT | PF.WRITE | PF.USER });
      expect(sut.access(VA, WRITE)).to.include({ kind: 'done', pa: B + 0x123 });
      expect(neighbour.access(VA, READ)).to.include({ pa: A + 0x123 });
    });

    it('should never be made of absent pages', () => {
      const { tables, sut } = setUp();
      tables.set(PAGE, 0n);
      const fault = sut.access(VA, READ);

      tables.map(PAGE, B);

      expect(fault).to.include({ kind: 'page-fault', code: PF.USER });
      expect(sut.access(VA, READ)).to.include({ pa: B + 0x123 });
    });

    it('should be walked for again when a write meets a clean one', () => {
      const { tables, sut } = setUp();
      sut.access(VA, READ);
      const clean = tables.word(PAGE);

      sut.access(VA, WRITE);

      expect(clean & FLAG.D).to.equal(0n);
      expect(tables.word(PAGE) & FLAG.D).to.equal(FLAG.D);
    });

    it('should notice in that second walk that the entry has gone', () => {
      const { tables, sut } = setUp();
      sut.access(VA, READ);
      tables.set(PAGE, 0n);

      const outcome = sut.access(VA, WRITE);

      expect(outcome).to.include({ kind: 'page-fault', code: PF.USER | PF.WRITE });
      expect(sut.tlb.size).to.equal(0);
    });

    it('should not be walked for again when a write meets a dirty one', () => {
      const { tables, sut } = setUp();
      sut.access(VA, WRITE);
      tables.set(PAGE, 0n);

      expect(sut.access(VA, WRITE)).to.include({ kind: 'done', pa: A + 0x123 });
      expect(tables.word(PAGE)).to.equal(0n);
    });

    it('should all be dropped by a load of CR3, even of the same root', () => {
      const { tables, other, sut } = setUp();
      other.map(PAGE, B);
      sut.access(VA, READ);

      sut.loadCr3(other.root);
      const elsewhere = sut.access(VA, READ);
      other.map(PAGE, A);
      sut.loadCr3(other.root);

      expect(elsewhere).to.include({ pa: B + 0x123 });
      expect(sut.access(VA, READ)).to.include({ pa: A + 0x123 });
      expect(tables.word(PAGE) & FLAG.A).to.equal(FLAG.A);
    });

    it('should all be dropped by a flush', () => {
      const { tables, sut } = setUp();
      sut.access(VA, READ);
      tables.map(PAGE, B);

      sut.flush();

      expect(sut.access(VA, READ)).to.include({ pa: B + 0x123 });
    });
  });

  describe('what may be loaded again', () => {
    it('should be what software has dropped while the tables still gave it', () => {
      const { tables, sut } = setUp();
      sut.access(VA, READ);

      sut.invalidatePage(PAGE);
      const afterOne = [...sut.reloadable.keys()];
      sut.flush();
      const afterAll = [...sut.reloadable.keys()];
      tables.map(PAGE, B);
      sut.flush();

      expect(afterOne).to.deep.equal([PAGE]);
      expect(afterAll).to.deep.equal([PAGE]);
      expect([...sut.reloadable.keys()]).to.deep.equal([]);
    });

    it('should not be what has changed before it was dropped', () => {
      const { tables, sut } = setUp();
      sut.access(VA, WRITE);
      tables.map(PAGE, A, FLAG.P | FLAG.US);

      sut.invalidatePage(PAGE);

      expect([...sut.reloadable.keys()]).to.deep.equal([]);
    });

    it('should be nothing that was not there, and nothing after a fault at its address or a switch', () => {
      const { tables, sut } = setUp();
      tables.map(PAGE, A, FLAG.P | FLAG.US);

      sut.flush();
      const unused = [...sut.reloadable.keys()];
      sut.access(VA, READ);
      sut.flush();
      sut.access(VA, WRITE);
      const afterFault = [...sut.reloadable.keys()];
      sut.access(VA, READ);
      sut.flush();
      sut.loadCr3(tables.root);

      expect(unused).to.deep.equal([]);
      expect(afterFault).to.deep.equal([]);
      expect([...sut.reloadable.keys()]).to.deep.equal([]);
    });

    it('should serve no access', () => {
      const { tables, sut } = setUp();
      sut.access(VA, READ);
      sut.flush();
      tables.map(PAGE, B);

      expect(sut.access(VA, READ)).to.include({ pa: B + 0x123 });
    });
  });

  it('should count what software invalidates, and not what faults drop or a switch', () => {
    const { tables, sut } = setUp();
    sut.access(VA, READ);

    sut.invalidatePage(PAGE);
    sut.flush();
    sut.loadCr3(tables.root);
    sut.access(0x5000n, READ);

    expect(sut.invalidations).to.equal(2);
  });
});
