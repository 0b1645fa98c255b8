import { expect } from 'chai';
import { Unseen } from './unseen.ts';

describe('Unseen', () => {
  it('should excuse the rules whose situations were missed every time', () => {
    const sut = new Unseen();
    sut.miss('LP-5', 'LP-6', 'LP-12');
    sut.miss('CW-2', 'CW-3');

    expect(sut.excused).to.deep.equal([
      { rule: 'LP-6', cause: 'LP-5', isUnseen: true },
      { rule: 'LP-12', cause: 'LP-5', isUnseen: true },
      { rule: 'CW-3', cause: 'CW-2', isUnseen: true },
    ]);
  });

  it('should excuse none whose situation has arisen, before or after', () => {
    const sut = new Unseen();
    sut.see('LP-6');
    sut.miss('LP-5', 'LP-6', 'LP-12');
    sut.see('LP-12');

    expect(sut.excused).to.deep.equal([]);
  });
});
