import { expect } from 'chai';
import fc from 'fast-check';
import { fileByte } from '../contract/file-rule.ts';
import { StoredFile } from './regular-file.ts';

function contents(file: StoredFile, position: number, length: number): number[] {
  const target = new Uint8Array(length);
  return [...target.subarray(0, file.read(position, target))];
}

const rule = (seed: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => fileByte(seed, from + i));

describe('fileByte', () => {
  it('should be a byte and never zero', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(2 ** 40), (seed, position) => {
        expect(fileByte(seed, position)).to.be.within(1, 255);
      }),
    );
  });

  it('should differ from block to block, and from seed to seed', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(200), fc.nat(4095), (seed, block, at) => {
        const byte = fileByte(seed, block * 4096 + at);

        expect(byte).not.to.equal(fileByte(seed, (block + 1) * 4096 + at));
        expect(byte).not.to.equal(fileByte(seed + 1, block * 4096 + at));
      }),
    );
  });
});

describe('StoredFile', () => {
  it('should contain what its rule says', () => {
    const sut = new StoredFile(1, { size: 10_000, seed: 3 });

    expect(sut).to.include({ ino: 1, cached: false, size: 10_000 });
    expect(contents(sut, 4090, 20)).to.deep.equal(rule(3, 4090, 4110));
  });

  it('should stop at its end', () => {
    const sut = new StoredFile(1, { size: 100, seed: 3, cached: true });

    expect(sut.cached).to.equal(true);
    expect(contents(sut, 95, 20)).to.deep.equal(rule(3, 95, 100));
    expect(contents(sut, 100, 20)).to.deep.equal([]);
    expect(contents(sut, 2 ** 60, 20)).to.deep.equal([]);
  });

  it('should leave alone what it does not fill', () => {
    const sut = new StoredFile(1, { size: 2, seed: 3 });
    const target = new Uint8Array(4).fill(0xee);

    sut.read(0, target);

    expect([...target.subarray(2)]).to.deep.equal([0xee, 0xee]);
  });

  it('should be cut and lengthened', () => {
    const sut = new StoredFile(1, { size: 100, seed: 3 });

    sut.truncate(10);
    const cut = contents(sut, 0, 100);
    sut.truncate(200);

    expect(cut).to.deep.equal(rule(3, 0, 10));
    expect(contents(sut, 0, 300)).to.deep.equal(rule(3, 0, 200));
  });

  it('should forget what was written past a cut', () => {
    const sut = new StoredFile(1, { size: 100, seed: 3 });
    sut.write(8, Uint8Array.of(9, 9, 9, 9));

    sut.truncate(10);
    sut.truncate(12);

    expect(contents(sut, 8, 100)).to.deep.equal([9, 9, ...rule(3, 10, 12)]);
  });

  it('should tell from which block on it has changed', () => {
    const told: (readonly [ino: number, block: number])[] = [];
    const sut = new StoredFile(5, { size: 10_000, seed: 3 }, ({ ino }, block) => {
      told.push([ino, block]);
    });

    sut.truncate(5000);
    sut.truncate(20_000);
    sut.truncate(8192);
    sut.replace(4);

    expect(told).to.deep.equal([
      [5, 1],
      [5, 1],
      [5, 2],
      [5, 0],
    ]);
  });

  it('should be empty', () => {
    const sut = new StoredFile(1, { size: 0, seed: 3, unreadable: 'all' });

    expect(contents(sut, 0, 10)).to.deep.equal([]);
    expect(sut.failsAt(0)).to.equal(false);
    expect(sut.write(0, Uint8Array.of(1))).to.equal(0);
  });

  it('should refuse to be made of nonsense', () => {
    const spec = { size: 10, seed: 1 };
    for (const more of [
      { size: -1 },
      { size: 0.5 },
      { size: 2 ** 53 },
      { readLimit: 0 },
      { readLimit: NaN },
      { sparse: { data: 0, hole: 0 } },
      { sparse: { data: -1, hole: 3 } },
    ]) {
      expect(() => new StoredFile(1, { ...spec, ...more }), JSON.stringify(more)).to.throw(
        RangeError,
      );
    }
  });

  describe('of 2^40 bytes', () => {
    const size = 2 ** 40;

    it('should cost nothing, and have bytes to its very end', () => {
      const sut = new StoredFile(1, { size: size - 5, seed: 3 });

      expect(sut.size).to.equal(size - 5);
      expect(contents(sut, size - 10, 20)).to.deep.equal(rule(3, size - 10, size - 5));
    });

    it('should keep what is written far out', () => {
      const sut = new StoredFile(1, { size, seed: 3, sparse: { data: 0, hole: 1 } });

      sut.write(size - 2, Uint8Array.of(9, 8, 7));

      expect(contents(sut, size - 4, 10)).to.deep.equal([0, 0, 9, 8]);
    });
  });

  describe('with holes', () => {
    it('should read as zero where its rule says so, also across the edges', () => {
      const sut = new StoredFile(1, { size: 6 * 4096, seed: 3, sparse: { data: 1, hole: 2 } });

      expect(contents(sut, 4095, 3)).to.deep.equal([fileByte(3, 4095), 0, 0]);
      expect(contents(sut, 3 * 4096 - 1, 2)).to.deep.equal([0, fileByte(3, 3 * 4096)]);
      expect(new Set(contents(sut, 4 * 4096, 8192))).to.deep.equal(new Set([0]));
    });

    it('should be filled by a write, and be a hole again when it is replaced', () => {
      const sut = new StoredFile(1, { size: 4096, seed: 3, sparse: { data: 0, hole: 1 } });

      sut.write(1, Uint8Array.of(5));
      const written = contents(sut, 0, 3);
      sut.replace(4);

      expect([written, contents(sut, 0, 3)]).to.deep.equal([
        [0, 5, 0],
        [0, 0, 0],
      ]);
    });
  });

  it('should give only so many bytes at a time, and all of them in the end', () => {
    const specs = fc.record({ size: fc.nat(9000), readLimit: fc.integer({ min: 1, max: 5000 }) });

    fc.assert(
      fc.property(specs, ({ size, readLimit }) => {
        const sut = new StoredFile(1, { size, seed: 3, readLimit });
        const all = new Uint8Array(size);
        let at = 0;
        for (let count = -1; count !== 0; at += count) {
          count = sut.read(at, all.subarray(at));
          expect(count).to.equal(Math.min(readLimit, size - at));
        }

        expect([...all]).to.deep.equal(rule(3, 0, size));
      }),
      { numRuns: 30 },
    );
  });

  describe('with blocks that cannot be read', () => {
    const sut = new StoredFile(1, { size: 10_000, seed: 3, unreadable: [1, 9] });

    it('should fail exactly there', () => {
      const places = [0, 4095, 4096, 8191, 8192, 9 * 4096];

      expect(places.filter((at) => sut.failsAt(at))).to.deep.equal([4096, 8191]);
    });

    it('should read up to them', () => {
      expect(contents(sut, 4090, 20)).to.deep.equal(rule(3, 4090, 4096));
      expect(contents(sut, 0, 20_000)).to.have.lengthOf(4096);
      expect(contents(sut, 5000, 20)).to.deep.equal([]);
      expect(contents(sut, 8192, 20_000)).to.have.lengthOf(10_000 - 8192);
    });

    it('should fail everywhere, up to the end', () => {
      const all = new StoredFile(1, { size: 10, seed: 3, unreadable: 'all' });

      expect([0, 9, 10].map((at) => all.failsAt(at))).to.deep.equal([true, true, false]);
    });
  });

  it('should keep its size when its contents are replaced', () => {
    const sut = new StoredFile(1, { size: 8, seed: 3 });
    sut.write(0, Uint8Array.of(9, 9));

    sut.replace(4);

    expect(contents(sut, 0, 100)).to.deep.equal(rule(4, 0, 8));
  });

  it('should read back what was written, and its rule elsewhere', () => {
    const position = fc.nat(80);
    const bytes = fc.uint8Array({ maxLength: 30 });

    fc.assert(
      fc.property(fc.array(fc.tuple(position, bytes), { maxLength: 5 }), (writes) => {
        const sut = new StoredFile(1, { size: 64, seed: 3 });
        const expected = rule(3, 0, 64);

        for (const [at, source] of writes) {
          const count = sut.write(at, source);
          expect(count).to.equal(Math.max(0, Math.min(source.length, 64 - at)));
          for (let i = 0; i < count; i++) expected[at + i] = source[i]!;
        }

        expect(contents(sut, 0, 100)).to.deep.equal(expected);
      }),
    );
  });
});
