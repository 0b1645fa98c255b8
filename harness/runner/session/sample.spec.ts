import { expect } from 'chai';
import { Sample } from './sample.ts';

/** Which of `count` numbers a sample keeps. */
function kept(count: number, seed = 1): readonly number[] {
  const sut = new Sample<number>(seed);
  for (let nth = 0; nth < count; nth++) sut.offer(nth);
  return sut.items;
}

describe('Sample', () => {
  it('should keep everything while there is little', () => {
    expect(kept(3)).to.deep.equal([0, 1, 2]);
  });

  it('should keep eight of many, in the order in which they came', () => {
    const few = kept(300);

    expect(few).to.have.length(8);
    expect(few).to.deep.equal([...few].sort((a, b) => a - b));
    expect(new Set(few).size).to.equal(8);
  });

  it('should choose the same ones for the same seed, and others for another', () => {
    expect(kept(300, 5)).to.deep.equal(kept(300, 5));
    expect(kept(300, 5)).to.not.deep.equal(kept(300, 6));
  });

  it('should choose from everywhere', () => {
    const quarters = [0, 0, 0, 0];
    for (let seed = 0; seed < 200; seed++)
      for (const nth of kept(100, seed)) quarters[Math.floor(nth / 25)]!++;

    // 400 each are expected; 60 away is more than three standard deviations.
    for (const count of quarters) expect(count).to.be.within(340, 460);
  });
});
