import { expect } from 'chai';
import { JudgedShare } from './judged-share.ts';

describe('JudgedShare', () => {
  it('should be enough from a quarter of all operations on', () => {
    const sut = new JudgedShare();
    expect(sut.isEnough).to.equal(true);

    sut.add(50, 0);
    expect(sut.isEnough).to.equal(false);
    sut.add(50, 24);
    expect(sut.isEnough).to.equal(false);
    sut.add(4, 2);
    expect(sut.isEnough).to.equal(true);
    expect(sut.planned).to.equal(104);
  });
});
