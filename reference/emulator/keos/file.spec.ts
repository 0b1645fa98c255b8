import { expect } from 'chai';
import type { FileBlockNumber, Page, RegularFile } from '../../contract/keos.ts';
import { fileByte } from '../../contract/file-rule.ts';
import { Machine } from '../machine.ts';
import type { StoredFile } from '../regular-file.ts';
import { panicOf, stopBy, thrownBy } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { openFile } from './file.ts';
import { keos } from './index.ts';

const SEED = 3;
const { IOError, NoMemory } = keos.KernelError;
const block = (n: bigint) => n as FileBlockNumber;

let machine: Machine;
let stored: StoredFile;
let sut: RegularFile;

function setUp({ size = 5000, cached = false, frames = 16 } = {}): void {
  machine = new Machine({ frames });
  activate(machine);
  stored = machine.createFile({ size, seed: SEED, cached });
  sut = openFile(stored);
}

const referencesOf = (page: Page) => machine.frames.get(Number(page.pa()) / 4096)!.references;
const bytesOf = (page: Page, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => page.inner().get(from + i));
const rule = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => fileByte(SEED, from + i));

describe('RegularFile', () => {
  beforeEach(() => setUp());

  it('should be a frozen handle that tells number and size, now', () => {
    const before = [sut.ino(), sut.size()];
    stored.truncate(7);

    expect(sut).to.be.frozen;
    expect(before).to.deep.equal([1n, 5000n]);
    expect([sut.size(), openFile(stored).ino()]).to.deep.equal([7n, 1n]);
  });

  it('should count each call, and answer none once the machine has stopped', () => {
    const before = machine.callsLeft;
    sut.ino();
    sut.size();
    const used = before - machine.callsLeft;
    thrownBy(() => machine.panic('over'));

    expect(used).to.equal(2);
    expect(panicOf(() => sut.size())).to.equal('over');
    expect(panicOf(() => sut.ino())).to.equal('over');
  });

  describe('mmap', () => {
    it('should give a page of the file that the caller owns', () => {
      const page = sut.mmap(block(0n));

      expect(bytesOf(page, 0, 4096)).to.deep.equal(rule(0, 4096));
      expect(referencesOf(page)).to.equal(1);
      expect([machine.framesTaken, machine.fileReads]).to.deep.equal([1, 1]);
    });

    it('should fill with zeros past the end of the file', () => {
      const [last, beyond] = [sut.mmap(block(1n)), sut.mmap(block(1n << 52n))];

      expect(bytesOf(last, 902, 906)).to.deep.equal([...rule(4998, 5000), 0, 0]);
      expect(new Set(bytesOf(beyond, 0, 4096))).to.deep.equal(new Set([0]));
    });

    it('should give a frame of its own each time', () => {
      const [a, b] = [sut.mmap(block(0n)), sut.mmap(block(0n))];

      a.innerMut().set(0, 0);

      expect(a.pa()).not.to.equal(b.pa());
      expect(b.inner().get(0)).to.equal(fileByte(SEED, 0));
    });

    it('should throw NoMemory when no frame is free', () => {
      setUp({ frames: 1 });
      sut.mmap(block(0n));

      expect(thrownBy(() => sut.mmap(block(0n)))).to.equal(NoMemory);
      expect(machine.stop).to.equal(null);
    });

    it('should throw the error that is injected, and own nothing', () => {
      for (const [point, error] of [
        ['file', IOError],
        ['frame', NoMemory],
      ] as const) {
        setUp();
        machine.faults.arm({ point, nth: 1, mode: 'once' });

        expect(thrownBy(() => sut.mmap(block(0n)))).to.equal(error);

        expect(machine.frames.live).to.equal(0);
        expect(bytesOf(sut.mmap(block(0n)), 0, 1)).to.deep.equal(rule(0, 1));
      }
    });

    it('should panic: what is no block', () => {
      expect(panicOf(() => sut.mmap(0 as never))).to.equal(
        'RegularFile.mmap: the block is 0 (a number; bigint is needed: 0n), not an unsigned 64-bit bigint',
      );
    });
  });

  describe('mmap of a cached file', () => {
    beforeEach(() => setUp({ cached: true }));

    it('should share one frame a block, which the cache owns too', () => {
      const [a, b, other] = [sut.mmap(block(0n)), sut.mmap(block(0n)), sut.mmap(block(1n))];

      expect(a.pa()).to.equal(b.pa());
      expect(other.pa()).not.to.equal(a.pa());
      expect([a, other].map(referencesOf)).to.deep.equal([3, 2]);
      expect([machine.framesTaken, machine.fileReads]).to.deep.equal([2, 3]);
    });

    it('should not share with other files', () => {
      const other = openFile(machine.createFile({ size: 10, seed: SEED, cached: true }));

      expect(other.mmap(block(0n)).pa()).not.to.equal(sut.mmap(block(0n)).pa());
    });

    it('should keep the frame until the cache is emptied', () => {
      sut.mmap(block(0n)).drop();
      const cached = machine.frames.live;

      machine.forgetCachedPages();

      expect([cached, machine.frames.live]).to.deep.equal([1, 0]);
    });

    it('should throw the error that is injected, cached or not, and cache nothing then', () => {
      machine.faults.arm({ point: 'frame', nth: 1, mode: 'once' });
      expect(thrownBy(() => sut.mmap(block(0n)))).to.equal(NoMemory);
      const live = machine.frames.live;
      sut.mmap(block(0n));
      machine.faults.arm({ point: 'file', nth: 1, mode: 'once' });

      expect(thrownBy(() => sut.mmap(block(0n)))).to.equal(IOError);
      expect(live).to.equal(0);
    });
  });

  describe('read', () => {
    it('should copy to an array and leave the rest of it alone', () => {
      const buffer = new Uint8Array(6).fill(0xee);

      const count = sut.read(4998n, buffer);

      expect(count).to.equal(2);
      expect([...buffer]).to.deep.equal([...rule(4998, 5000), 0xee, 0xee, 0xee, 0xee]);
      expect(machine.fileReads).to.equal(1);
    });

    it('should copy to a page', () => {
      const page = keos.Page.new();
      page.innerMut().fill(0xee);

      const count = sut.read(4096n, page.innerMut());

      expect(count).to.equal(904);
      expect(bytesOf(page, 0, 905)).to.deep.equal([...rule(4096, 5000), 0xee]);
    });

    it('should give 0 at the end of the file and past it', () => {
      const buffer = new Uint8Array(4);

      const counts = [5000n, 5001n, (1n << 64n) - 1n].map((at) => sut.read(at, buffer));

      expect(counts).to.deep.equal([0, 0, 0]);
      expect([...buffer]).to.deep.equal([0, 0, 0, 0]);
    });

    it('should throw IOError when that is injected, and copy nothing', () => {
      const buffer = new Uint8Array(4);
      machine.faults.arm({ point: 'file', nth: 1, mode: 'once' });

      expect(thrownBy(() => sut.read(0n, buffer))).to.equal(IOError);
      expect([...buffer]).to.deep.equal([0, 0, 0, 0]);
    });
  });

  describe('write', () => {
    it('should copy an array to the file, not past its end', () => {
      const count = sut.write(4998n, Uint8Array.of(1, 2, 3));

      const buffer = new Uint8Array(4);
      sut.read(4997n, buffer);
      expect(count).to.equal(2);
      expect([...buffer]).to.deep.equal([fileByte(SEED, 4997), 1, 2, 0]);
      expect(sut.size()).to.equal(5000n);
    });

    it('should copy a page to the file', () => {
      const page = keos.Page.new();
      page.innerMut().fill(9);

      expect(sut.write(0n, page.inner())).to.equal(4096);
      expect(sut.write(9000n, page.inner())).to.equal(0);

      expect(bytesOf(sut.mmap(block(0n)), 0, 2)).to.deep.equal([9, 9]);
    });
  });

  for (const call of ['read', 'write'] as const) {
    describe(`misuse of ${call}`, () => {
      it('should panic: a position that is none', () => {
        expect(panicOf(() => sut[call](-1n, new Uint8Array(1)))).to.equal(
          `RegularFile.${call}: the position is -0x1, not an unsigned 64-bit bigint`,
        );
      });

      it('should panic: a buffer that is none', () => {
        expect(panicOf(() => sut[call](0n, new Uint16Array(1) as never))).to.equal(
          `RegularFile.${call}: the buffer is an object, not PageBytes or a Uint8Array`,
        );
      });

      it('should panic: the bytes of a page that was released', () => {
        const page = keos.Page.new();
        const bytes = page.innerMut();
        page.drop();

        expect(stopBy(() => sut[call](0n, bytes))).to.include({
          about: 'frames',
          message: `RegularFile.${call}: the frame 0x100000 was released`,
        });
      });
    });
  }
});
