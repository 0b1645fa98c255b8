import { expect } from 'chai';
import fc from 'fast-check';
import { copyFileBytes, fileByte, isHole } from './file-rule.ts';

describe('copyFileBytes', () => {
  const contents = fc.record({
    size: fc.nat(30_000),
    seed: fc.integer({ min: -1000, max: 100_000 }),
    sparse: fc.option(fc.constantFrom({ data: 1, hole: 2 }, { data: 0, hole: 1 }), {
      nil: undefined,
    }),
  });

  it('should copy each byte as the rule for one byte says, up to the end of the file', () => {
    fc.assert(
      fc.property(contents, fc.nat(30_000), fc.nat(10_000), (file, position, length) => {
        const { sparse, ...rest } = file;
        const spec = sparse === undefined ? rest : { ...rest, sparse };
        const target = new Uint8Array(length).fill(0xee);
        const count = copyFileBytes(spec, position, target);
        expect(count).to.equal(Math.max(0, Math.min(length, file.size - position)));
        for (const i of [0, 1, 4095, 4096, count - 1].filter((at) => at >= 0 && at < count)) {
          const at = position + i;
          const hole = isHole(sparse, Math.floor(at / 4096));
          expect(target[i]).to.equal(hole ? 0 : fileByte(file.seed, at));
        }
        expect(target.subarray(count).every((byte) => byte === 0xee)).to.equal(true);
      }),
    );
  });
});
