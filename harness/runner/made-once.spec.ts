import { expect } from 'chai';
import { MadeOnce } from './made-once.ts';

describe('MadeOnce', () => {
  it('should keep what was made, for those who wait for it, too', async () => {
    const sut = new MadeOnce<number>();
    let made = 0;
    const make = () => Promise.resolve(++made);

    const both = await Promise.all([sut.get(make), sut.get(make)]);

    expect([...both, await sut.get(make)]).to.deep.equal([1, 1, 1]);
  });

  it('should try again after a failure', async () => {
    const sut = new MadeOnce<number>();
    const failure = await sut.get(() => Promise.reject(new Error('no disk'))).catch(String);

    expect(failure).to.equal('Error: no disk');
    expect(await sut.get(() => Promise.resolve(2))).to.equal(2);
  });
});
