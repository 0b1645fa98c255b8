import { expect } from 'chai';
import fc from 'fast-check';
import { KEOS_CONTROLS } from '../x86/access.ts';
import type { Level } from '../x86/page-table-entry.ts';
import { decodeEntry, sizeText } from './decoded-entry.ts';
import { hasReservedBit } from './walker.ts';

const LEVELS: readonly Level[] = [4, 3, 2, 1];

describe('decodeEntry', () => {
  it('should take the page-size bit for what it is at each level', () => {
    const decoded = LEVELS.map((level) => decodeEntry(0x4000_0081, 0, level, KEOS_CONTROLS));

    expect(decoded.map(({ leads, pageSize }) => [leads, pageSize])).to.deep.equal([
      ['to-table', null],
      ['to-page', 2 ** 30],
      ['to-page', 2 ** 21],
      ['to-page', 4096],
    ]);
    expect(decoded.map(({ flags }) => flags)).to.deep.equal([
      ['P', 'PS'],
      ['P', 'PS'],
      ['P', 'PS'],
      ['P', 'PAT'],
    ]);
    expect(decoded.map(({ pageSize }) => pageSize ?? 4096).map(sizeText)).to.deep.equal([
      '4 KiB',
      '1 GiB',
      '2 MiB',
      '4 KiB',
    ]);
  });

  it('should take bit 12 of a large page for PAT, and not for its address', () => {
    const { flags, target, reserved } = decodeEntry(0x4000_1081, 0, 2, KEOS_CONTROLS);

    expect(flags).to.include('PAT');
    expect([target, reserved]).to.deep.equal([0x4000_0000, []]);
  });

  it('should leave D and G of an entry that leads to a structure to software', () => {
    const { flags, available } = decodeEntry(0x1141, 0, 2, KEOS_CONTROLS);

    expect(flags).to.deep.equal(['P']);
    expect(available).to.deep.equal([6, 8]);
  });

  it('should know every bit: a flag, the address, available, or reserved', () => {
    const half = fc.nat(0xffff_ffff);
    const level = fc.constantFrom(...LEVELS);
    const controls = fc.record({ nxe: fc.boolean(), maxPhyAddr: fc.integer({ min: 36, max: 52 }) });
    fc.assert(
      fc.property(half, half, level, controls, (lo, hi, at, some) => {
        const rules = { ...KEOS_CONTROLS, ...some };
        const present = (lo | 1) >>> 0;
        const entry = decodeEntry(present, hi, at, rules);

        expect(entry.word).to.equal((BigInt(hi) << 32n) | BigInt(present));
        expect(entry.reserved.length > 0).to.equal(hasReservedBit(present, hi, at, rules));
        const names = entry.flags.map((flag) => (flag === 'PAT' && at > 1 ? 12n : BIT_OF[flag]));
        const bits = [
          ...names,
          ...entry.available.map(BigInt),
          ...entry.reserved.flatMap(({ bits }) => bits.map(BigInt)),
        ];
        const known = bits.reduce((word, bit) => word | (1n << bit), BigInt(entry.target));
        expect(known).to.equal(entry.word);
      }),
    );
  });

  it('should leave everything to software in an entry that is not present', () => {
    expect(decodeEntry(0x82, 0x8000_0000, 4, KEOS_CONTROLS)).to.deep.include({
      leads: 'nowhere',
      flags: [],
      available: [1, 7, 63],
      reserved: [],
    });
  });
});

const BIT_OF = {
  P: 0n,
  RW: 1n,
  US: 2n,
  PWT: 3n,
  PCD: 4n,
  A: 5n,
  D: 6n,
  PS: 7n,
  PAT: 7n,
  G: 8n,
  XD: 63n,
} as const;
