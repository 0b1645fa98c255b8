import { expect } from 'chai';
import type { FileBlockNumber, Page, RegularFile } from '../../contract/keos.ts';
import { fileByte, type FileSpec } from '../../contract/file-rule.ts';
import { Machine } from '../machine.ts';
import type { StoredFile } from '../regular-file.ts';
import { panicOf, stopBy, thrownBy } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { closeFile, openFile } from './file.ts';
import { keos } from './index.ts';

const SEED = 3;
const { IOError, NoMemory } = keos.KernelError;
const block = (n: bigint) => n as FileBlockNumber;

let machine: Machine;
let stored: StoredFile;
let sut: RegularFile;

function setUp({ frames = 16, ...spec }: Partial<FileSpec> & { frames?: number } = {}): void {
  machine = new Machine({ frames });
  activate(machine);
  stored = machine.createFile({ size: 5000, seed: SEED, ...spec });
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
        ['mmap', IOError],
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

    it('should show a new owner, and that the rest is the cache', () => {
      const page = sut.mmap(block(0n));

      expect(machine.frames.get(Number(page.pa()) / 4096)?.owners).to.deep.equal({
        pages: 1,
        outside: 0,
        kernel: 'cache',
      });
    });

    it('should show the file anew once it was cut or replaced; old users keep what they have', () => {
      const before = sut.mmap(block(0n));

      stored.replace(SEED + 1);
      const replaced = sut.mmap(block(0n));
      stored.truncate(10);
      const cut = sut.mmap(block(0n));

      expect(bytesOf(before, 0, 12)).to.deep.equal(rule(0, 12));
      expect(bytesOf(replaced, 10, 11)).to.deep.equal([fileByte(SEED + 1, 10)]);
      expect(bytesOf(cut, 9, 11)).to.deep.equal([fileByte(SEED + 1, 9), 0]);
      expect(new Set([before, replaced, cut].map((page) => page.pa())).size).to.equal(3);
      expect([before, replaced, cut].map(referencesOf)).to.deep.equal([1, 1, 2]);
    });

    it('should still share the blocks before a cut', () => {
      const before = sut.mmap(block(0n));

      stored.truncate(4096);

      expect(sut.mmap(block(0n)).pa()).to.equal(before.pa());
    });

    it('should show what is written, to all users', () => {
      const [a, b] = [sut.mmap(block(0n)), sut.mmap(block(1n))];

      sut.write(4095n, Uint8Array.of(9, 8));

      expect([a.inner().get(4095), b.inner().get(0), b.inner().get(1)]).to.deep.equal([
        9,
        8,
        fileByte(SEED, 4097),
      ]);
      expect(b.inner().get(4095)).to.equal(0);
    });

    it('should give up cached pages that nobody uses when memory is short', () => {
      setUp({ cached: true, frames: 2 });
      sut.mmap(block(0n)).drop();
      const used = sut.mmap(block(1n));

      const fresh = keos.Page.new();

      expect(thrownBy(() => keos.Page.new())).to.equal(NoMemory);
      expect(sut.mmap(block(1n)).pa()).to.equal(used.pa());
      expect(thrownBy(() => sut.mmap(block(0n)))).to.equal(NoMemory);
      fresh.drop();
      expect(bytesOf(sut.mmap(block(0n)), 0, 1)).to.deep.equal(rule(0, 1));
    });

    it('should keep the frame until the cache is emptied', () => {
      sut.mmap(block(0n)).drop();
      const cached = machine.frames.live;

      machine.pageCache.clear();

      expect([cached, machine.frames.live]).to.deep.equal([1, 0]);
    });

    it('should throw the error that is injected, cached or not, and cache nothing then', () => {
      machine.faults.arm({ point: 'frame', nth: 1, mode: 'once' });
      expect(thrownBy(() => sut.mmap(block(0n)))).to.equal(NoMemory);
      const live = machine.frames.live;
      sut.mmap(block(0n));
      machine.faults.arm({ point: 'mmap', nth: 1, mode: 'once' });

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
      machine.faults.arm({ point: 'read', nth: 1, mode: 'once' });

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

  describe('of a file that gives few bytes at a time', () => {
    beforeEach(() => setUp({ readLimit: 100 }));

    it('should read short anywhere, and go on from there', () => {
      const buffer = new Uint8Array(250);

      const counts = [0, 100, 200].map((at) => sut.read(BigInt(at), buffer.subarray(at)));

      expect(counts).to.deep.equal([100, 100, 50]);
      expect([...buffer]).to.deep.equal(rule(0, 250));
    });

    it('should map whole blocks all the same', () => {
      expect(bytesOf(sut.mmap(block(0n)), 0, 4096)).to.deep.equal(rule(0, 4096));
    });
  });

  describe('of a file with a block that cannot be read', () => {
    for (const cached of [false, true]) {
      it(`should throw IOError for it every time, and own nothing${cached ? ' (cached)' : ''}`, () => {
        setUp({ unreadable: [1], cached });

        for (let i = 0; i < 2; i++) expect(thrownBy(() => sut.mmap(block(1n)))).to.equal(IOError);

        expect(machine.frames.live).to.equal(0);
        expect(machine.faults.fired).to.equal(true);
        expect(bytesOf(sut.mmap(block(0n)), 0, 1)).to.deep.equal(rule(0, 1));
        expect(() => sut.mmap(block(2n))).not.to.throw();
      });
    }

    it('should read up to it, then throw IOError and copy nothing', () => {
      setUp({ unreadable: [1] });
      const buffer = new Uint8Array(10);

      expect(sut.read(4090n, buffer)).to.equal(6);
      expect(thrownBy(() => sut.read(4096n, buffer.subarray(6)))).to.equal(IOError);

      expect([...buffer]).to.deep.equal([...rule(4090, 4096), 0, 0, 0, 0]);
      expect([sut.read(4096n, new Uint8Array(0)), sut.read(5000n, buffer)]).to.deep.equal([0, 0]);
    });
  });

  it('should reach the last block of 2^40 bytes', () => {
    setUp({ size: 2 ** 40, sparse: { data: 1, hole: 1 } });
    const last = 2 ** 28 - 1;

    const [hole, data] = [sut.mmap(block(BigInt(last))), sut.mmap(block(BigInt(last - 1)))];

    expect(sut.size()).to.equal(1n << 40n);
    expect(new Set(bytesOf(hole, 0, 4096))).to.deep.equal(new Set([0]));
    expect(bytesOf(data, 0, 8)).to.deep.equal(rule((last - 1) * 4096, (last - 1) * 4096 + 8));
  });

  describe('close and unlink', () => {
    it('should leave an unlinked file readable to open handles', () => {
      const [name] = machine.files.names;
      machine.files.unlink(name!);

      expect(machine.files.names).to.deep.equal([]);
      expect(sut.size()).to.equal(5000n);
      expect(bytesOf(sut.mmap(block(0n)), 0, 8)).to.deep.equal(rule(0, 8));
    });

    it('should panic: any use of a handle that was closed', () => {
      const uses: Readonly<Record<string, () => unknown>> = {
        ino: () => sut.ino(),
        size: () => sut.size(),
        mmap: () => sut.mmap(block(0n)),
        read: () => sut.read(0n, new Uint8Array(1)),
        write: () => sut.write(0n, new Uint8Array(1)),
        close: () => closeFile(sut),
      };
      for (const [call, use] of Object.entries(uses)) {
        setUp();
        closeFile(sut);

        expect(panicOf(use)).to.equal(
          `RegularFile.${call}: this handle on file 1 was closed before`,
        );
      }
    });

    it('should leave other handles of the file alone', () => {
      const other = openFile(stored);

      closeFile(sut);

      expect([other.size(), machine.files.openHandles(stored)]).to.deep.equal([5000n, 1]);
    });

    it('should drop the cached pages with the last handle of an unlinked file', () => {
      setUp({ cached: true });
      sut.mmap(block(0n)).drop();
      machine.files.unlink(machine.files.names[0]!);
      const kept = machine.frames.live;

      closeFile(sut);

      expect([kept, machine.frames.live]).to.deep.equal([1, 0]);
    });

    it('should refuse to close what is no handle', () => {
      expect(() => {
        closeFile({} as never);
      }).to.throw(TypeError);
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
