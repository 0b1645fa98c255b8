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
