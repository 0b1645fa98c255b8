import { expect } from 'chai';
import fc from 'fast-check';
import { Machine } from '../machine.ts';
import { panicOf } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { ADDRESS_BITS } from './flags.ts';
import { keos } from './index.ts';

const SETS = ['Pml4eFlags', 'PdpeFlags', 'PdeFlags', 'PteFlags'] as const;

const setUp = () => activate(new Machine());

describe('flag sets', () => {
  beforeEach(setUp);

  it('should be frozen', () => {
    const sets = [...SETS.map((name) => keos[name]), keos.Permission, keos.PFErrorCode];

    expect(sets.every(Object.isFrozen)).to.equal(true);
    expect(keos.Permission.ALL_CASES).to.be.frozen;
  });

  it('should consist of single bits outside the address, each used once', () => {
    for (const name of SETS) {
      const bits = Object.values<bigint>({ ...keos[name] });

      expect(
        bits.every((bit) => bit > 0n && (bit & (bit - 1n)) === 0n),
        name,
      ).to.equal(true);
      expect(
        bits.every((bit) => (bit & ADDRESS_BITS) === 0n),
        name,
      ).to.equal(true);
      expect(new Set(bits), name).to.have.lengthOf(bits.length);
    }
  });

  it('should put the flags where the processor looks for them', () => {
    const { P, RW, US, A, D, XD } = keos.PteFlags;

    expect([P, RW, US, A, D, XD]).to.deep.equal([1n, 2n, 4n, 32n, 64n, 1n << 63n]);
    expect(keos.PdeFlags.PS).to.equal(0x80n);
  });

  it('should list all sixteen permissions', () => {
    const { READ, WRITE, EXECUTABLE, USER, ALL_CASES } = keos.Permission;

    expect(ALL_CASES).to.have.lengthOf(16);
    expect(ALL_CASES.at(-1)).to.equal(READ | WRITE | EXECUTABLE | USER);
  });
});

describe('contains', () => {
  beforeEach(setUp);

  const set = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

  it('should be true if every bit is there', () => {
    expect(keos.contains(3n, 1n)).to.equal(true);
    expect(keos.contains(3n, 5n)).to.equal(false);
    expect(keos.contains(0n, 0n)).to.equal(true);
  });

  it('should hold for a union and its parts', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        expect(keos.contains(a | b, a)).to.equal(true);
        expect(keos.contains(a, b)).to.equal((a | b) === a);
      }),
    );
  });

  it('should panic on what is no set', () => {
    expect(panicOf(() => keos.contains(3 as never, 1n))).to.equal(
      'contains: the set is 3 (a number; bigint is needed: 3n), not an unsigned 64-bit bigint',
    );
    activate(new Machine());
    expect(panicOf(() => keos.contains(3n, undefined as never))).to.equal(
      'contains: the flag is undefined, not an unsigned 64-bit bigint',
    );
  });
});
