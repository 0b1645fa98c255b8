import { expect } from 'chai';
import fc from 'fast-check';
import type { FileBlockNumber, Kva, Pa, Va } from '../../contract/keos.ts';
import { Machine } from '../machine.ts';
import { panicOf } from '../testing/endings.ts';
import { activate } from './active-machine.ts';
import { keos } from './index.ts';

const va = (value: bigint) => value as Va;
const pa = (value: bigint) => value as Pa;
const kva = (value: bigint) => value as Kva;
const block = (value: bigint) => value as FileBlockNumber;

const setUp = () => activate(new Machine());

/** Each call, on a fresh machine, must panic with its message. */
function itShouldPanic(cases: readonly (readonly [message: string, call: () => unknown])[]): void {
  for (const [message, call] of cases) {
    it(`should panic: ${message}`, () => {
      expect(panicOf(call)).to.equal(message);
    });
  }
}

describe('Va', () => {
  beforeEach(setUp);

  const { Va } = keos;

  it('should be made of canonical values only', () => {
    const values = [
      0n,
      0x7fff_ffff_ffffn,
      0x8000_0000_0000n,
      0xffff_8000_0000_0000n,
      -1n,
      1n << 64n,
    ];

    expect(values.map((value) => Va.new(value))).to.deep.equal([
      0n,
      0x7fff_ffff_ffffn,
      null,
      0xffff_8000_0000_0000n,
      null,
      null,
    ]);
  });

  it('should add and subtract', () => {
    expect(Va.add(va(0x1000n), 0x234n)).to.equal(0x1234n);
    expect(Va.sub(va(0x1234n), 0x234n)).to.equal(0x1000n);
  });

  it('should round to pages', () => {
    expect(Va.pageDown(va(0x1fffn))).to.equal(0x1000n);
    expect(Va.pageUp(va(0x1001n))).to.equal(0x2000n);
    expect([Va.pageDown(va(0x1000n)), Va.pageUp(va(0x1000n))]).to.deep.equal([0x1000n, 0x1000n]);
    expect(Va.offset(va(0x1234n))).to.equal(0x234n);
  });

  it('should be the start of its page plus its offset', () => {
    const user = fc.bigInt({ min: 0n, max: 0x7fff_ffff_f000n });

    fc.assert(
      fc.property(user.map(va), (address) => {
        expect(Va.add(Va.pageDown(address), Va.offset(address))).to.equal(address);
        expect(Va.pageUp(address) - Va.pageDown(address)).to.equal(
          Va.offset(address) === 0n ? 0n : 0x1000n,
        );
      }),
    );
  });

  itShouldPanic([
    ['Va.new: the value is "4096", not a bigint', () => Va.new('4096' as never)],
    [
      'Va.new: the value is 4096 (a number; bigint is needed: 4096n), not a bigint',
      () => Va.new(4096 as never),
    ],
    [
      'Va.add: the address is 0x800000000000, which is not a Va',
      () => Va.add(va(0x8000_0000_0000n), 0n),
    ],
    [
      'Va.add: the sum is 0x800000000000, which is not a Va',
      () => Va.add(va(0x7fff_ffff_f000n), 0x1000n),
    ],
    [
      'Va.add: the number of bytes is -0x1, not an unsigned 64-bit bigint',
      () => Va.add(va(0x1000n), -1n),
    ],
    ['Va.sub: the difference is -0x1, which is not a Va', () => Va.sub(va(0n), 1n)],
    [
      'Va.pageUp: the page boundary above is 0x800000000000, which is not a Va',
      () => Va.pageUp(va(0x7fff_ffff_f001n)),
    ],
    ['Va.pageDown: the address is null, which is not a Va', () => Va.pageDown(null as never)],
    ['Va.offset: the address is undefined, which is not a Va', () => Va.offset(undefined as never)],
  ]);
});

describe('Pa', () => {
  beforeEach(setUp);

  const { Pa } = keos;

  it('should have 52 bits', () => {
    expect(Pa.ZERO).to.equal(0n);
    expect([Pa.new((1n << 52n) - 1n), Pa.new(1n << 52n), Pa.new(-1n)]).to.deep.equal([
      (1n << 52n) - 1n,
      null,
      null,
    ]);
  });

  it('should be seen by the kernel in its direct map', () => {
    const seen = Pa.intoKva(pa(0x1234n));

    expect(seen).to.equal(0xffff_ff00_0000_1234n);
    expect(keos.Kva.intoPa(seen)).to.equal(0x1234n);
  });

  itShouldPanic([
    ["Pa.intoKva: 0x8000000000 is not in the kernel's direct map", () => Pa.intoKva(pa(1n << 39n))],
    [
      'Pa.add: the sum is 0x10000000000000, which is not a Pa',
      () => Pa.add(pa((1n << 52n) - 1n), 1n),
    ],
  ]);
});

describe('Kva', () => {
  beforeEach(setUp);

  const { Kva } = keos;

  it('should be in the upper half', () => {
    expect(Kva.new(0xffff_8000_0000_0000n)).to.equal(0xffff_8000_0000_0000n);
    expect([Kva.new(0x7fff_ffff_ffffn), Kva.new(1n << 64n)]).to.deep.equal([null, null]);
  });

  it('should be a Va too', () => {
    expect(Kva.intoVa(kva(0xffff_8000_0000_1000n))).to.equal(0xffff_8000_0000_1000n);
  });

  itShouldPanic([
    [
      "Kva.intoPa: 0xffff800000000000 is not in the kernel's direct map",
      () => Kva.intoPa(kva(0xffff_8000_0000_0000n)),
    ],
    [
      "Kva.intoPa: 0xffffff8000000000 is not in the kernel's direct map",
      () => Kva.intoPa(kva(0xffff_ff80_0000_0000n)),
    ],
    ['Kva.intoVa: 0x1000 is not a Kva', () => Kva.intoVa(kva(0x1000n))],
  ]);
});

describe('FileBlockNumber', () => {
  beforeEach(setUp);

  const { FileBlockNumber } = keos;

  it('should count blocks of 4096 bytes', () => {
    expect(FileBlockNumber.new(3n)).to.equal(3n);
    expect([0n, 0xfffn, 0x1000n].map((offset) => FileBlockNumber.fromOffset(offset))).to.deep.equal(
      [0n, 0n, 1n],
    );
    expect(FileBlockNumber.add(block(3n), 4n)).to.equal(7n);
  });

  itShouldPanic([
    [
      'FileBlockNumber.new: the number is -0x1, not an unsigned 64-bit bigint',
      () => FileBlockNumber.new(-1n),
    ],
    [
      'FileBlockNumber.fromOffset: the offset is true, not an unsigned 64-bit bigint',
      () => FileBlockNumber.fromOffset(true as never),
    ],
    [
      'FileBlockNumber.add: the block is an object, not an unsigned 64-bit bigint',
      () => FileBlockNumber.add({} as never, 1n),
    ],
    [
      'FileBlockNumber.add: the number of blocks is a function, not an unsigned 64-bit bigint',
      () => FileBlockNumber.add(block(1n), (() => 1n) as never),
    ],
    [
      'FileBlockNumber.add: the sum is 0x10000000000000000, not an unsigned 64-bit bigint',
      () => FileBlockNumber.add(block((1n << 64n) - 1n), 1n),
    ],
  ]);
});

describe('checks of arguments', () => {
  beforeEach(setUp);

  it('should run no code of the argument', () => {
    const trap = (): never => {
      throw new Error('ran');
    };
    const hostile = { toString: trap, valueOf: trap, [Symbol.toPrimitive]: trap };

    expect(panicOf(() => keos.Va.new(hostile as never))).to.equal(
      'Va.new: the value is an object, not a bigint',
    );
  });

  it('should cut long texts', () => {
    expect(panicOf(() => keos.Va.new('x'.repeat(1000) as never))).to.have.length.below(100);
  });
});
