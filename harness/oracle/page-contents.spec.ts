import { expect } from 'chai';
import fc from 'fast-check';
import { PageContents } from './page-contents.ts';

const page = (byte: number): Uint8Array => new Uint8Array(4096).fill(byte);

describe('PageContents', () => {
  it('should see any of the candidates at first', () => {
    for (const byte of [1, 2])
      expect(new PageContents([page(1), page(2)]).sees(0, byte)).to.equal(true);
    expect(new PageContents([page(1), page(2)]).sees(0, 3)).to.equal(false);
  });

  it('should stay with the candidate that was seen', () => {
    const sut = new PageContents([page(1), page(2)]);

    expect(sut.sees(0, 2)).to.equal(true);
    expect(sut.sees(9, 1)).to.equal(false);
    expect(sut.expected(9)).to.equal(2);
  });

  it('should decide nothing when it is only asked', () => {
    const sut = new PageContents([page(1), page(2)]);

    expect(sut.mayHold(0, 2)).to.equal(true);
    expect(sut.mayHold(0, 3)).to.equal(false);
    expect(sut.sees(0, 1)).to.equal(true);
  });

  it('should decide nothing by a byte that no candidate has', () => {
    const sut = new PageContents([page(1), page(2)]);

    expect(sut.sees(0, 3)).to.equal(false);
    expect(sut.sees(0, 2)).to.equal(true);
  });

  it('should show what was written, whatever was there before', () => {
    fc.assert(
      fc.property(fc.nat(4095), fc.nat(4096), fc.nat(255), fc.nat(4095), (start, end, byte, at) => {
        const sut = new PageContents([page(1), page(2)]);
        sut.write(start, end, byte);
        const inside = at >= start && at < end;

        expect(sut.sees(at, inside ? byte : 2)).to.equal(true);
        expect(sut.expected(at)).to.equal(inside ? byte : 2);
      }),
      { seed: 1 },
    );
  });

  it('should leave a copy alone', () => {
    const sut = new PageContents([page(1)]);
    const copy = sut.copy();
    sut.write(0, 10, 9);

    expect(copy.expected(0)).to.equal(1);
  });

  describe('of a page that was found wrong', () => {
    const forgotten = (): PageContents => {
      const sut = new PageContents([page(1)]);
      sut.forget();
      return sut;
    };

    it('should take every byte for right, before and after a write', () => {
      fc.assert(
        fc.property(fc.nat(4095), fc.nat(255), fc.nat(255), (at, written, seen) => {
          const sut = forgotten();

          expect(sut.sees(at, seen)).to.equal(true);
          sut.write(0, 4096, written);
          expect(sut.sees(at, seen)).to.equal(true);
        }),
        { seed: 1 },
      );
    });

    it('should be no source of bytes that turn up elsewhere', () => {
      expect(forgotten().mayHold(0, 1)).to.equal(false);
    });

    it('should stay forgotten in a copy, and leave the original of a copy alone', () => {
      const known = new PageContents([page(1)]);
      const copy = known.copy();
      copy.forget();

      expect(forgotten().copy().sees(0, 9)).to.equal(true);
      expect(known.sees(0, 9)).to.equal(false);
    });
  });
});
