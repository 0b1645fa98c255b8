import { expect } from 'chai';
import fc from 'fast-check';
import { extentOf, type MmapArguments, refusals } from './region-rules.ts';

const CALL: MmapArguments = {
  addr: '0xa000',
  size: '0x1000',
  prot: 9,
  offset: '0x0',
  fileSize: null,
};
const REGION = { start: 0xa000, pages: 2 };

const rulesOf = (call: Partial<MmapArguments>, regions = [REGION]): readonly string[] =>
  refusals({ ...CALL, ...call }, regions).map(
    ({ rule, exactly }) => `${rule}${exactly ? '!' : ''}`,
  );

describe('refusals', () => {
  const cases: readonly (readonly [string, Partial<MmapArguments>, readonly string[]])[] = [
    ['a free range', { addr: '0xc000' }, []],
    ['the page before a region', { addr: '0x9000' }, []],
    ['the range itself', {}, ['LP-3']],
    ['a range that runs into the region', { addr: '0x9000', size: '0x1001' }, ['LP-3']],
    ['a range around the region', { addr: '0x1000', size: '0x100000' }, ['LP-3']],
    ['the last page of user space', { addr: '0x7ffffffff000' }, []],
    ['one byte more', { addr: '0x7ffffffff000', size: '0x1001' }, ['LP-2!']],
    ['all that there is', { addr: '0x1000', size: '0xffffffffffffffff' }, ['LP-2!']],
    ['an address that is not canonical', { addr: '0x800000000000' }, ['LP-2!']],
    ['address 0', { addr: '0x0' }, ['LP-2!']],
    ['an unaligned address of the kernel', { addr: '0xffffff0000000008' }, ['LP-2!', 'LP-2!']],
    ['no READ', { addr: '0xc000', prot: 14 }, ['LP-4!']],
    ['an unaligned offset of a file', { addr: '0xc000', offset: '0x10', fileSize: 9 }, ['LP-4!']],
    ['an unaligned offset of nothing', { addr: '0xc000', offset: '0x10' }, []],
    ['an empty file', { addr: '0xc000', fileSize: 0 }, ['LP-3']],
    ['size 0', { addr: '0xc000', size: '0x0' }, ['LP-3']],
    ['several reasons at once', { addr: '0x0', size: '0x0', prot: 0 }, ['LP-2!', 'LP-4!', 'LP-3']],
    ['an overlap of a call that is bad anyway', { prot: 0 }, ['LP-4!']],
  ];
  for (const [what, call, wanted] of cases) {
    it(`should answer ${wanted.length === 0 ? 'nothing' : wanted.join(' and ')} for ${what}`, () => {
      expect(rulesOf(call)).to.deep.equal(wanted);
    });
  }

  it('should find an overlap exactly if some page is in both', () => {
    const page = fc.nat(20);
    fc.assert(
      fc.property(
        page,
        fc.integer({ min: 1, max: 0x5000 }),
        page,
        fc.integer({ min: 1, max: 5 }),
        (first, size, start, pages) => {
          const call = {
            addr: `0x${((first + 1) * 0x1000).toString(16)}`,
            size: `0x${size.toString(16)}`,
          } as const;
          const extent = extentOf(BigInt(call.addr), BigInt(call.size));
          const mine = Array.from({ length: extent.pages }, (_, i) => first + i);
          const shared = mine.some((each) => each >= start && each < start + pages);

          expect(rulesOf(call, [{ start: (start + 1) * 0x1000, pages }])).to.deep.equal(
            shared ? ['LP-3'] : [],
          );
        },
      ),
      { seed: 1 },
    );
  });
});
