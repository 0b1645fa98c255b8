import { expect } from 'chai';
import { KernelPanic } from './kernel-panic.ts';
import { DIRECT_MAP_BASE, DIRECT_MAP_BYTES, Machine } from './machine.ts';
import { thrownBy } from './testing/endings.ts';
import type { Access } from './walker.ts';

const KERNEL: Access = { kind: 'write', mode: 'supervisor' };

describe('Machine', () => {
  describe('processors', () => {
    it('should all boot on the table of the kernel', () => {
      const sut = new Machine({ cpus: 3 });

      expect(sut.cpus.map(({ id, cr3 }) => [id, cr3])).to.deep.equal([
        [0, sut.bootRoot],
        [1, sut.bootRoot],
        [2, sut.bootRoot],
      ]);
      expect(sut.current).to.equal(sut.cpus[0]);
    });

    it('should run on the one that it is told to', () => {
      const sut = new Machine({ cpus: 2 });

      sut.runOn(1);

      expect(sut.current.id).to.equal(1);
      expect(() => sut.runOn(2)).to.throw(RangeError, 'no processor 2');
      expect(() => new Machine({ cpus: 0 })).to.throw(RangeError, '1 to 4 processors');
    });

    it('should see all of physical memory through the direct map, as supervisor only', () => {
      const { current } = new Machine();

      for (const pa of [0, 0x12_3456, 2 ** 32 + 5, DIRECT_MAP_BYTES - 1]) {
        const address = DIRECT_MAP_BASE + BigInt(pa);
        expect(current.access(address, KERNEL)).to.deep.equal({ kind: 'done', pa });
        expect(current.access(address, { kind: 'read', mode: 'user' })).to.include({
          kind: 'page-fault',
        });
      }
    });
  });

  describe('enter and leave', () => {
    it('should count calls, and stop when the budget is gone', () => {
      const sut = new Machine({ callBudget: 2 });
      for (let call = 0; call < 2; call++) {
        sut.enter();
        sut.leave();
      }
      const left = sut.callsLeft;

      const thrown = thrownBy(() => sut.enter());

      expect(left).to.equal(0);
      expect(thrown).to.be.instanceOf(KernelPanic);
      expect(sut.stop).to.include({
        kind: 'limit',
        message: 'the budget of calls to the machine is used up',
      });
    });

    it('should know that a call was cut short, and refuse all others', () => {
      const sut = new Machine();

      sut.enter();

      expect(() => sut.enter()).to.throw(KernelPanic);
      expect(sut.stop).to.include({ kind: 'torn' });
      sut.leave();
      expect(() => sut.enter()).to.throw(KernelPanic);
    });

    it('should not be torn by a call that ends with an error', () => {
      const sut = new Machine();
      const error = { name: 'an error' };

      sut.enter();
      const thrown = thrownBy(() => sut.raise(error));

      expect(thrown).to.equal(error);
      expect(sut.stop).to.equal(null);
      expect(() => sut.enter()).not.to.throw();
    });
  });

  describe('panic', () => {
    it('should stop the machine for good, with message, subject and stack', () => {
      const sut = new Machine();

      expect(() => sut.panic('twice freed', 'frames')).to.throw(KernelPanic, 'twice freed');

      expect(sut.stop).to.include({ kind: 'panic', about: 'frames', message: 'twice freed' });
      expect(sut.stop?.stack).to.include('machine.spec');
      expect(() => sut.enter()).to.throw(KernelPanic, 'twice freed');
    });

    it('should keep the first reason', () => {
      const sut = new Machine();

      expect(() => sut.halt('todo', 'first')).to.throw(KernelPanic, 'first');
      expect(() => sut.panic('second')).to.throw(KernelPanic, 'second');

      expect(sut.stop).to.include({ kind: 'todo', message: 'first' });
    });
  });

  describe('beginOperation', () => {
    it('should count frames, reads and invalidations anew', () => {
      const sut = new Machine();
      sut.beginOperation(0);
      sut.allocate(true);
      sut.fileReads++;
      sut.current.flush();

      sut.beginOperation(1);

      expect(sut).to.include({ op: 1, framesTaken: 0, fileReads: 0, epoch: 2 });
      expect(sut.current.invalidations).to.equal(0);
      expect(sut.allocate(true)).to.include({ op: 1 });
    });
  });

  describe('allocate', () => {
    it('should count and fail only what may be made to fail', () => {
      const sut = new Machine();
      sut.faults.arm({ point: 'frame', nth: 1, mode: 'once' });

      expect(sut.allocate(false)).not.to.equal(null);
      expect(sut.allocate(true)).to.equal(null);
      expect(sut.allocate(true)).not.to.equal(null);

      expect(sut).to.include({ framesTaken: 1, ranOut: false });
      expect(sut.faults.fired).to.equal(true);
    });

    it('should give null when memory is full', () => {
      const sut = new Machine({ frames: 1 });
      sut.allocate(true);

      expect(sut.ranOut).to.equal(false);
      expect([sut.allocate(true), sut.allocate(false)]).to.deep.equal([null, null]);
      expect(sut).to.include({ framesTaken: 1, ranOut: true });
      sut.beginOperation(1);
      expect(sut.ranOut).to.equal(false);
    });

    it('should take back what only the page cache uses before memory is full', () => {
      const sut = new Machine({ frames: 2 });
      const [idle, used] = [sut.allocate(true)!, sut.allocate(true)!];
      sut.pageCache.keep(1, 0, idle);
      sut.pageCache.keep(1, 1, used);
      used.references++;

      expect(sut.allocate(true)).to.equal(idle);
      expect(sut.allocate(true)).to.equal(null);

      expect([...sut.frames.owned()]).to.deep.equal([idle, used]);
      expect(sut.pageCache.size).to.equal(1);
    });

    it('should keep what an operation allocates, if asked', () => {
      const sut = new Machine({ recordAllocations: true, policy: 'first-fit' });
      sut.allocate(true);
      sut.beginOperation(0);
      sut.faults.arm({ point: 'frame', nth: 2, mode: 'once' });
      const frame = sut.allocate(true)!;
      sut.allocate(false);
      sut.allocate(true);
      sut.release(frame);
      sut.allocate(true);

      expect(sut.allocations).to.deep.equal([
        { frame, generation: 0 },
        null,
        { frame, generation: 1 },
      ]);
      expect(new Machine().allocations).to.equal(null);
    });

    it('should say with a panic about a frame where it came from and went to, if asked', () => {
      const stops = [true, false].map((recordSites) => {
        const sut = new Machine({ recordSites });
        const frame = sut.allocate(true)!;
        sut.release(frame);
        expect(() => sut.panic('free', 'frames', frame)).to.throw(KernelPanic);
        return sut.stop;
      });

      expect(stops[0]?.sites?.allocated).to.include('machine.spec');
      expect(stops[0]?.sites?.released).to.include('machine.spec');
      expect(stops[1]).not.to.have.property('sites');
    });

    it('should record where frames come from and go to, if asked', () => {
      const silent = new Machine().allocate(true)!;
      const sut = new Machine({ recordSites: true });
      const frame = sut.allocate(true)!;
      const before = frame.sites;

      sut.release(frame);

      expect([silent.sites.allocated, before.released]).to.deep.equal(['', '']);
      expect(before.allocated).to.include('machine.spec');
      expect(frame.sites.released).to.include('machine.spec');
    });
  });

  describe('createFile', () => {
    it('should number files and keep them', () => {
      const sut = new Machine();

      const files = [1, 2].map((seed) => sut.createFile({ size: 1, seed }));

      expect(files.map(({ ino }) => ino)).to.deep.equal([1, 2]);
      expect(sut.files.names.map((name) => sut.files.get(name))).to.deep.equal(files);
    });
  });
});
