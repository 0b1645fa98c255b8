import { expect } from 'chai';
import fc from 'fast-check';
import {
  fromLinear,
  hex,
  isCanonical,
  LOWER_HALF_END,
  SPAN,
  tableIndex,
  toLinear,
} from './address.ts';
import type { Level } from './page-table-entry.ts';

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const half = fc.bigInt({ min: 0n, max: 2n ** 47n - 1n });
const canonical = fc.oneof(
  half,
  half.map((low) => low + 0xffff_8000_0000_0000n),
);

describe('isCanonical', () => {
  it('should accept both halves up to their last byte', () => {
    const edges = [0n, 0x7fff_ffff_ffffn, 0xffff_8000_0000_0000n, 0xffff_ffff_ffff_ffffn];

    expect(edges.map(isCanonical)).to.deep.equal([true, true, true, true]);
  });

  it('should refuse the hole between the halves and what is no 64-bit value', () => {
    const outside = [0x8000_0000_0000n, 0xffff_7fff_ffff_ffffn, 1n << 63n, 1n << 64n, -1n];

    expect(outside.map(isCanonical)).to.deep.equal([false, false, false, false, false]);
  });

  it('should hold exactly when bits 63 to 47 are equal', () => {
    fc.assert(
      fc.property(fc.oneof(u64, canonical), (value) => {
        const top = value >> 47n;

        expect(isCanonical(value)).to.equal(top === 0n || top === 0x1_ffffn);
      }),
    );
  });
});

describe('toLinear', () => {
  it('should make the upper half negative', () => {
    expect(toLinear(0xffff_ffff_ffff_ffffn)).to.equal(-1);
    expect(toLinear(0xffff_8000_0000_0000n)).to.equal(-LOWER_HALF_END);
    expect(toLinear(0x7fff_ffff_ffffn)).to.equal(LOWER_HALF_END - 1);
  });

  it('should lose nothing: fromLinear gives the address back', () => {
    fc.assert(
      fc.property(canonical, (address) => {
        expect(fromLinear(toLinear(address))).to.equal(address);
      }),
    );
  });
});

describe('tableIndex', () => {
  it('should be nine bits of the address at every level', () => {
    fc.assert(
      fc.property(canonical, fc.constantFrom<Level>(1, 2, 3, 4), (address, level) => {
        const shift = 12n + 9n * BigInt(level - 1);

        expect(tableIndex(toLinear(address), level)).to.equal(Number((address >> shift) & 511n));
        expect(SPAN[level]).to.equal(Number(1n << shift));
      }),
    );
  });
});

describe('hex', () => {
  it('should write addresses as people read them', () => {
    expect([hex(0), hex(0x1000), hex(255n), hex(-255n)]).to.deep.equal([
      '0x0',
      '0x1000',
      '0xff',
      '-0xff',
    ]);
  });

  it('should write a signed linear address as its 64 bits', () => {
    expect(hex(-4096)).to.equal('0xfffffffffffff000');
  });
});
