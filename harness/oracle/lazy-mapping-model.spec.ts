import { expect } from 'chai';
import { fileByte } from '../../reference/contract/file-rule.ts';
import type { FileVersion } from './model-region.ts';
import { LazyMappingModel, type Registration } from './lazy-mapping-model.ts';

const mapping = (start: bigint, size: bigint, more: Partial<Registration> = {}): LazyMappingModel =>
  new LazyMappingModel({ start, size, flags: 3n, file: null, offset: 0n, ...more });
const ofFile = (current: FileVersion, offset = 0n): LazyMappingModel =>
  mapping(0x1_0000n, 0x4000n, {
    file: { current, cached: false, past: [], stores: new Set() },
    offset,
  });

describe('LazyMappingModel', () => {
  it('should cover whole pages, and know what of them is its own', () => {
    const sut = mapping(0x1_0000n, 0x1800n);

    expect([0xffffn, 0x1_0000n, 0x1_1fffn, 0x1_2000n].map((at) => sut.covers(at))).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
    expect([0x1_17ffn, 0x1_1800n].map((at) => sut.isBeyond(at))).to.deep.equal([false, true]);
    expect([0x1_0000n, 0x1_1000n].map((page) => sut.isPartOf(page))).to.deep.equal([false, true]);
    expect([0x1_0000n, 0x1_17ffn, 0x1_0001n].map((at) => sut.isEdge(at))).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it('should cover nothing without a size', () => {
    expect(mapping(0x1_0000n, 0n).covers(0x1_0000n)).to.equal(false);
  });

  it('should meet what has a page or the start in common with it', () => {
    const sut = mapping(0x1_0000n, 0x1800n);

    expect(sut.meets(mapping(0x1_1000n, 0x1000n))).to.equal(true);
    expect(sut.meets(mapping(0x1_0000n, 0n))).to.equal(true);
    expect(sut.meets(mapping(0x1_2000n, 0x1000n))).to.equal(false);
    expect(sut.meets(mapping(0xf000n, 0x1000n))).to.equal(false);
  });

  it('should show the file from its offset on, and zeros behind its end', () => {
    const sut = ofFile({ size: 0x2345, seed: 7 }, 0x1010n);
    const contents = sut.contentsOf(0x1_1000n);

    expect(contents.expected(0)).to.equal(fileByte(7, 0x2010));
    expect(contents.expected(0x334)).to.equal(fileByte(7, 0x2344));
    expect(contents.expected(0x335)).to.equal(0);
    expect([0x334, 0x335].map((at) => sut.isPastEnd(0x1_1000n, at))).to.deep.equal([false, true]);
  });

  it('should show any version of the file since it was registered', () => {
    const sut = ofFile({ size: 0x1000, seed: 7 });
    sut.versions.push({ size: 0x1000, seed: 8 });
    const seen = [7, 8, 9].map((seed) => sut.contentsOf(0x1_0000n).mayHold(0, fileByte(seed, 0)));

    expect(seen).to.deep.equal([true, true, false]);
  });

  it('should know which pages cannot be read, whatever the offset', () => {
    const damaged = { size: 0x3000, seed: 7, unreadable: [1] };
    const pages = [0x1_0000n, 0x1_1000n, 0x1_2000n, 0x1_3000n];
    const unreadable = (offset: bigint): readonly boolean[] =>
      pages.map((page) => ofFile(damaged, offset).cannotBeRead(page));

    expect(unreadable(0n)).to.deep.equal([false, true, false, false]);
    expect(unreadable(0x800n)).to.deep.equal([true, true, false, false]);
    expect(unreadable(0x3000n)).to.deep.equal([false, false, false, false]);
    // The block has bytes that cannot be read, but none in this page.
    const short = ofFile({ size: 0x1800, seed: 7, unreadable: [1] }, 0x1900n);
    expect(short.cannotBeRead(0x1_0000n)).to.equal(false);
  });
});
