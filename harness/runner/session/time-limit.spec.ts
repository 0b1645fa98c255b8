import { expect } from 'chai';
import { TimeLimit } from './time-limit.ts';

const SLOW = (): Promise<boolean> => Promise.resolve(true);

/** A clock that stands still. */
function clock(): { now: () => number; at: number } {
  const it = { at: 1_000, now: (): number => it.at };
  return it;
}

/** Code that is not slow. */
function quick(): { readonly ask: () => Promise<boolean>; asked: number } {
  const it = {
    asked: 0,
    ask: (): Promise<boolean> => {
      it.asked++;
      return Promise.resolve(false);
    },
  };
  return it;
}

describe('TimeLimit', () => {
  it('should not ask before the limit', async () => {
    const time = clock();
    const code = quick();
    const sut = new TimeLimit({ limitMs: 500, now: time.now });
    time.at += 499;

    expect(await sut.isUp(code.ask)).to.equal(false);
    expect(code.asked).to.equal(0);
  });

  it('should be up for slow code from the limit on, for good', async () => {
    const time = clock();
    const sut = new TimeLimit({ limitMs: 500, now: time.now });
    expect(sut.isOver).to.equal(false);
    time.at += 500;

    expect(await sut.isUp(SLOW)).to.equal(true);
    expect(sut.isOver).to.equal(true);
    expect(await sut.isUp(quick().ask)).to.equal(true);
  });

  it('should never be up for code that is not slow, and ask again after a tenth of the limit', async () => {
    const time = clock();
    const code = quick();
    const sut = new TimeLimit({ limitMs: 500, now: time.now });
    for (let ms = 0; ms < 5_000; ms += 10) {
      time.at += 10;
      expect(await sut.isUp(code.ask)).to.equal(false);
    }

    expect(sut.isOver).to.equal(false);
    expect(code.asked).to.equal(91);
  });

  it('should count from the beginning that it is given', async () => {
    const time = clock();
    const first = new TimeLimit({ limitMs: 500, now: time.now });
    time.at += 400;
    const sut = new TimeLimit({ limitMs: 500, now: time.now }, first.start);
    time.at += 100;

    expect(await sut.isUp(SLOW)).to.equal(true);
    expect(first.isOver).to.equal(false);
  });
});
