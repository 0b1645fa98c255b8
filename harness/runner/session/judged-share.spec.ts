import { expect } from 'chai';
import { JudgedShare } from './judged-share.ts';

describe('JudgedShare', () => {
  it('should be enough from a sixth of all operations on', () => {
    const sut = new JudgedShare();
    expect(sut.isEnough).to.equal(true);

    sut.add(50, 0);
    expect(sut.isEnough).to.equal(false);
    sut.add(52, 16);
    expect(sut.isEnough).to.equal(false);
    sut.add(6, 2);
    expect(sut.isEnough).to.equal(true);
    expect(sut.planned).to.equal(108);
  });
});
